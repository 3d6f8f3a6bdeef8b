"""The one door to Docker: about a dozen verbs, never a command line.

Everything heavy is imported inside `connect()` and the files it leads to, because every qlocal
command pays for what is imported on the way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from qlocal.compose.given import Image
from qlocal.compose.project import ComposeProject, ComposeService
from qlocal.compose.readiness import Readiness
from qlocal.compose.wanted import Volume
from qlocal.plan.facts import Autopsy, Container, Observed


class Kind(Enum):
    """STEP begins something, PROGRESS is a line of it, DONE ends it, WARNING must be seen."""

    STEP = "step"
    PROGRESS = "progress"
    DONE = "done"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Progress as fact; only `cli/` draws it."""

    kind: Kind
    subject: str
    text: str


Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """`time` is RFC 3339 as the engine gives it, "" when not asked for."""

    service: str
    text: str
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """`since` is seconds of Unix time; None is from the beginning."""

    follow: bool = False
    tail: int | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFile:
    """A rendered project on disk."""

    path: str
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A program that gets our own stdin, stdout and stderr. `tty`: they are one terminal. `user`,
    `directory` and `command` may be empty: the image's own then.
    """

    command: tuple[str, ...] = ()
    tty: bool = False
    user: str = ""
    directory: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """A session in a container of its own, made as those of `service` are. `name` is the
    container's, `labels` are more than the service's.
    """

    name: str
    project: ComposeProject
    service: ComposeService
    session: Session
    labels: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """Docker, or something that passes `tests/contract`.

    Every verb raises EngineUnavailable when the engine is gone and EngineError with what the
    engine said otherwise; further errors are named with the verb.
    """

    @property
    def probes_early(self) -> bool:
        """Whether healthchecks may probe more often during the start (Engine 25)."""

    def observe(self, environment: str) -> Observed: ...

    def containers(self, environment: str) -> tuple[Container, ...]:
        """The part of `observe` that changes while one waits; one call."""

    def images(self, references: Sequence[str]) -> frozenset[str]:
        """Those of the references that are here."""

    def provide(self, reference: str, service_type: str, report: Report) -> None:
        """Pull. Raises RegistryUnreachable or ImageNotFound."""

    def stand_in(self, reference: str, service_type: str, report: Report) -> Image:
        """Build an image from Debian packages in place of one that cannot be pulled."""

    def build(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        """Raises BuildFailed with the last lines."""

    def create_volume(self, volume: Volume, labels: Mapping[str, str]) -> None: ...

    def create(self, file: ComposeFile, services: Sequence[str], report: Report) -> None:
        """Make the containers anew, stopping the old ones; nothing is started."""

    def start(self, containers: Sequence[str]) -> None:
        """Raises PortTaken."""

    def stop(self, containers: Sequence[str]) -> None: ...

    def remove(
        self,
        *,
        containers: Sequence[str] = (),
        networks: Sequence[str] = (),
        volumes: Sequence[str] = (),
    ) -> None:
        """What is already gone is no error."""

    def answers(self, container: Container, readiness: Readiness) -> bool:
        """Whether something accepts connections (and answers HTTP, if a path is given)."""

    def restarts(self, container: str) -> int:
        """How often the engine has restarted it since it was last started by hand; 0 when gone."""

    def port_is_free(self, port: int) -> bool:
        """Whether a container could be published there, on loopback."""

    def owner_of_port(self, port: int) -> str:
        """`python3 (process 4711)`; "" when it cannot be told."""

    def autopsy(self, container: str) -> Autopsy: ...

    def logs(self, containers: Sequence[Container], query: LogQuery) -> Iterator[LogLine]:
        """In order of arrival over all containers; ends when all have ended or never."""

    def context_digest(self, root: str, dockerfile: str, memory: dict[str, Any]) -> str:
        """What a build of this folder would see, as a digest. `memory` is the caller's to keep:
        files whose size and times did not change since are not read again.
        """

    def exec(self, container: str, session: Session) -> int:
        """Run a program in a container that runs, and pass signals on to it; its exit code."""

    def create_one_off(self, one_off: OneOff) -> str:
        """The container's id. It is none of `containers`, but one of `Observed.one_offs`."""

    def attend(self, container: str, *, tty: bool) -> int:
        """Start a one-off, connected to us, and pass signals on to it; its exit code."""

    def forward(self, container: Container, port: int, opened: Callable[[int], None]) -> None:
        """Relay a port on loopback, whose number `opened` gets, to the container's until Ctrl-C."""

    def why_unreachable(self, host: str, port: int) -> str:
        """What was tried and what came of it, where no container could reach this server; ""
        where one could.
        """


def connect() -> Engine:
    """The engine DOCKER_HOST or the current context names. Raises EngineUnavailable."""
    from qlocal.engine.docker_engine import DockerEngine

    return DockerEngine()
