"""A backing service on a real engine, made by Compose from its translation; and how to write to it.

Everything made bears a label of its own and is removed by it.
"""

import itertools
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from qlocal.compose.given import Image
from qlocal.compose.project import ComposeService, to_yaml
from qlocal.compose.translate import Translation
from qlocal.engine.docker_engine import DockerEngine
from qlocal.errors import ImageNotFound, RegistryUnreachable
from qlocal.services import Instance, ServiceType
from tests.eventually import eventually
from tests.unit.compose.translating import translated

NAME = "My-data"
_MANIFEST = """\
application: {{name: web, project: {project}}}
{section}:
- {{type: {type}, name: {name}, version: "{version}"}}
"""


class Unavailable(Exception):
    """The image can be neither pulled nor stood in for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Writing to a type by its own client: statements go in, each number comes out on a line of its
    own once it is committed. `{n}` and `{table}` are filled in; `read` prints how many there are.

    `script` is there instead where the client takes no statements: it reads numbers and prints
    those that are committed. `recovery` is what the log says after a start that had something to
    repair. `ahead` is how many may be on their way: a client may hold its output back.
    """

    read: str
    create: str = ""
    write: str = "{n}\n"
    options: tuple[str, ...] = ()
    script: str = ""
    recovery: str = ""
    enough: int = 50
    ahead: int = 2000


_SQL = Work(
    create="create table {table} (n int primary key);\n",
    write="insert into {table} values ({n}); select {n};\n",
    read="select count(*) from {table};\n",
    options=("-N", "--unbuffered"),
    recovery="Starting crash recovery|Database was not shut down normally",
)
_CURL = (
    'curl -sSf -K <(printf \'user = "elastic:%s"\' "$ELASTIC_PASSWORD")'
    " -H 'Content-Type: application/json' http://127.0.0.1:9200/{table}"
)
_KAFKA = "/opt/kafka/bin/kafka-{tool}.sh --bootstrap-server localhost:9092 --topic {table}"

