"""Is it ready, and when is it hopeless? One verdict per look."""

from dataclasses import dataclass
from enum import Enum

from qlocal.compose.readiness import Readiness
from qlocal.plan.facts import Container

_RESTARTS = 3  # a program may lose one race with what it depends on, not three
_STAYING_UP = 1.0  # seconds, for an application that listens nowhere


class Verdict(Enum):
    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`container` is None when it is gone; `up` is for how many seconds it has been seen to run
    without a restart.
    """

    container: Container | None
    answers: bool
    restarts: int
    up: float


def judge(readiness: Readiness, look: Look) -> Verdict:
    container = look.container
    if container is None or container.state in ("exited", "dead", "removing"):
        return Verdict.FAILED
    if look.restarts >= _RESTARTS or container.health == "unhealthy":
        return Verdict.FAILED
    return Verdict.READY if _is_ready(readiness, container, look) else Verdict.WAITING


def _is_ready(readiness: Readiness, container: Container, look: Look) -> bool:
    """A healthcheck of the image counts beside what is asked here."""
    if not container.is_running:
        return False
    if readiness.exchange and look.answers:
        return True
    if container.health == "starting":
        return False
    if readiness.health:
        return container.health == "healthy"
    return look.answers if readiness.port else look.up >= _STAYING_UP
