"""The vocabulary of a plan. Each step is one effect on one thing, and says why."""

from dataclasses import dataclass
from typing import ClassVar

from qlocal.compose.wanted import Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    verb: ClassVar[str]
    cause: str

    @property
    def target(self) -> str:
        raise AssertionError

    def __str__(self) -> str:
        return f"{self.verb} {self.target}: {self.cause}" if self.cause else self.verb


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvideImage(Step):
    """Pull it; where no registry answers, build a stand-in from packages."""

    verb: ClassVar[str] = "provide image"
    reference: str
    service_type: str

    @property
    def target(self) -> str:
        return self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildImage(Step):
    verb: ClassVar[str] = "build"
    service: str
    image: str

    @property
    def target(self) -> str:
        return self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVolume(Step):
    verb: ClassVar[str] = "create volume"
    volume: Volume

    @property
    def target(self) -> str:
        return self.volume.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStep(Step):
    service: str

    @property
    def target(self) -> str:
        return self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(ServiceStep):
    verb: ClassVar[str] = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreate(ServiceStep):
    verb: ClassVar[str] = "recreate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(ServiceStep):
    verb: ClassVar[str] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(ServiceStep):
    """Stops one container and keeps it. Those of one wave are stopped together."""

    verb: ClassVar[str] = "stop"
    container: str
    wave: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitReady(ServiceStep):
    verb: ClassVar[str] = "wait for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(ServiceStep):
    """Stops and removes one container."""

    verb: ClassVar[str] = "remove"
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNetwork(Step):
    verb: ClassVar[str] = "remove network"
    network: str

    @property
    def target(self) -> str:
        return self.network


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveVolume(Step):
    """Deletes data."""

    verb: ClassVar[str] = "delete volume"
    volume: str

    @property
    def target(self) -> str:
        return self.volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    steps: tuple[Step, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.steps

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.steps) or "nothing to do"
