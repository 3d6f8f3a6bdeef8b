"""Getting the images that others made: from a registry, else from Debian packages."""

from dataclasses import replace

from qlocal.compose.given import Image
from qlocal.compose.wanted import FRONTEND
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.errors import ImageNotFound, RegistryUnreachable
from qlocal.plan.steps import Plan, ProvideImage
from qlocal.workspace.record import Record


def provide_images(
    plan: Plan, record: Record, engine: Engine, report: Report, *, strict: bool
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
                if not strict:
                    text = "cannot be reached; images are made from Debian packages instead"
                    report(Event(kind=Kind.WARNING, subject="the image registry", text=text))
        if strict:
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
    if step.service_type == FRONTEND:
        text = "the engine's own reader of Dockerfiles takes its place"
        report(Event(kind=Kind.DONE, subject=step.reference, text=text))
        return Image(requested=step.reference, reference="", version="built-in")
    image = engine.stand_in(step.reference, step.service_type, _announcing(step, report))
    text = f"{image.version} from Debian packages runs in its place"
    report(Event(kind=Kind.DONE, subject=step.reference, text=text))
    return image


def _announcing(step: ProvideImage, report: Report) -> Report:
    """One that is here already is found without a word; the first word is that of a build."""
    said: list[bool] = []

    def announce(event: Event) -> None:
        if not said:
            said.append(True)
            text = "building from Debian packages"
            report(Event(kind=Kind.STEP, subject=step.reference, text=text))
        report(event)

    return announce
