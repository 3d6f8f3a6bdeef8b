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
    if look.restarts >= _RESTARTS:
        return Verdict.FAILED
    if not container.is_running:
        return Verdict.WAITING
    if container.health == "unhealthy":
        return Verdict.FAILED
    if container.health == "starting" or (readiness.health and not container.health):
        return Verdict.WAITING
    if readiness.port:
        return Verdict.READY if look.answers else Verdict.WAITING
    if readiness.health or look.up >= _STAYING_UP:
        return Verdict.READY
    return Verdict.WAITING
