"""Bring an environment up: build, create, start, wait until it is ready."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qlocal.compose.given import Image
from qlocal.compose.translate import Translation
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.errors import ImageNotFound, Problem, RegistryUnreachable
from qlocal.operations._apply import PARTS_FILE, Site, apply, write_compose_files
from qlocal.operations.project import (
    Project,
    Request,
    open_project,
    remember,
    translate_project,
)
from qlocal.plan.facts import Observed
from qlocal.plan.steps import Plan, ProvideImage
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
    """`strict_images` refuses stand-ins; `new_ports` draws other ports than before."""

    dry_run: bool = False
    strict_images: bool = False
    new_ports: bool = False


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
    before = Before(parts=project.drawer.read(PARTS_FILE).get("parts", {}))
    record, translation = _translated(project, store, engine, options)
    observed = engine.observe(project.environment.name)
    refuse_others_environment(translation, observed)
    to_make = services_to_make(translation, observed)
    present = engine.images(references(translation, to_make))
    images = plan_images(translation, to_make, present)
    if not images.is_empty and not options.dry_run:
        record = _provide(images, record, engine, options, report)
        save_record(project.drawer, record)
        translation = translate_project(project, record, engine)
        to_make = services_to_make(translation, observed)
        present = engine.images(references(translation, to_make))
    plan = plan_up(
        translation,
        observed,
        before,
        present=present,
        answering=_answering(translation, observed, engine),
    )
    if not options.dry_run and not plan.is_empty:
        write_compose_files(project.drawer, translation)
        apply(
            plan,
            Site(engine=engine, drawer=project.drawer, translation=translation, report=report),
        )
    return UpResult(
        environment=project.environment.name,
        project=project.environment.project,
        branch=project.environment.branch,
        plan=Plan(steps=(*images.steps, *plan.steps)),
        urls=translation.urls,
        stand_ins=translation.stand_ins,
        problems=translation.problems,
    )


def _translated(
    project: Project, store: Store, engine: Engine, options: Options
) -> tuple[Record, Translation]:
    """What was drawn is saved before anything is made with it."""
    record = remember(project, store, engine, new_ports=options.new_ports)
    if options.strict_images:
        real = {name: image for name, image in record.images.items() if not image.version}
        record = replace(record, images=real)
    if not options.dry_run:
        record = replace(record, store=store.identity(), probes_early=engine.probes_early)
        save_record(project.drawer, record)
    return record, translate_project(project, record, engine)


def _answering(translation: Translation, observed: Observed, engine: Engine) -> frozenset[str]:
    return frozenset(
        service
        for service, readiness in translation.readiness.items()
        if readiness.port
        and (container := observed.container(service))
        and container.is_running
        and engine.answers(container, readiness)
    )


def _provide(
    plan: Plan, record: Record, engine: Engine, options: Options, report: Report
) -> Record:
    """Pull each; where no registry answers, and only then, build a stand-in from packages."""
    images = dict(record.images)
    unreachable: RegistryUnreachable | None = None
    for step in plan.steps:
        assert isinstance(step, ProvideImage)  # noqa: S101 (the plan holds nothing else)
        if unreachable is None:
            try:
                images[step.reference] = _pull(step, engine, report)
                continue
            except RegistryUnreachable as error:
                unreachable = error
                if not options.strict_images:
                    text = "cannot be reached; images are made from Debian packages instead"
                    report(Event(kind=Kind.WARNING, subject="the image registry", text=text))
        if options.strict_images:
            raise RegistryUnreachable(
                f"{unreachable.message}, and --strict-images allows nothing in its place",
                hint="reach a registry, or map the image under `images:` in qlocal.yml",
            )
        images[step.reference] = _stand_in(step, engine, report)
    return replace(record, images=images)


def _pull(step: ProvideImage, engine: Engine, report: Report) -> Image:
    """Of a version without a tag of its own, the major is taken: `postgres:11.8.0` → `:11`."""
    try:
        engine.provide(step.reference, step.service_type, report)
    except ImageNotFound:
        name, _, tag = step.reference.rpartition(":")
        major = tag.split(".")[0]
        if not step.service_type or major == tag or not major.isdigit():
            raise
        engine.provide(f"{name}:{major}", step.service_type, report)
        text = f"has no image of its own; `{name}:{major}` runs instead"
        report(Event(kind=Kind.WARNING, subject=step.reference, text=text))
        return Image(requested=step.reference, reference=f"{name}:{major}")
    return Image(requested=step.reference, reference=step.reference)


def _stand_in(step: ProvideImage, engine: Engine, report: Report) -> Image:
    report(Event(kind=Kind.STEP, subject=step.reference, text="building from Debian packages"))
    image = engine.stand_in(step.reference, step.service_type, report)
    text = f"{image.version} from Debian packages runs in its place"
    report(Event(kind=Kind.DONE, subject=step.reference, text=text))
    return image
