"""Stop, start and restart what was made; containers and data stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from qlocal.compose.naming import Environment
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.operations._apply import Site, apply
from qlocal.operations._here import Here, changing, look
from qlocal.operations._memory import remember
from qlocal.operations.project import Request, open_project, translate_project
from qlocal.plan.lifecycle import changed, plan_start, plan_stop, with_dependencies
from qlocal.plan.steps import Plan, Stop
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleResult:
    """`plan` is what was done."""

    environment: Environment
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    request: Request
    store: Store
    engine: Engine
    report: Report


def stop(
    request: Request, store: Store, engine: Engine, services: Sequence[str], report: Report
) -> LifecycleResult:
    """All without names. Raises NotFound; needs no readable manifest."""
    here = look(request, store, engine)
    chosen = _chosen(here, services)
    world = _World(request=request, store=store, engine=engine, report=report)
    with changing(here.environment, store.drawer(here.environment.name), report):
        return LifecycleResult(environment=here.environment, plan=_stop(world, here, chosen))


def start(
    request: Request, store: Store, engine: Engine, services: Sequence[str], report: Report
) -> LifecycleResult:
    """What they depend on too; returns when all are ready. Raises NotFound, PortTaken,
    Unhealthy.
    """
    here = look(request, store, engine)
    chosen = _chosen(here, services)
    world = _World(request=request, store=store, engine=engine, report=report)
    with changing(here.environment, store.drawer(here.environment.name), report):
        return LifecycleResult(environment=here.environment, plan=_start(world, here, chosen))


def restart(
    request: Request, store: Store, engine: Engine, services: Sequence[str], report: Report
) -> LifecycleResult:
    here = look(request, store, engine)
    chosen = _chosen(here, services)
    world = _World(request=request, store=store, engine=engine, report=report)
    with changing(here.environment, store.drawer(here.environment.name), report):
        stopped = _stop(world, here, chosen)
        started = _start(world, here, chosen)
    plan = Plan(steps=(*stopped.steps, *started.steps))
    return LifecycleResult(environment=here.environment, plan=plan)


def _chosen(here: Here, services: Sequence[str]) -> frozenset[str]:
    names = services or [one.service for one in here.containers] or ["*"]
    return frozenset(here.container(name).service for name in names)


def _stop(world: _World, here: Here, services: frozenset[str]) -> Plan:
    plan = plan_stop(world.engine.observe(here.environment.name), services)
    steps = [step for step in plan.steps if isinstance(step, Stop)]
    for _, wave in groupby(steps, key=lambda step: step.wave):
        together = list(wave)
        names = ", ".join(step.service for step in together)
        world.report(Event(kind=Kind.STEP, subject=names, text="stopping"))
        world.engine.stop([step.container for step in together])
        world.report(Event(kind=Kind.DONE, subject=names, text="stopped"))
    return plan


def _start(world: _World, here: Here, services: frozenset[str]) -> Plan:
    project = open_project(world.request, world.store)
    record = remember(project, world.store, world.engine)
    translation = translate_project(project, record, world.engine)
    observed = world.engine.observe(here.environment.name)
    plan = plan_start(translation, observed, services)
    needed = with_dependencies(translation, services)
    for name in changed(translation, observed):
        if name in needed:
            text = "changed since it was made; `qlocal up` applies that"
            world.report(Event(kind=Kind.WARNING, subject=name, text=text))
    site = Site(
        engine=world.engine, drawer=project.drawer, translation=translation, report=world.report
    )
    apply(plan, site)
    return plan
