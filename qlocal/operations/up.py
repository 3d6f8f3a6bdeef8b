"""Bring an environment up: build, create, start, wait until it is ready."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qlocal.compose.given import Image
from qlocal.compose.translate import Translation
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.errors import Problem
from qlocal.operations._apply import PARTS_FILE, Site, apply, write_compose_files
from qlocal.operations._attached import check_attached
from qlocal.operations._images import provide_images
from qlocal.operations._memory import remember
from qlocal.operations._runs import forget_dead_runs, held_runs
from qlocal.operations.project import (
    Project,
    Request,
    open_project,
    translate_project,
)
from qlocal.plan.facts import Observed
from qlocal.plan.one_off import Part, plan_leftovers, plan_part
from qlocal.plan.steps import Plan
from qlocal.plan.up import (
    Before,
    plan_images,
    plan_up,
    references,
    refuse_others_environment,
    services_to_make,
)
from qlocal.workspace.record import Record, save_record
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`strict_images` refuses stand-ins; `new_ports` draws other ports than before; with `part`
    the rest of the environment stays as it is.
    """

    dry_run: bool = False
    strict_images: bool = False
    new_ports: bool = False
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpResult:
    """`plan` is what was done, or would be in a dry run. `urls` and `stand_ins` by service."""

    environment: str
    project: str
    branch: str
    plan: Plan
    urls: Mapping[str, str]
    stand_ins: Mapping[str, Image]
    problems: tuple[Problem, ...]
    translation: Translation = field(repr=False)


def up(
    request: Request, store: Store, engine: Engine, options: Options, report: Report
) -> UpResult:
    """Raises ManifestError, BuildFailed, PortTaken, Unhealthy and whatever the engine refuses;
    after any of them the same call goes on from where it stopped.
    """
    project = open_project(request, store)
    if options.dry_run:
        return _up(project, store, engine, options, report)

    def waiting() -> None:
        report(
            Event(
                kind=Kind.STEP,
                subject=project.environment.name,
                text="another qlocal is changing this environment; waiting for it",
            )
        )

    with project.drawer.locked(waiting):
        return _up(project, store, engine, options, report)


def _up(
    project: Project, store: Store, engine: Engine, options: Options, report: Report
) -> UpResult:
    saves = not options.dry_run
    record = remember(project, store, engine, saves=saves, new_ports=options.new_ports)
    if options.strict_images:
        record = _without_stand_ins(record)
    translation = translate_project(project, record, engine, saves=saves)
    observed = engine.observe(project.environment.name)
    refuse_others_environment(translation, observed)
    if not options.dry_run:
        check_attached(translation, engine, project.drawer)
    to_make = _to_make(translation, observed, options)
    images = plan_images(translation, to_make, engine.images(references(translation, to_make)))
    if not images.is_empty and not options.dry_run:
        record = provide_images(images, record, engine, report, strict=options.strict_images)
        translation = translate_project(project, record, engine, saves=True)
    if saves and (options.strict_images or not images.is_empty):
        save_record(project.drawer, record)
    plan = _plan(project, translation, observed, engine, options)
    if not options.dry_run and not plan.is_empty:
        write_compose_files(project.drawer, translation)
        apply(
            plan,
            Site(engine=engine, drawer=project.drawer, translation=translation, report=report),
        )
        forget_dead_runs(project.drawer)
    return UpResult(
        environment=project.environment.name,
        project=project.environment.project,
        branch=project.environment.branch,
        plan=Plan(steps=(*images.steps, *plan.steps)),
        urls=translation.urls,
        stand_ins=translation.stand_ins,
        problems=translation.problems,
        translation=translation,
    )


def _plan(
    project: Project, translation: Translation, observed: Observed, engine: Engine, options: Options
) -> Plan:
    to_make = _to_make(translation, observed, options)
    plan = plan_up(
        translation,
        observed,
        Before(parts=project.drawer.read(PARTS_FILE).get("parts", {})),
        present=engine.images(references(translation, to_make)),
        answering=_answering(translation, observed, engine),
    )
    if options.part:
        plan = plan_part(plan, options.part)
    held = held_runs(project.drawer)
    leftovers = plan_leftovers(observed, store=translation.given.store, held=held)
    return Plan(steps=(*leftovers.steps, *plan.steps))


def _to_make(translation: Translation, observed: Observed, options: Options) -> frozenset[str]:
    found = services_to_make(translation, observed)
    if options.part is None:
        return found
    return (found & options.part.running) | options.part.made


def _without_stand_ins(record: Record) -> Record:
    real = {name: image for name, image in record.images.items() if not image.version}
    return replace(record, images=real)


def _answering(translation: Translation, observed: Observed, engine: Engine) -> frozenset[str]:
    return frozenset(
        service
        for service, readiness in translation.readiness.items()
        if (readiness.port or readiness.exchange)
        and (container := observed.container(service))
        and container.is_running
        and engine.answers(container, readiness)
    )
