"""One look, one verdict."""

import pytest

from qlocal.compose.readiness import Readiness
from qlocal.plan.facts import Container
from qlocal.plan.readiness import Look, Verdict, judge

BY_HEALTH = Readiness(health=True, timeout=9)
BY_PORT = Readiness(port=80, timeout=9)
BY_STAYING_UP = Readiness(timeout=9)

READY, WAITING, FAILED = Verdict.READY, Verdict.WAITING, Verdict.FAILED


def container(state: str = "running", health: str = "") -> Container:
    return Container(id="x", name="x", service="x", image="x", state=state, health=health)


def look(
    it: Container | None, *, answers: bool = False, restarts: int = 0, up: float = 0.0
) -> Look:
    return Look(container=it, answers=answers, restarts=restarts, up=up)


@pytest.mark.parametrize("readiness", [BY_HEALTH, BY_PORT, BY_STAYING_UP], ids=str)
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("created", WAITING),
        ("restarting", WAITING),
        ("paused", WAITING),
        ("exited", FAILED),
        ("dead", FAILED),
        ("removing", FAILED),
    ],
)
def test_what_does_not_run(readiness: Readiness, state: str, expected: Verdict) -> None:
    assert judge(readiness, look(container(state), answers=True, up=99)) is expected


@pytest.mark.parametrize("readiness", [BY_HEALTH, BY_PORT, BY_STAYING_UP], ids=str)
def test_what_is_gone_has_failed(readiness: Readiness) -> None:
    assert judge(readiness, look(None)) is FAILED


@pytest.mark.parametrize(
    ("readiness", "health", "answers", "up", "expected"),
    [
        (BY_HEALTH, "healthy", False, 0, READY),
        (BY_HEALTH, "starting", True, 99, WAITING),
        (BY_HEALTH, "unhealthy", True, 99, FAILED),
        (BY_HEALTH, "", True, 99, WAITING),
        (BY_PORT, "", True, 0, READY),
        (BY_PORT, "", False, 99, WAITING),
        (BY_PORT, "starting", True, 0, WAITING),
        (BY_PORT, "healthy", True, 0, READY),
        (BY_PORT, "healthy", False, 0, WAITING),
        (BY_PORT, "unhealthy", True, 0, FAILED),
        (BY_STAYING_UP, "", False, 0.5, WAITING),
        (BY_STAYING_UP, "", False, 1.0, READY),
    ],
)
def test_what_runs(
    readiness: Readiness, health: str, *, answers: bool, up: float, expected: Verdict
) -> None:
    """An image may bring a healthcheck of its own; then its word is needed too."""
    assert judge(readiness, look(container(health=health), answers=answers, up=up)) is expected


@pytest.mark.parametrize(
    ("restarts", "expected"), [(0, WAITING), (1, WAITING), (2, WAITING), (3, FAILED), (9, FAILED)]
)
def test_a_program_may_lose_a_race_twice(restarts: int, expected: Verdict) -> None:
    assert judge(BY_PORT, look(container("restarting"), restarts=restarts)) is expected


@pytest.mark.parametrize(
    ("readiness", "words"),
    [
        (BY_HEALTH, "its health check"),
        (BY_PORT, "port 80"),
        (Readiness(port=80, path="/up", timeout=1), "HTTP /up on port 80"),
        (BY_STAYING_UP, "staying up"),
    ],
)
def test_it_is_said_what_is_waited_for(readiness: Readiness, words: str) -> None:
    assert str(readiness) == words
