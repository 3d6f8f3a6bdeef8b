"""The real engine: the Docker SDK for looking and for single containers, Compose for the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from qlocal.compose.given import Image
from qlocal.compose.naming import (
    LABEL_ENVIRONMENT,
    LABEL_SERVICE,
    LABEL_TYPE,
    LABEL_VERSION,
)
from qlocal.compose.readiness import Readiness
from qlocal.compose.wanted import Volume
from qlocal.engine import (
    ComposeFile,
    Event,
    Kind,
    LogLine,
    LogQuery,
    OneOff,
    Report,
    Session,
    probes,
)
from qlocal.engine.failures import failure_of_pull, translated
from qlocal.engine.observing import container_from, volume_from
from qlocal.plan.facts import Autopsy, Container, Observed

if TYPE_CHECKING:
    import docker

_EARLY_PROBES = (1, 44)  # API version of Engine 25
_ONE_OFF = "com.docker.compose.oneoff"

T = TypeVar("T")


class DockerEngine:
    """Talks to the engine on first use. Raises EngineUnavailable when it does not answer."""

    @cached_property
    def _client(self) -> "docker.DockerClient":
        from qlocal.engine.connection import client

        return client()

    @property
    def probes_early(self) -> bool:
        with translated("asking the engine for its version"):
            version = self._client.api.api_version
        return tuple(int(part) for part in version.split(".")) >= _EARLY_PROBES

    def observe(self, environment: str) -> Observed:
        labelled = {"label": f"{LABEL_ENVIRONMENT}={environment}"}
        containers, one_offs = self._containers(environment)
        with translated("looking at volumes and networks"):
            volumes = self._client.api.volumes(filters=labelled).get("Volumes") or []
            networks = self._client.api.networks(filters=labelled)
        return Observed(
            containers=containers,
            one_offs=one_offs,
            volumes=tuple(volume_from(raw) for raw in volumes),
            networks=tuple(network["Name"] for network in networks),
        )

    def containers(self, environment: str) -> tuple[Container, ...]:
        return self._containers(environment)[0]

    def _containers(self, environment: str) -> tuple[tuple[Container, ...], tuple[Container, ...]]:
        """Those of the services, and the one-offs."""
        labelled = {"label": f"{LABEL_ENVIRONMENT}={environment}"}
        with translated("looking at the containers"):
            rows = self._client.api.containers(all=True, filters=labelled)
        found = [container_from(raw) for raw in rows]
        return (
            tuple(one for one in found if one.labels.get(_ONE_OFF) != "True"),
            tuple(one for one in found if one.labels.get(_ONE_OFF) == "True"),
        )

    def images(self, references: Sequence[str]) -> frozenset[str]:
        import docker.errors

        def is_here(reference: str) -> bool:
            try:
                self._client.images.get(reference)
            except docker.errors.ImageNotFound:
                return False
            return True

        with translated("looking at the images"):
            return frozenset(reference for reference in references if is_here(reference))

    def provide(self, reference: str, service_type: str, report: Report) -> None:  # noqa: ARG002
        import docker.errors

        report(Event(kind=Kind.STEP, subject=reference, text="pulling"))
        with translated(f"pulling `{reference}`"):
            try:
                name, tag = _split(reference)
                for line in self._client.api.pull(name, tag=tag, stream=True, decode=True):
                    if "error" in line:
                        raise failure_of_pull(reference, line["error"])
                    text = " ".join(
                        str(line[key]) for key in ("id", "status", "progress") if line.get(key)
                    )
                    report(Event(kind=Kind.PROGRESS, subject=reference, text=text))
            except docker.errors.APIError as error:
                raise failure_of_pull(reference, str(error.explanation or error)) from error

    def stand_in(self, reference: str, service_type: str, report: Report) -> Image:
        from qlocal.engine.stand_in import build_stand_in

        def say(line: str) -> None:
            report(Event(kind=Kind.PROGRESS, subject=reference, text=line))

        with translated(f"building a stand-in for `{reference}`"):
            built = build_stand_in(self._client, reference, service_type or None, say)
        return Image(requested=reference, reference=built.reference, version=built.version)

    def build(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        from qlocal.engine import composing

        composing.build(file, services, report)

    def create(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        from qlocal.engine import composing

        composing.create(file, services, report)

    def create_volume(self, volume: Volume, labels: Mapping[str, str]) -> None:
        more = {LABEL_SERVICE: volume.service, LABEL_TYPE: volume.type}
        if volume.version:
            more[LABEL_VERSION] = volume.version
        with translated(f"creating volume `{volume.name}`"):
            self._client.api.create_volume(volume.name, labels={**labels, **more})

    def start(self, containers: Sequence[str]) -> None:
        with translated("starting"):
            self._each(self._client.api.start, containers)

    def stop(self, containers: Sequence[str]) -> None:
        import docker.errors

        def stop(container: str) -> None:
            try:
                self._client.containers.get(container).stop()
            except docker.errors.NotFound:
                return

        with translated("stopping"):
            self._each(stop, containers)

    def remove(
        self,
        *,
        containers: Sequence[str] = (),
        networks: Sequence[str] = (),
        volumes: Sequence[str] = (),
    ) -> None:
        api = self._client.api
        with translated("removing"):
            self._each(_unless_gone(lambda it: api.remove_container(it, v=True)), containers)
            self._each(_unless_gone(api.remove_network), networks)
            self._each(_unless_gone(api.remove_volume), volumes)

    def answers(self, container: Container, readiness: Readiness) -> bool:
        return probes.answers(container, readiness)

    def restarts(self, container: str) -> int:
        import docker.errors

        with translated("inspecting"):
            try:
                return int(self._client.api.inspect_container(container).get("RestartCount", 0))
            except docker.errors.NotFound:
                return 0

    def port_is_free(self, port: int) -> bool:
        return probes.can_bind(port)

    def owner_of_port(self, port: int) -> str:
        from qlocal.engine.host.ports import owner_of

        return owner_of(port)

    def autopsy(self, container: str) -> Autopsy:
        with translated("inspecting"):
            raw = self._client.api.inspect_container(container)
            state = raw["State"]
            text = self._last_words(container, state.get("StartedAt", ""))
        health = (state.get("Health") or {}).get("Log") or []
        output = health[-1].get("Output", "").strip() if health else ""
        return Autopsy(
            # While it waits to be restarted it counts as running, with the code of its last end.
            exit_code=state.get("ExitCode")
            if state.get("Restarting") or not state.get("Running")
            else None,
            out_of_memory=bool(state.get("OOMKilled")),
            restarts=int(raw.get("RestartCount", 0)),
            error=state.get("Error", ""),
            health_output=output,
            last_lines=tuple(text.decode("utf-8", "replace").splitlines()),
        )

    def _last_words(self, container: str, started: str) -> bytes:
        """Of its last start, where that has said anything yet."""
        from datetime import datetime

        since = datetime.fromisoformat(started).timestamp() if started else None
        said: bytes = self._client.api.logs(container, tail=20, since=since)
        return said or self._client.api.logs(container, tail=20)

    def logs(self, containers: Sequence[Container], query: LogQuery) -> Iterator[LogLine]:
        from qlocal.engine.logs import read_logs

        return read_logs(self._client, containers, query)

    def context_digest(self, root: str, dockerfile: str, memory: dict[str, Any]) -> str:
        from qlocal.engine.context import context_digest

        return context_digest(root, dockerfile, memory)

    def exec(self, container: str, session: Session) -> int:
        from qlocal.engine.attaching import run_in

        return run_in(self._client, container, session)

    def create_one_off(self, one_off: OneOff) -> str:
        from qlocal.engine.attaching import create_one_off

        return create_one_off(self._client, one_off)

    def attend(self, container: str, *, tty: bool) -> int:
        from qlocal.engine.attaching import attend

        return attend(self._client, container, tty=tty)

    def forward(self, container: Container, port: int, opened: Callable[[int], None]) -> None:
        from qlocal.engine.reaching import forward

        forward(container, port, opened)

    def why_unreachable(self, host: str, port: int) -> str:
        from qlocal.engine.reaching import why_unreachable

        return why_unreachable(self._client, host, port)

    def _each(self, act: Callable[[str], T], names: Sequence[str]) -> list[T]:
        """All at once; the first failure is raised when all have ended."""
        if len(names) < 2:
            return [act(name) for name in names]
        with ThreadPoolExecutor(max_workers=min(16, len(names))) as pool:
            return list(pool.map(act, names))


def _unless_gone(act: Callable[[str], object]) -> Callable[[str], None]:
    import docker.errors

    def attempt(name: str) -> None:
        try:
            act(name)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            # Somebody else is at it: two `down`, or one and the end of a `run`.
            if "already in progress" not in str(error.explanation):
                raise

    return attempt


def _split(reference: str) -> tuple[str, str]:
    """`name`, `tag`: a colon before the last slash is a port. A digest stays with the name."""
    if "@" in reference:
        return reference, ""
    name, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:
        return reference, "latest"
    return name, tag
