"""Waiting until services are ready, and finding out why they are not."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from qlocal.compose.translate import Translation
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.errors import Failure, Unhealthy
from qlocal.plan.facts import Autopsy, Container
from qlocal.plan.readiness import Look, Verdict, judge

_BETWEEN_LOOKS = 0.05  # seconds; one look is one engine call and one connection per service
_BETWEEN_WORDS = 5.0  # seconds of silence after which the user is told what is waited for


@dataclass(slots=True)
class _Waiting:
    """One service being waited for; times are monotonic seconds."""

    service: str
    since: float
    restarts: int = 0
    up_since: float = field(default=0.0)

    def note(self, container: Container | None, restarts: int, now: float) -> None:
        if container is None or not container.is_running or restarts != self.restarts:
            self.up_since = now
        self.restarts = restarts


def await_ready(
    engine: Engine, translation: Translation, services: Sequence[str], report: Report
) -> None:
    """Returns when all are ready. Raises Unhealthy with a failure for each that is not."""
    start = time.monotonic()
    pending = [_Waiting(service=name, since=start, up_since=start) for name in services]
    failures: list[Failure] = []
    spoken = start
    while pending:
        containers = {
            one.service: one for one in reversed(engine.containers(translation.project.name))
        }
        for waiting in tuple(pending):
            verdict = _look(engine, translation, waiting, containers.get(waiting.service))
            waited = time.monotonic() - waiting.since
            readiness = translation.readiness[waiting.service]
            if verdict is Verdict.READY:
                report(
                    Event(kind=Kind.DONE, subject=waiting.service, text=f"ready, {waited:.1f} s")
                )
            elif verdict is Verdict.WAITING and waited < readiness.timeout:
                continue
            else:
                timed_out = verdict is Verdict.WAITING
                container = containers.get(waiting.service)
                failures.append(
                    _post_mortem(engine, translation, waiting, container, timed_out=timed_out)
                )
            pending.remove(waiting)
        if pending and time.monotonic() - spoken > _BETWEEN_WORDS:
            spoken = time.monotonic()
            _speak(translation, pending, spoken, report)
        if pending:
            time.sleep(_BETWEEN_LOOKS)
    if failures:
        raise Unhealthy(failures)


def _look(
    engine: Engine, translation: Translation, waiting: _Waiting, container: Container | None
) -> Verdict:
    readiness = translation.readiness[waiting.service]
    answers = bool(container and container.is_running and engine.answers(container, readiness))
    restarts = 0
    if container and not answers and container.health != "healthy":
        restarts = engine.restarts(container.id)
    now = time.monotonic()
    waiting.note(container, restarts, now)
    look = Look(container=container, answers=answers, restarts=restarts, up=now - waiting.up_since)
    return judge(readiness, look)


def _speak(translation: Translation, pending: list[_Waiting], now: float, report: Report) -> None:
    for waiting in pending:
        readiness = translation.readiness[waiting.service]
        report(
            Event(
                kind=Kind.STEP,
                subject=waiting.service,
                text=f"waiting for {readiness}, "
                f"{now - waiting.since:.0f} of at most {readiness.timeout} s",
            )
        )


def _post_mortem(
    engine: Engine,
    translation: Translation,
    waiting: _Waiting,
    container: Container | None,
    *,
    timed_out: bool,
) -> Failure:
    name = waiting.service
    if container is None:
        return Failure(service=name, phase="start", what="its container was removed from outside")
    autopsy = engine.autopsy(container.id)
    readiness = translation.readiness[name]
    if not timed_out and container.health != "unhealthy":
        # It would be restarted for ever; its logs stay.
        engine.stop([container.id])
    if timed_out:
        what = f"not ready within {readiness.timeout} s: {readiness} did not answer"
    elif container.health == "unhealthy":
        what = "its health check keeps failing"
    else:
        what = _cause_of_death(autopsy, ram=translation.project.service(name).ram)
    commands = [f"qlocal logs {name}"]
    if "memory" in what:
        commands.append("more `ram` under `application`")
    if timed_out:
        commands.append("a longer `start_timeout` under `application`, if it is only slow")
    return Failure(
        service=name,
        phase="ready" if timed_out or container.health == "unhealthy" else "start",
        what=what,
        evidence=_evidence(autopsy, timed_out=timed_out, port=readiness.port),
        next=tuple(commands),
    )


def _cause_of_death(autopsy: Autopsy, *, ram: int) -> str:
    # The engine forgets that it was for memory as soon as it starts the container again.
    if autopsy.out_of_memory or (ram and autopsy.exit_code == 137):
        return "it was killed because it used more memory than `ram` allows"
    if autopsy.error:
        return autopsy.error
    code = "" if autopsy.exit_code is None else f" with code {autopsy.exit_code}"
    again = f", {autopsy.restarts + 1} times" if autopsy.restarts else ""
    return f"it exited{code}{again}"


def _evidence(autopsy: Autopsy, *, timed_out: bool, port: int | None) -> tuple[str, ...]:
    lines = list(autopsy.last_lines) or ["(it has written nothing)"]
    if autopsy.health_output:
        lines += [f"health check: {line}" for line in autopsy.health_output.splitlines()]
    if timed_out and port:
        lines.append(
            f"(it must listen on 0.0.0.0:{port}, not on 127.0.0.1, which is its container's own)"
        )
    return tuple(lines)