WORK: Mapping[str, Work] = {
    "postgresql": Work(
        create="create table {table} (n int primary key);\n",
        write="insert into {table} values ({n});\n\\echo {n}\n",
        read="select count(*) from {table};\n",
        options=("-qtAX",),
        recovery="was not properly shut down|automatic recovery in progress",
    ),
    "mysql": _SQL,
    "mariadb": _SQL,
    "redis": Work(write="rpush {table} {n}\n", read="llen {table}\n"),
    "mongodb": Work(
        write="db.{table}.insertOne({{_id: {n}}}, {{writeConcern: {{j: true}}}}) && print({n})\n",
        read="print(db.{table}.count())\n",
        recovery="unclean shutdown",
    ),
    "elasticsearch": Work(
        script="while read -r n; do "
        + _CURL.replace("{table}", "{table}/_doc/$n?refresh=true -X PUT -d {{}} -o /dev/null")
        + " && echo $n || exit; done",
        read=_CURL.replace("{table}", "{table}/_count?filter_path=count"),
        enough=10,
        ahead=5,
    ),
    # Its script is a program here, beside this one.
    "rabbitmq": Work(read="rabbitmqctl -q list_queues name messages | grep {table}", ahead=5),
    "kafka": Work(
        script="while read -r n; do echo $n | "
        + _KAFKA.replace("{tool}", "console-producer")
        + " --producer-property acks=all > /dev/null && echo $n || exit; done",
        read=_KAFKA.replace("{tool}", "get-offsets"),
        enough=3,
        ahead=1,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One service of one environment, up until the stage is left."""

    kind: ServiceType
    client: docker.DockerClient
    translation: Translation
    it: Instance
    file: Path

    @property
    def service(self) -> ComposeService:
        return self.translation.project.services[0]

    @property
    def container(self) -> Container:
        label = f"dev.qlocal.environment={self.translation.environment.name}"
        (found,) = self.client.containers.list(all=True, filters={"label": label})
        return found

    def make(self) -> None:
        compose = ["docker", "compose", "--project-name", self.translation.project.name]
        command = [*compose, "--file", str(self.file), "up", "--detach", "--quiet-pull"]
        subprocess.run(command, check=True, capture_output=True)
        self.await_ready()

    def await_ready(self) -> None:
        def settled() -> bool:
            found = self.container
            return str(found.attrs["State"].get("Health", {}).get("Status")) == "healthy"

        try:
            eventually(settled, timeout=self.kind.probe(self.it).patience)
        except AssertionError as error:
            error.add_note(self.log(since_start=False)[-3000:])
            raise

    def log(self, *, since_start: bool = True) -> str:
        """What the container has written, of all its starts or of the last."""
        found = self.container
        started = found.attrs["State"]["StartedAt"]
        said = subprocess.run(
            ["docker", "logs", *(["--since", started] if since_start else []), str(found.id)],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ).stdout
        return said.decode("utf-8", "replace")

    def probe(self, environment: Mapping[str, str] | None = None) -> int:
        command = list(self.kind.probe(self.it).command)
        code, _ = self.container.exec_run(command, environment=dict(environment or {}))
        return int(code or 0)

    def wrong_login(self) -> dict[str, str]:
        """The container's own variables, with another password wherever it stands."""
        password = self.it.credentials.password
        found = {one.name: one.value for one in self.service.variables}
        return {
            name: value.replace(password, "somebody-elses")
            for name, value in found.items()
            if password in value
        }

    def run(self, *command: str, stdin: bytes = b"") -> bytes:
        """Output of a command inside, which must succeed."""
        done = subprocess.run(
            ["docker", "exec", "--interactive", str(self.container.id), *command],
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
        return done.stdout

    def use(self, statements: str) -> str:
        """What the client of `connect` answers."""
        assert self.kind.client
        command = (*self.kind.client(self.it), *WORK[self.kind.type].options)
        return self.run(*command, stdin=statements.encode()).decode()

    def count(self, table: str) -> int:
        work = WORK[self.kind.type]
        if self._is_scripted:
            said = self.run("bash", "-c", work.read.format(table=table)).decode()
        else:
            said = self.use(work.read.format(table=table))
        return int(re.findall(r"\d+", said)[-1])

    @contextmanager
    def writing(self, table: str) -> "Iterator[Writer]":
        """What is on its way when the context is left is written too."""
        work = WORK[self.kind.type]
        if work.create:
            self.use(work.create.format(table=table))
        login = f"{self.it.credentials.username}:{self.it.credentials.password}"
        child = subprocess.Popen(
            self._writer(table, work),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "RABBIT_LOGIN": login},
        )
        with child:
            writer = Writer(child=child, work=work, ahead=threading.Semaphore(work.ahead))
            feed = threading.Thread(target=writer.feed, args=(table,))
            feed.start()
            try:
                yield writer
            finally:
                writer.leave()
                feed.join()

    @property
    def _is_scripted(self) -> bool:
        return bool(WORK[self.kind.type].script) or self.kind.type == "rabbitmq"

    def _writer(self, table: str, work: Work) -> Sequence[str]:
        inside = ["docker", "exec", "--interactive", str(self.container.id)]
        if work.script:
            return [*inside, "bash", "-c", work.script.format(table=table)]
        if not self._is_scripted:
            assert self.kind.client
            return [*inside, *self.kind.client(self.it), *work.options]
        networks = self.container.attrs["NetworkSettings"]["Networks"].values()
        address = next(network["IPAddress"] for network in networks)
        return [sys.executable, str(Path(__file__).with_name("amqp.py")), address, table]


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes until it is left; `committed` is the last number that was acknowledged."""

    child: "subprocess.Popen[bytes]"
    work: Work
    ahead: threading.Semaphore
    committed: int = 0
    leaving: bool = False

    def feed(self, table: str) -> None:
        stdin = self.child.stdin
        assert stdin
        with suppress(OSError):
            for number in itertools.count(1):
                self.ahead.acquire()
                if self.leaving:
                    break
                stdin.write(self.work.write.format(table=table, n=number).encode())
                stdin.flush()
        with suppress(OSError):
            stdin.close()

    def under_way(self) -> None:
        """Returns when there is something to lose."""
        while self.committed < self.work.enough:
            assert self._read(), f"the writer ended after {self.committed}"

    def end(self) -> int:
        """What was acknowledged before the service went away."""
        while self._read():
            pass
        return self.committed

    def leave(self) -> None:
        self.leaving = True
        self.ahead.release()
        self.end()

    def _read(self) -> bool:
        assert self.child.stdout
        line = self.child.stdout.readline()
        if found := re.fullmatch(rb"\D*(\d+)\s*", line):
            self.committed = int(found[1])
            self.ahead.release()
        return bool(line)


@contextmanager
def staged(
    kind: ServiceType, version: str, folder: Path, say: Callable[[str], None] = print
) -> Iterator[Stage]:
    """Raises Unavailable."""
    label = f"test-{os.urandom(4).hex()}"
    image = find_image(kind, version, say)
    manifest = _MANIFEST.format(
        project=label,
        section=kind.section,
        type=kind.type,
        name=NAME,
        version=version or "latest",
    )
    translation = translated(manifest, images=[image])
    service = translation.project.services[0]
    (placed,) = translation.given.credentials.items()
    it = Instance(name=NAME, version=version, host=placed[0], port=kind.port, credentials=placed[1])
    client = docker.from_env()
    file = folder / f"{label}.yaml"
    file.write_text(to_yaml(_document(translation, service, label)))
    stage = Stage(kind=kind, client=client, translation=translation, it=it, file=file)
    try:
        for name in stage_volumes(translation, service):
            client.volumes.create(name, labels={"dev.qlocal.test": label})
        stage.make()
        yield stage
    finally:
        _remove(client, f"dev.qlocal.test={label}")
        client.close()


def stage_volumes(translation: Translation, service: ComposeService) -> list[str]:
    return [volume.name for volume in translation.volumes if volume.service == service.name]


def _document(translation: Translation, service: ComposeService, label: str) -> dict[str, Any]:
    """The backing service alone, and all of it labelled."""
    document = translation.project.document()
    document["services"] = {service.name: document["services"][service.name]}
    document["services"][service.name]["labels"]["dev.qlocal.test"] = label
    document["networks"]["default"]["labels"]["dev.qlocal.test"] = label
    names = stage_volumes(translation, service)
    document["volumes"] = {name: {"name": name, "external": True} for name in names}
    return document


def find_image(kind: ServiceType, version: str, say: Callable[[str], None]) -> Image:
    """As `qlocal up` does: here, pulled, or stood in for."""
    engine, reference = DockerEngine(), kind.reference(version)
    if reference in engine.images([reference]):
        return Image(requested=reference, reference=reference)
    try:
        engine.provide(reference, kind.type, lambda event: say(event.text))
    except RegistryUnreachable as error:
        if not kind.packaged:
            raise Unavailable(
                f"{kind.type}: no image registry can be reached, and Debian has no package of it"
            ) from error
        return engine.stand_in(reference, kind.type, lambda event: say(event.text))
    except ImageNotFound as error:
        raise Unavailable(f"{kind.type}: {error.message}") from error
    return Image(requested=reference, reference=reference)


def _remove(client: docker.DockerClient, label: str) -> None:
    labelled: dict[str, Any] = {"label": label}
    for container in client.containers.list(all=True, filters=labelled):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=labelled):
        network.remove()
    for volume in client.volumes.list(filters=labelled):
        volume.remove(force=True)
