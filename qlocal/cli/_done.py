"""What `start`, `stop` and `restart` say at the end."""

from qlocal.cli import _console
from qlocal.compose.naming import Environment
from qlocal.plan.steps import Plan


def show_done(environment: Environment, plan: Plan, *, as_json: bool) -> None:
    if as_json:
        _console.show_json(
            {
                "environment": environment.name,
                "plan": [
                    {"verb": step.verb, "target": step.target, "cause": step.cause}
                    for step in plan.steps
                ],
            }
        )
    elif plan.is_empty:
        _console.say(f"{environment.project} on {environment.branch}: nothing to do")
