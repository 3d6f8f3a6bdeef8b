"""Everything `qlocal doctor` looked at, once, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from qlocal.engine.host.apt import AptSource
from qlocal.engine.host.distribution import Distribution

DEFAULT_HOSTS = ("unix:///var/run/docker.sock", "unix:///run/docker.sock")
DEFAULT_ROOT = "/var/lib/docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`26.1.5+dfsg1` is (26, 1, 5); the text is kept to be shown."""

    text: str
    numbers: tuple[int, ...]

    @staticmethod
    def parse(text: str) -> "Version | None":
        """The first dotted number in a text, or None where there is none."""
        found = re.search(r"\d+(?:\.\d+)+[\w.+~:-]*", text)
        if not found:
            return None
        digits = re.match(r"[\d.]+", found[0])
        assert digits is not None  # noqa: S101 (the pattern begins with digits)
        numbers = tuple(int(number) for number in digits[0].strip(".").split("."))
        return Version(text=found[0], numbers=numbers)

    def at_least(self, needed: "Version") -> bool:
        return self.numbers >= needed.numbers

    def __str__(self) -> str:
        return self.text


ENGINE_NEEDED = Version(text="20.10", numbers=(20, 10))
COMPOSE_NEEDED = Version(text="2.20", numbers=(2, 20))


class Answer(Enum):
    """What came back when the engine was asked for its version."""

    ANSWERS = "answers"
    NOT_INSTALLED = "not installed"
    NOT_RUNNING = "not running"
    NO_PERMISSION = "no permission"
    NOWHERE = "nowhere"  # DOCKER_HOST or a context names a place where no engine is
    UNASKED = "unasked"  # something listens, but there is no CLI to ask with


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The `docker` program and its two plugins, as far as they could be asked."""

    path: str = ""
    version: Version | None = None
    compose: Version | None = None
    buildx: Version | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`said` is the CLI's own text where there was no answer; `named_by` is who chose the host.

    `socket_group` may use the socket; `is_member` is True where the user was added to that group
    but this session began before. `is_here` is False for an engine on another machine or in a VM.
    """

    answer: Answer
    host: str = DEFAULT_HOSTS[0]
    named_by: str = ""
    version: Version | None = None
    said: str = ""
    socket_group: str = ""
    is_member: bool = False
    is_here: bool = True
    root: str = DEFAULT_ROOT
    limits_memory: bool | None = None
    mirrors: tuple[str, ...] = ()
    proxy: str = ""

    @property
    def is_usable(self) -> bool:
        return (
            self.answer is Answer.ANSWERS
            and self.version is not None
            and self.version.at_least(ENGINE_NEEDED)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`programs` are the absolute paths of those looked for and found, by name."""

    system: str
    distribution: Distribution
    user: str
    is_root: bool
    has_systemd: bool
    programs: Mapping[str, str] = field(default_factory=dict)
    apt_sources: tuple[AptSource, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    path: str
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """`is_reachable` is None where it could not be tried from here."""

    name: str
    is_reachable: bool | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """`is_free` is None where the system does not say; `owner` is empty where it is hidden."""

    number: int
    is_free: bool | None
    owner: str = ""
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`names` says of each host name whether it resolved, None when nobody answered in time."""

    machine: Machine
    client: Client
    engine: Engine
    disk: Disk | None
    limits_memory: bool | None
    names: Mapping[str, bool | None]
    registry: Registry
    ports: tuple[Port, ...] = ()
