"""When a service counts as ready."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Sent to a port of the container, from this machine; the answer must begin with `expect`."""

    port: int
    send: bytes = field(repr=False)
    expect: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """`health`: the container's own healthcheck decides; an `exchange` that succeeds is as good,
    and known sooner than the next run of the healthcheck. `port`: something accepts connections
    there, and with `path` answers HTTP with 200 to 399. Neither: it stays up. `timeout` is seconds
    from its start.
    """

    health: bool = False
    port: int | None = None
    path: str = ""
    exchange: Exchange | None = None
    timeout: int

    def __str__(self) -> str:
        if self.health:
            return "its health check"
        if self.path:
            return f"HTTP {self.path} on port {self.port}"
        if self.port:
            return f"port {self.port}"
        return "staying up"
