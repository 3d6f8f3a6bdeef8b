"""An engine in memory. It passes `tests/contract`, so that what is tested on it can be believed.

Containers are made from the compose.yaml on disk, as the real engine's are. Time is counted in
looks: each `containers()` is one, and programs start, get healthy or die again from look to look.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qlocal.compose.given import Image
from qlocal.compose.naming import (
    LABEL,
    LABEL_DIGEST,
    LABEL_ENVIRONMENT,
    LABEL_SERVICE,
    LABEL_STORE,
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
)
from qlocal.engine.context import context_digest
from qlocal.engine.probes import can_bind
from qlocal.errors import (
    BuildFailed,
    EngineError,
    EngineUnavailable,
    Failure,
    ImageNotFound,
    PortTaken,
    RegistryUnreachable,
)
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.plan.facts import Autopsy, Container, Observed, ObservedVolume
from qlocal.services import catalogue

# The one in C is ten times as fast, and not everywhere.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ONE_OFF = "com.docker.compose.oneoff"
STAND_IN_VERSIONS = {"postgresql": "15.19", "redis": "7.0.15"}
LOOKING = (
    "probes_early", "observe", "containers", "images", "answers", "restarts", "port_is_free",
    "owner_of_port", "autopsy", "logs", "context_digest", "why_unreachable",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a container does once it is started. `listens` None is on every port, () on none.

    `ends_with` is the exit code of a program that ends at once. Healthchecks succeed from the
    `healthy_after`th look on; None is never, and then the container becomes unhealthy.
    """

    listens: tuple[int, ...] | None = None
    loopback_only: bool = False
    http: Mapping[str, int] = field(default_factory=dict)
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    ends_with: int | None = None
    out_of_memory: bool = False
    healthy_after: int | None = 2
    health_output: str = ""

    def accepts(self, readiness: Readiness) -> bool:
        if not readiness.port or self.loopback_only:
            return False
        if self.listens is not None and readiness.port not in self.listens:
            return False
        return not readiness.path or 200 <= self.http.get(readiness.path, 404) < 400


@dataclass(slots=True, kw_only=True)
class _Container:
    id: str
    name: str
    service: str
    image: str
    labels: Mapping[str, str]
    program: Program
    published: Mapping[int, int]
    has_healthcheck: bool
    restarts_itself: bool
    state: str = "created"
    exit_code: int | None = None
    looks: int = 0
    restarts: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def health(self) -> str:
        if not self.has_healthcheck or self.state != "running":
            return ""
        after = self.program.healthy_after
        if after is None:
            return "unhealthy" if self.looks > 2 else "starting"
        return "healthy" if self.looks >= after else "starting"

    @property
    def is_one_off(self) -> bool:
        return self.labels.get(ONE_OFF) == "True"

    @property
    def is_alive(self) -> bool:
        return self.state in ("running", "restarting")

    def seen(self) -> Container:
        running = self.state == "running"
        return Container(
            id=self.id,
            name=self.name,
            service=self.service,
            image=self.image,
            state=self.state,
            health=self.health,
            exit_code=self.exit_code if self.state == "exited" else None,
            status=f"Exited ({self.exit_code})" if self.state == "exited" else self.state,
            digest=self.labels.get(LABEL_DIGEST, ""),
            labels=self.labels,
            addresses=("192.0.2.1",) if running else (),
            ports=dict(self.published) if running else {},
        )


@dataclass(slots=True, kw_only=True)
class _Volume:
    name: str
    labels: Mapping[str, str]


