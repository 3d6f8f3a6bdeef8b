"""Where an engine is tried: an environment of its own, made from a compose.yaml as `up` makes it.

The same for the engine in memory and for the real one: a program is a command line that both
understand, and everything that a stage makes is removed again by its label.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from qlocal.compose.naming import (
    LABEL,
    LABEL_BRANCH,
    LABEL_ENVIRONMENT,
    LABEL_PROJECT,
    LABEL_SERVICE,
)
from qlocal.compose.project import Build, ComposeProject, ComposeService, Port, to_yaml
from qlocal.engine import ComposeFile, Engine
from qlocal.engine.docker_engine import DockerEngine
from qlocal.plan.facts import Container
from tests.eventually import eventually
from tests.fake_engine import ONE_OFF, FakeEngine, Program, nowhere

LABEL_TEST = "dev.qlocal.test"

# Perl is in every Debian, however small. Arguments: what it prints, where it listens, what it
# answers to which path, how it ends.
_PROGRAM = r"""
use strict; use IO::Socket::INET; $| = 1; select(STDERR); $| = 1; select(STDOUT);
my (@listens, %http, $end);
for (@ARGV) {
    my ($what, $value) = split(/=/, $_, 2);
    if ($what eq 'out') { print STDOUT "$value\n" }
    if ($what eq 'err') { print STDERR "$value\n" }
    if ($what eq 'long') { print STDOUT 'x' x $value, "\n" }
    if ($what eq 'listen') { push @listens, $value }
    if ($what eq 'http') { my ($path, $status) = split(/=/, $value); $http{$path} = $status }
    if ($what eq 'end') { $end = $value }
}
exit $end if defined $end;
$SIG{TERM} = sub { exit 143 };
for my $address (@listens) {
    next if fork;
    my $server = IO::Socket::INET->new(LocalAddr => $address, Listen => 9, ReuseAddr => 1) or die;
    while (my $client = $server->accept) {
        my $line = <$client> // next;
        my ($path) = $line =~ /^\w+ (\S+)/;
        my $status = $http{$path // ''} // 404;
        print $client "HTTP/1.0 $status X\r\nContent-Length: 0\r\n\r\n";
        close $client;
    }
}
sleep 1 while 1;
"""


def command_of(program: Program) -> tuple[str, ...]:
    """The command line of a program that does this."""
    address = "127.0.0.1" if program.loopback_only else "0.0.0.0"
    arguments = [f"out={line}" for line in program.out]
    arguments += [f"err={line}" for line in program.err]
    arguments += [f"listen={address}:{port}" for port in program.listens or ()]
    arguments += [f"http={path}={status}" for path, status in program.http.items()]
    if program.ends_with is not None:
        arguments.append(f"end={program.ends_with}")
    return ("perl", "-e", _PROGRAM, *arguments)


class Stage(Protocol):
    """One environment on one engine. `image` is one that is here and can run any program."""

    name: str
    image: str
    folder: Path

    @property
    def engine(self) -> Engine: ...

    def learn(self, program: Program, command: tuple[str, ...]) -> None:
        """What the engine must be told, to know what a command line does."""

    def add_one_off(self, service: str) -> None:
        """A container as `docker compose run` makes them."""

    def break_build(self, service: str, lines: tuple[str, ...]) -> None:
        """The build of this service prints these lines, and fails."""


@dataclass(slots=True, kw_only=True)
class FakeStage:
    engine: FakeEngine
    name: str
    folder: Path
    image: str = "qlocal.local/test:1"

    def learn(self, program: Program, command: tuple[str, ...]) -> None:
        self.engine.programs[" ".join(command)] = program

    def add_one_off(self, service: str) -> None:
        number = len(self.engine.made)
        file = render(self, [service_of(self, service, Program())])
        self.engine.create(file, [service], nowhere)
        made = self.engine.made[number]
        made.labels = {**made.labels, ONE_OFF: "True"}

    def break_build(self, service: str, lines: tuple[str, ...]) -> None:
        self.engine.broken_builds[service] = lines


@dataclass(slots=True, kw_only=True)
class DockerStage:
    engine: DockerEngine
    name: str
    folder: Path
    image: str

    def learn(self, program: Program, command: tuple[str, ...]) -> None:
        """It reads the command line."""

    def add_one_off(self, service: str) -> None:
        labels = {**labels_of(self.name), LABEL_SERVICE: service, ONE_OFF: "True"}
        self.engine._client.api.create_container(self.image, ["true"], labels=labels)

    def break_build(self, service: str, lines: tuple[str, ...]) -> None:
        said = "; ".join(f"echo '{line}'" for line in lines)
        text = f"FROM {self.image}\nRUN {said}; exit 7\n"
        (self.folder / service / "Dockerfile").write_text(text)

    def clean(self) -> None:
        import docker.errors

        client = self.engine._client
        labelled: dict[str, Any] = {"label": f"{LABEL_ENVIRONMENT}={self.name}"}
        for container in client.containers.list(all=True, filters=labelled, ignore_removed=True):
            container.remove(force=True, v=True)
        for network in client.networks.list(filters=labelled):
            network.remove()
        for volume in client.volumes.list(filters=labelled):
            volume.remove(force=True)
        for image in client.images.list(name=f"qlocal.local/{self.name}/*"):
            with suppress(docker.errors.APIError):
                client.images.remove(str(image.id), force=True)


def fake_stage(folder: Path) -> FakeStage:
    stage = FakeStage(engine=FakeEngine(), name=_new_name(), folder=folder)
    stage.engine.here.add(stage.image)
    return stage


@contextmanager
def docker_stage(folder: Path) -> Iterator[DockerStage]:
    engine = DockerEngine()
    base = engine.stand_in("debian:bookworm-slim", "", nowhere)
    stage = DockerStage(engine=engine, name=_new_name(), folder=folder, image=base.reference)
    try:
        yield stage
    finally:
        stage.clean()


def _new_name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


def labels_of(environment: str) -> dict[str, str]:
    return {
        LABEL: "1",
        LABEL_TEST: "1",
        LABEL_ENVIRONMENT: environment,
        LABEL_PROJECT: "test",
        LABEL_BRANCH: "main",
    }


def service_of(
    stage: Stage, name: str, program: Program, *, port: Port | None = None
) -> ComposeService:
    command = command_of(program)
    stage.learn(program, command)
    return ComposeService(
        name=name,
        image=stage.image,
        labels=labels_of(stage.name) | {LABEL_SERVICE: name},
        command=command,
        init=True,
        port=port,
    )


def built_service(stage: Stage, name: str, dockerfile: str) -> ComposeService:
    """One that is built, from a folder of its own."""
    folder = stage.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    service = service_of(stage, name, Program())
    build = Build(context=str(folder), dockerfile="Dockerfile")
    return replace(service, image=f"qlocal.local/{stage.name}/{name}:1", build=build)


_numbers = count(1)


def render(
    stage: Stage, services: Sequence[ComposeService], *, volumes: tuple[str, ...] = ()
) -> ComposeFile:
    project = ComposeProject(
        name=stage.name,
        services=tuple(services),
        volumes=volumes,
        labels=labels_of(stage.name),
        early_probes=stage.engine.probes_early,
    )
    path = stage.folder / f"compose-{next(_numbers)}.yaml"
    path.write_text(to_yaml(project.document()), "utf-8")
    return ComposeFile(path=str(path), project=stage.name)


@dataclass(slots=True, kw_only=True)
class Made:
    """Containers that were created, by service."""

    stage: Stage
    services: tuple[str, ...] = field(default=())

    def the(self, service: str) -> Container:
        found = self.stage.engine.containers(self.stage.name)
        return next(one for one in found if one.service == service)

    def start(self) -> "Made":
        self.stage.engine.start([self.the(service).id for service in self.services])
        return self

    def until(self, service: str, state: str) -> Container:
        def reached() -> Container | None:
            container = self.the(service)
            return container if container.state == state else None

        found = eventually(reached, what=f"{service} is {state}")
        assert found
        return found


def create(stage: Stage, *services: ComposeService, volumes: tuple[str, ...] = ()) -> Made:
    file = render(stage, services, volumes=volumes)
    names = tuple(service.name for service in services)
    stage.engine.create(file, names, nowhere)
    return Made(stage=stage, services=names)
