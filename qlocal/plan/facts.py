"""What one look at the engine found."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """`state` is the engine's word (created, running, restarting, exited, dead, paused);
    `health` is "" without a healthcheck, else starting, healthy or unhealthy. `exit_code` is
    None while it runs, `addresses` are its own on the engine's networks, `ports` are
    container port → port on loopback, `age` is seconds since it was created.
    """

    id: str
    name: str
    service: str
    image: str
    state: str
    health: str = ""
    exit_code: int | None = None
    status: str = ""
    digest: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    ports: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.state == "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVolume:
    name: str
    service: str
    type: str
    version: str
    store: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Only what bears the labels of one environment. `one_offs` are the containers of `run`,
    beside those of the services.
    """

    containers: tuple[Container, ...] = ()
    one_offs: tuple[Container, ...] = ()
    volumes: tuple[ObservedVolume, ...] = ()
    networks: tuple[str, ...] = ()

    def container(self, service: str) -> Container | None:
        """The newest of the service; the engine lists newest first."""
        return next((one for one in self.containers if one.service == service), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autopsy:
    """Why a container is not well. `health_output` is what the last probe printed."""

    exit_code: int | None
    out_of_memory: bool
    restarts: int
    error: str = ""
    health_output: str = ""
    last_lines: tuple[str, ...] = ()