@dataclass(slots=True)
class FakeEngine:
    """`registry` are the images that can be pulled; None where no registry can be reached.
    `programs` go by service name, or by a container's whole command. `broken_builds` are lines
    of a build that fails, by service; `exit_codes` are those of sessions, by their whole command;
    `unreachable` says why a server cannot be reached. After `calls_left` calls the engine is gone.
    """

    registry: set[str] | None = None
    here: set[str] = field(default_factory=set)
    programs: dict[str, Program] = field(default_factory=dict)
    broken_builds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    taken_ports: dict[int, str] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)
    unreachable: dict[tuple[str, int], str] = field(default_factory=dict)
    calls_left: int | None = None
    early: bool = True
    calls: list[str] = field(default_factory=list)
    made: list[_Container] = field(default_factory=list)
    volumes: dict[str, _Volume] = field(default_factory=dict)
    networks: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _alone: threading.RLock = field(default_factory=threading.RLock)

    # What tests do to it.

    @property
    def changes(self) -> list[str]:
        """The calls that were not just looking."""
        return [call for call in self.calls if call.partition(" ")[0] not in LOOKING]

    def the(self, service: str) -> _Container:
        """The newest container of a service."""
        return next(one for one in reversed(self.made) if one.service == service)

    def kill(self, service: str, exit_code: int = 137) -> None:
        """From outside, and for good."""
        self._end(self.the(service), exit_code)

    # The engine.

    @property
    def probes_early(self) -> bool:
        self._called("probes_early")
        return self.early

    def observe(self, environment: str) -> Observed:
        self._called("observe")
        return Observed(
            containers=self._look(environment),
            one_offs=tuple(
                one.seen()
                for one in self.made
                if _is_of(one.labels, environment) and one.is_one_off
            ),
            volumes=tuple(
                _seen_volume(one)
                for one in self.volumes.values()
                if _is_of(one.labels, environment)
            ),
            networks=tuple(
                name for name, labels in self.networks.items() if _is_of(labels, environment)
            ),
        )

    def containers(self, environment: str) -> tuple[Container, ...]:
        self._called("containers")
        return self._look(environment)

    def images(self, references: Sequence[str]) -> frozenset[str]:
        self._called("images")
        return frozenset(self.here.intersection(references))

    def provide(self, reference: str, service_type: str, report: Report) -> None:
        self._called(f"provide {reference}")
        report(Event(kind=Kind.STEP, subject=reference, text="pulling"))
        if self.registry is None or reference.partition("/")[0].endswith(".invalid"):
            raise RegistryUnreachable(f"no registry answers for `{reference}`: no such host")
        if reference not in self.registry:
            raise ImageNotFound(f"there is no image `{reference}`: manifest unknown")
        self.here.add(reference)

    def stand_in(self, reference: str, service_type: str, report: Report) -> Image:
        self._called(f"stand_in {reference}")
        report(Event(kind=Kind.PROGRESS, subject=reference, text="building"))
        if service_type and not catalogue()[service_type].packaged:
            raise EngineError(f"`{reference}` cannot be made from Debian packages")
        if not service_type and reference.partition(":")[0] != "debian":
            raise EngineError(f"of the images in FROM lines only `debian` can, not `{reference}`")
        made = f"qlocal.local/{service_type or 'debian'}:fake"
        self.here.add(made)
        version = STAND_IN_VERSIONS.get(service_type, "12.12")
        return Image(requested=reference, reference=made, version=version)

    def build(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        self._called(f"build {' '.join(services)}")
        for name, service in _services(_document(file), services).items():
            build = service["build"]
            if lines := self.broken_builds.get(name) or self._without_base(build):
                for line in lines:
                    report(Event(kind=Kind.PROGRESS, subject="build", text=line))
                failure = Failure(service=name, phase="build", what=lines[-1], evidence=lines)
                raise BuildFailed(f"building `{name}` failed", failure=failure)
            report(Event(kind=Kind.PROGRESS, subject="build", text=f"building {name}"))
            self.here.add(service["image"])

    def create_volume(self, volume: Volume, labels: Mapping[str, str]) -> None:
        self._called(f"create_volume {volume.name}")
        more = {LABEL_SERVICE: volume.service, LABEL_TYPE: volume.type}
        if volume.version:
            more[LABEL_VERSION] = volume.version
        self.volumes.setdefault(
            volume.name, _Volume(name=volume.name, labels={LABEL: "1", **labels, **more})
        )

    def create(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        self._called(f"create {' '.join(services)}")
        document = _document(file)
        found = _services(document, services)
        for volume in document.get("volumes", {}).values():
            if volume["name"] not in self.volumes:
                raise EngineError(f'external volume "{volume["name"]}" not found')
        for service in found.values():
            if service["image"] not in self.here:
                raise EngineError(f"creating the containers failed: no image {service['image']}")
        labels = document.get("networks", {}).get("default", {}).get("labels", {})
        self.networks[f"{file.project}_default"] = labels
        with self._alone:
            for name, service in found.items():
                self._take_away(file.project, name)
                self.made.append(self._container(file.project, name, service))
                report(Event(kind=Kind.PROGRESS, subject="create", text=f"{name} created"))

    def start(self, containers: Sequence[str]) -> None:
        self._called(f"start {' '.join(self._names(containers))}")
        for container in self._found(containers):
            if container.is_alive:
                continue
            for port in container.published.values():
                if not self._port_is_free(port):
                    raise PortTaken(f"port {port} is taken: port is already allocated")
            container.state, container.exit_code = "running", None
            container.looks = container.restarts = 0
            container.ended.clear()

    def stop(self, containers: Sequence[str]) -> None:
        self._called(f"stop {' '.join(self._names(containers))}")
        for container in self._found(containers, gone_is_fine=True):
            if container.is_alive:
                ends_with = container.program.ends_with
                self._end(container, 143 if ends_with is None else ends_with)

    def remove(
        self,
        *,
        containers: Sequence[str] = (),
        networks: Sequence[str] = (),
        volumes: Sequence[str] = (),
    ) -> None:
        self._called(f"remove {' '.join((*self._names(containers), *networks, *volumes))}")
        for container in self._found(containers, gone_is_fine=True):
            if container.is_alive:
                raise EngineError("removing failed: the container is running")
            self.made.remove(container)
        for name in networks:
            self.networks.pop(name, None)
        for name in volumes:
            self.volumes.pop(name, None)

    def answers(self, container: Container, readiness: Readiness) -> bool:
        self._called("answers")
        found = self._find(container.id)
        return bool(found and found.state == "running" and found.program.accepts(readiness))

    def restarts(self, container: str) -> int:
        self._called("restarts")
        return self._found([container])[0].restarts

    def port_is_free(self, port: int) -> bool:
        self._called("port_is_free")
        return self._port_is_free(port)

    def owner_of_port(self, port: int) -> str:
        self._called("owner_of_port")
        return self.taken_ports.get(port, "")

    def autopsy(self, container: str) -> Autopsy:
        self._called("autopsy")
        it = self._found([container])[0]
        return Autopsy(
            exit_code=None if it.state == "running" else it.exit_code,
            out_of_memory=it.program.out_of_memory,
            restarts=it.restarts,
            health_output=it.program.health_output if it.has_healthcheck else "",
            last_lines=(*it.program.out, *it.program.err)[-20:],
        )

    def logs(self, containers: Sequence[Container], query: LogQuery) -> Iterator[LogLine]:
        self._called("logs")
        for container in containers:
            it = self._found([container.id])[0]
            lines = (*it.program.out, *it.program.err)
            for line in lines[len(lines) - query.tail :] if query.tail is not None else lines:
                yield LogLine(service=it.service, text=line, time="2024-01-01T00:00:00.000000000Z")
        if query.follow:
            for it in self._found([container.id for container in containers]):
                it.ended.wait()

    def context_digest(self, root: str, dockerfile: str, memory: dict[str, Any]) -> str:
        """Files on this machine are no business of an engine: the real function."""
        self._called("context_digest")
        return context_digest(root, dockerfile, memory)

    def exec(self, container: str, session: Session) -> int:
        self._called(f"exec {' '.join(session.command)}")
        if self._found([container])[0].state != "running":
            raise EngineError(f"container {container} is not running")
        return self.exit_codes.get(" ".join(session.command), 0)

    def create_one_off(self, one_off: OneOff) -> str:
        self._called(f"create_one_off {one_off.service.name}")
        service, project = one_off.service, one_off.project
        if service.image not in self.here:
            raise EngineError(f"No such image: {service.image}")
        command = " ".join(one_off.session.command or service.command)
        self.networks.setdefault(f"{project.name}_default", project.labels)
        made = _Container(
            id=f"{next(self._ids):064x}",
            name=one_off.name,
            service=service.name,
            image=service.image,
            labels={**service.labels, **one_off.labels, ONE_OFF: "True"},
            program=Program(listens=(), ends_with=self.exit_codes.get(command, 0)),
            published={},
            has_healthcheck=False,
            restarts_itself=False,
        )
        self.made.append(made)
        return made.id

    def attend(self, container: str, *, tty: bool) -> int:
        self._called("attend")
        it = self._found([container])[0]
        code = it.program.ends_with or 0
        self._end(it, code)
        return code

    def forward(self, container: Container, port: int, opened: Callable[[int], None]) -> None:
        """Nobody waits here for Ctrl-C."""
        self._called(f"forward {container.service} {port}")
        it = self._find(container.id)
        if not it or not it.program.accepts(Readiness(port=port, timeout=1)):
            raise EngineError(f"port {port} of `{container.service}` cannot be reached")
        opened(49152)

    def why_unreachable(self, host: str, port: int) -> str:
        self._called(f"why_unreachable {host} {port}")
        return self.unreachable.get((host, port), "")

    # Inside.

    def _called(self, call: str) -> None:
        with self._alone:
            self.calls.append(call.strip())
            if self.calls_left is not None:
                self.calls_left -= 1
                if self.calls_left < 0:
                    raise EngineUnavailable("no Docker Engine answers")

    def _look(self, environment: str) -> tuple[Container, ...]:
        """Newest first, as the engine lists them."""
        with self._alone:
            found = [one for one in self.made if _is_of(one.labels, environment)]
            for container in found:
                self._pass_time(container)
            return tuple(one.seen() for one in reversed(found) if one.labels.get(ONE_OFF) != "True")

    def _pass_time(self, container: _Container) -> None:
        if not container.is_alive:
            return
        container.looks += 1
        ends_with = container.program.ends_with
        if ends_with is None:
            return
        if not container.restarts_itself:
            self._end(container, ends_with)
            return
        container.state, container.exit_code = "restarting", ends_with
        container.restarts += 1

    def _end(self, container: _Container, exit_code: int) -> None:
        container.state, container.exit_code = "exited", exit_code
        container.ended.set()

    def _take_away(self, project: str, service: str) -> None:
        old = [
            one
            for one in self.made
            if one.service == service and _is_of(one.labels, project) and not one.is_one_off
        ]
        for container in old:
            self._end(container, 143)
            self.made.remove(container)

    def _container(self, project: str, name: str, service: Mapping[str, Any]) -> _Container:
        command = " ".join(service.get("command", ()))
        program = self.programs.get(command) or self.programs.get(name) or Program()
        return _Container(
            id=f"{next(self._ids):064x}",
            name=f"{project}-{name}-1",
            service=name,
            image=service["image"],
            labels=service["labels"],
            program=program,
            published=dict(_published(port) for port in service.get("ports", ())),
            has_healthcheck="healthcheck" in service,
            restarts_itself=service.get("restart", "no") != "no",
        )

    def _without_base(self, build: Mapping[str, Any]) -> tuple[str, ...]:
        """What the builder says when an image of a FROM line is neither here nor replaced."""
        dockerfile = Path(build["context"], build["dockerfile"]).read_text("utf-8")
        contexts: Mapping[str, str] = build.get("additional_contexts", {})
        for base in read_dockerfile(dockerfile).bases:
            reference = contexts.get(base, base).removeprefix("docker-image://")
            if reference not in self.here and reference not in (self.registry or ()):
                return (f"failed to solve: {reference}: no such host",)
        return ()

    def _port_is_free(self, port: int) -> bool:
        published = {host for one in self.made if one.is_alive for host in one.published.values()}
        return port not in published and port not in self.taken_ports and can_bind(port)

    def _find(self, container: str) -> _Container | None:
        return next((one for one in self.made if container in (one.id, one.name)), None)

    def _names(self, containers: Sequence[str]) -> list[str]:
        return [found.service if (found := self._find(one)) else one for one in containers]

    def _found(self, names: Sequence[str], *, gone_is_fine: bool = False) -> list[_Container]:
        found = [(name, self._find(name)) for name in names]
        for name, container in found:
            if container is None and not gone_is_fine:
                raise EngineError(f"No such container: {name}")
        return [container for _, container in found if container is not None]


def _is_of(labels: Mapping[str, str], environment: str) -> bool:
    return labels.get(LABEL_ENVIRONMENT) == environment


def _seen_volume(volume: _Volume) -> ObservedVolume:
    return ObservedVolume(
        name=volume.name,
        service=volume.labels.get(LABEL_SERVICE, ""),
        type=volume.labels.get(LABEL_TYPE, ""),
        version=volume.labels.get(LABEL_VERSION, ""),
        store=volume.labels.get(LABEL_STORE, ""),
    )


def _document(file: ComposeFile) -> dict[str, Any]:
    text = Path(file.path).read_text("utf-8")
    found: dict[str, Any] = _unescaped(yaml.load(text, _LOADER))
    return found


def _services(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    services = document["services"]
    if unknown := [name for name in names if name not in services]:
        raise EngineError(f"no such service: {unknown[0]}")
    return {name: services[name] for name in names}


def _unescaped(value: Any) -> Any:
    """Compose reads `$$` as `$`."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, dict):
        return {key: _unescaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unescaped(item) for item in value]
    return value


def _published(port: str) -> tuple[int, int]:
    """`127.0.0.1:20001:8080` → container port, port on loopback."""
    _, host, inside = port.split(":")
    return int(inside), int(host)


def nowhere(_: Event) -> None:
    """A report that nobody reads."""


def recorder() -> tuple[list[Event], Callable[[Event], None]]:
    """What was reported, and the report to hand over."""
    events: list[Event] = []
    return events, events.append
