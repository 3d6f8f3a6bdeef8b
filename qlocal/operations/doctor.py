"""See whether this machine can run an engine, and make it able to."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

from qlocal.engine.host.apply import LOCK, apply, one_at_a_time
from qlocal.engine.host.diagnosis import Check, Status, diagnose
from qlocal.engine.host.facts import Facts
from qlocal.engine.host.observe import observe
from qlocal.engine.host.setup import SetupPlan, Step, plan_setup
from qlocal.errors import EngineError, EngineUnavailable, Refused

Observe = Callable[[], Facts]
Report = Callable[[str], None]
Perform = Callable[[Step, Report], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorResult:
    """`plan` is what is still to do; `applied` what `--fix` did."""

    checks: tuple[Check, ...]
    plan: SetupPlan
    applied: tuple[Step, ...] = ()

    @property
    def exit_code(self) -> int:
        bad = {check.name for check in self.checks if check.status is Status.ERROR}
        if bad & {"cli", "engine"}:
            return EngineUnavailable.exit_code
        return EngineError.exit_code if bad else 0

    def document(self) -> dict[str, object]:
        """What `--json` prints."""
        return {
            "exit_code": self.exit_code,
            "checks": [{**asdict(check), "status": check.status.value} for check in self.checks],
            "applied": [str(step) for step in self.applied],
            "to_do": {
                "steps": [str(step) for step in self.plan.steps],
                "commands": list(self.plan.commands),
                "because": self.plan.because,
            },
        }


def _observe_here() -> Facts:
    return observe(os.environ)


def doctor(*, observe: Observe = _observe_here) -> DoctorResult:
    """Look, and change nothing."""
    return _result(observe())


def fix(
    *,
    consent: Callable[[SetupPlan], bool],
    report: Report,
    observe: Observe = _observe_here,
    perform: Perform = apply,
    lock: str = LOCK,
) -> DoctorResult:
    """Install and start what is missing, after `consent` to the plan; look again at the end.

    Where qlocal may not or cannot do it itself, nothing is changed and the result's plan holds
    the commands.
    """
    before = _result(observe())
    if not before.plan.steps:
        return before
    if not consent(before.plan):
        raise Refused("nothing was changed", hint="the plan is in `qlocal doctor --json`")
    with one_at_a_time(lock, report):
        # Whoever held the lock before us may have done it all meanwhile.
        plan = plan_setup(observe())
        if not all(step in before.plan.steps for step in plan.steps):
            raise Refused("the machine changed meanwhile", hint="run the same command again")
        for step in plan.steps:
            perform(step, report)
    return _result(observe(), applied=plan.steps)


def _result(facts: Facts, *, applied: tuple[Step, ...] = ()) -> DoctorResult:
    return DoctorResult(checks=diagnose(facts), plan=plan_setup(facts), applied=applied)
