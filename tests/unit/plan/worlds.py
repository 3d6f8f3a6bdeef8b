"""Translations to plan for, and what an engine that has them looks like."""

from dataclasses import replace

from qlocal.compose.naming import LABEL_ROOT
from qlocal.compose.translate import Translation
from qlocal.plan.facts import Container, Observed, ObservedVolume
from qlocal.plan.steps import Plan
from qlocal.plan.up import Before, plan_up, references, services_to_make
from tests.unit.compose.translating import translated

MANIFEST = """\
application:
  name: shop
  project: demo
databases:
- {type: postgresql, version: "15", name: db}
"""


def shop(manifest: str = MANIFEST, dotenv: str = "", context: str = "one") -> Translation:
    return translated(manifest, dotenv=dotenv, context=context)


def container(translation: Translation, service: str, identity: str = "") -> Container:
    """As it runs after an `up`."""
    wanted = translation.project.service(service)
    return Container(
        id=identity or f"id-of-{service}",
        name=f"demo--main-{service}-1",
        service=service,
        image=wanted.image,
        state="running",
        health="healthy" if wanted.healthcheck else "",
        digest=wanted.digest,
        labels={**wanted.labels, LABEL_ROOT: wanted.root},
    )


def running(translation: Translation) -> Observed:
    services = [service.name for service in translation.project.services]
    return Observed(
        containers=tuple(container(translation, service) for service in services),
        volumes=tuple(
            ObservedVolume(
                name=volume.name,
                service=volume.service,
                type=volume.type,
                version=volume.version,
            )
            for volume in translation.volumes
        ),
        networks=("demo--main_default",),
    )


def changed(observed: Observed, service: str, **changes: object) -> Observed:
    return replace(
        observed,
        containers=tuple(
            replace(one, **changes) if one.service == service else one  # type: ignore[arg-type]
            for one in observed.containers
        ),
    )


def before(translation: Translation) -> Before:
    """What the `up` of this translation left in the store."""
    return Before(parts={one.name: one.parts() for one in translation.project.services})


def everything(translation: Translation) -> frozenset[str]:
    """All images are here."""
    services = frozenset(service.name for service in translation.project.services)
    return frozenset(references(translation, services))


def up(
    translation: Translation,
    observed: Observed,
    past: Before,
    *,
    present: frozenset[str] | None = None,
    answering: frozenset[str] = frozenset({"shop"}),
) -> Plan:
    services_to_make(translation, observed)
    here = everything(translation) if present is None else present
    return plan_up(translation, observed, past, present=here, answering=answering)
