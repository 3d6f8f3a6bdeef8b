"""Performs the steps that take something away."""

from collections.abc import Callable, Mapping
from itertools import groupby

from qlocal.engine import Engine, Event, Kind, Report
from qlocal.plan.steps import Plan, Remove, RemoveNetwork, RemoveVolume, Step


def remove_containers(steps: list[Step], engine: Engine, report: Report) -> None:
    containers = [step.container for step in steps if isinstance(step, Remove)]
    _say(Kind.STEP, steps, "stopping", report)
    engine.stop(containers)
    engine.remove(containers=containers)
    _say(Kind.DONE, steps, "removed", report)


def _networks(steps: list[Step], engine: Engine, _: Report) -> None:
    engine.remove(networks=[step.target for step in steps])


def _volumes(steps: list[Step], engine: Engine, report: Report) -> None:
    engine.remove(volumes=[step.target for step in steps])
    _say(Kind.DONE, steps, "deleted", report)


def _say(kind: Kind, steps: list[Step], text: str, report: Report) -> None:
    report(Event(kind=kind, subject=", ".join(step.target for step in steps), text=text))


_APPLY: Mapping[type[Step], Callable[[list[Step], Engine, Report], None]] = {
    Remove: remove_containers,
    RemoveNetwork: _networks,
    RemoveVolume: _volumes,
}


def apply_removals(plan: Plan, engine: Engine, report: Report) -> None:
    for kind, steps in groupby(plan.steps, key=type):
        _APPLY[kind](list(steps), engine, report)
