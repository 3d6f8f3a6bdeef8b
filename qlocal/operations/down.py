"""Take an environment down; its data stays unless deleting it was asked for."""

from dataclasses import dataclass

from qlocal.compose.naming import Environment
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.operations._remove import apply_removals
from qlocal.operations.project import Request, identify
from qlocal.plan.down import plan_down
from qlocal.plan.facts import Observed
from qlocal.plan.steps import Plan
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class DownResult:
    environment: Environment
    plan: Plan
    kept: tuple[str, ...] = ()


def down(
    request: Request, store: Store, engine: Engine, report: Report, *, volumes: bool = False
) -> DownResult:
    """With `volumes` the record goes too: the next `up` draws new credentials for new data."""
    environment = identify(request, store, for_certain=volumes)
    drawer = store.drawer(environment.name)

    def waiting() -> None:
        text = "another qlocal is changing this environment; waiting for it"
        report(Event(kind=Kind.STEP, subject=environment.name, text=text))

    was_up = drawer.exists
    with drawer.locked(waiting):
        observed = engine.observe(environment.name)
        plan = plan_down(observed, volumes=volumes)
        apply_removals(plan, engine, report)
        if volumes or not was_up:
            drawer.delete()
    return DownResult(
        environment=environment,
        plan=plan,
        kept=() if volumes else tuple(volume.name for volume in observed.volumes),
    )


def data_of(request: Request, store: Store, engine: Engine) -> tuple[Environment, Observed]:
    """What `down --volumes` would delete."""
    environment = identify(request, store, for_certain=True)
    return environment, engine.observe(environment.name)
