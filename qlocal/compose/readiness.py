"""When a service counts as ready."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """`health`: the container's own healthcheck decides. `port`: something accepts connections
    there, and with `path` answers HTTP with 200 to 399. Neither: it stays up. `timeout` is
    seconds from its start.
    """

    health: bool = False
    port: int | None = None
    path: str = ""
    timeout: int

    def __str__(self) -> str:
        if self.health:
            return "its health check"
        if self.path:
            return f"HTTP {self.path} on port {self.port}"
        if self.port:
            return f"port {self.port}"
        return "staying up"
