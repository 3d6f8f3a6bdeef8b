"""What `up` has to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qlocal.compose.naming import LABEL_ROOT, LABEL_STORE
from qlocal.compose.project import ComposeService
from qlocal.compose.translate import Translation
from qlocal.compose.wanted import Volume
from qlocal.errors import QlocalError
from qlocal.plan.facts import Container, Observed, ObservedVolume
from qlocal.plan.steps import (
    AwaitReady,
    BuildImage,
    Create,
    CreateVolume,
    Plan,
    ProvideImage,
    Recreate,
    Remove,
    Start,
    Step,
)

Parts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the last `up` left in the store. `parts` are the pieces each container's digest was
    made of; they name what changed.
    """

    parts: Mapping[str, Parts] = field(default_factory=dict)


def services_to_make(translation: Translation, observed: Observed) -> frozenset[str]:
    """Services whose container is missing or must be replaced: only they need images."""
    changes = _changes(translation, observed, Before())
    return frozenset(
        service for service, step in changes.items() if isinstance(step, Create | Recreate)
    )


def references(translation: Translation, services: frozenset[str]) -> tuple[str, ...]:
    """The images to look for before planning: those these services run, and those they are
    built from.
    """
    own = [service.image for service in translation.project.services if service.name in services]
    foreign = [
        translation.given.image(wanted.reference).reference
        for wanted in translation.images
        if wanted.service in services
    ]
    return tuple(dict.fromkeys(one for one in (*own, *foreign) if one))


def plan_images(
    translation: Translation, services: frozenset[str], present: frozenset[str]
) -> Plan:
    """Images that others made, that these services need and that are not here. What an
    application is built from is not needed where it is built already.
    """
    built = {service.name for service in translation.project.services if service.image in present}
    missing: dict[str, str] = {}
    for wanted in translation.images:
        here = translation.given.image(wanted.reference).reference in ("", *present)
        if wanted.service in services - built and not here:
            # A FROM line may name what a database runs too; its type says how to stand in for it.
            missing[wanted.reference] = missing.get(wanted.reference) or wanted.service_type
    return Plan(
        steps=tuple(
            ProvideImage(reference=reference, service_type=kind, cause="not on this engine")
            for reference, kind in missing.items()
        )
    )


def plan_up(
    translation: Translation,
    observed: Observed,
    before: Before,
    *,
    present: frozenset[str],
    answering: frozenset[str],
) -> Plan:
    """`present` are the references, of those asked for, that the engine has; `answering` are the
    running services that pass the probe made from here.

    Raises QlocalError where data would be read by a version that cannot.
    """
    _refuse_other_versions(translation.volumes, observed.volumes)
    changes = _changes(translation, observed, before)
    creations = [step for step in changes.values() if isinstance(step, Create | Recreate)]
    made = {step.service for step in creations}
    builds = [
        BuildImage(
            service=service.name, image=service.image, cause=_build_cause(service.name, before)
        )
        for service in translation.project.services
        if service.build and service.name in made and service.image not in present
    ]
    return Plan(
        steps=(
            *builds,
            *_orphans(translation, observed),
            *_new_volumes(translation, observed),
            *creations,
            *_start_in_waves(translation, observed, changes, answering),
        )
    )


def _changes(translation: Translation, observed: Observed, before: Before) -> dict[str, Step]:
    changes: dict[str, Step] = {}
    for service in translation.project.services:
        container = observed.container(service.name)
        step = _converge(service, container, before)
        if step:
            changes[service.name] = step
    return changes


def _orphans(translation: Translation, observed: Observed) -> list[Step]:
    """By our own labels only, and not what other folders' manifests asked for."""
    names = {service.name for service in translation.project.services}
    kept = {container.id for name in names if (container := observed.container(name))}
    return [
        Remove(service=container.service, container=container.id, cause=cause)
        for container in observed.containers
        if container.id not in kept and (cause := _why_orphan(translation, container))
    ]


def _why_orphan(translation: Translation, container: Container) -> str:
    """Nothing for one that is none. A killed run may leave a second container of one service."""
    if container.service in translation.readiness:
        return "left over"
    for one in translation.attached:
        if one.service == container.service:
            return f"attached to {one.place} instead; its data stays"
    roots = {service.root for service in translation.project.services}
    is_ours = container.labels.get(LABEL_ROOT, "") in roots
    return "no longer in the manifest; its data stays" if is_ours else ""


def _new_volumes(translation: Translation, observed: Observed) -> list[Step]:
    known = {volume.name for volume in observed.volumes}
    return [
        CreateVolume(volume=volume, cause="first start")
        for volume in translation.volumes
        if volume.name not in known
    ]


def _converge(service: ComposeService, container: Container | None, before: Before) -> Step | None:
    name = service.name
    if container is None:
        return Create(service=name, cause="not there")
    if container.digest != service.digest:
        cause = _difference(before.parts.get(name), service.parts())
        return Recreate(service=name, cause=cause)
    if container.is_running and container.health == "unhealthy":
        return Recreate(service=name, cause="unhealthy")
    if container.is_running:
        return None
    if container.state in ("restarting", "dead", "removing", "paused"):
        return Recreate(service=name, cause=container.state)
    return Start(service=name, cause=_state(container))


def _state(container: Container) -> str:
    if container.state == "exited":
        return f"exited with {container.exit_code}"
    return container.state


def _difference(before: Parts | None, now: Parts) -> str:
    """`image changed, variable DB_HOST changed`, at most three."""
    if before is None:
        return "changed"
    found = [f"{key} added" for key in now if key not in before]
    found += [f"{key} removed" for key in before if key not in now]
    found += [f"{key} changed" for key in now if key in before and before[key] != now[key]]
    found.sort(key=lambda text: not text.startswith("image"))
    rest = len(found) - 3
    return ", ".join(found[:3] + ([f"{rest} more"] if rest > 0 else [])) or "changed"


def _build_cause(service: str, before: Before) -> str:
    return "source changed" if service in before.parts else "first build"


def _start_in_waves(
    translation: Translation,
    observed: Observed,
    changes: Mapping[str, Step],
    answering: frozenset[str],
) -> list[Step]:
    """Start a wave, wait for it, start the next. A service that runs unchanged is only waited
    for when it is not known to be ready.
    """
    steps: list[Step] = []
    for wave in translation.order:
        for service in wave:
            change = changes.get(service)
            if isinstance(change, Start):
                steps.append(change)
            elif change is not None:
                steps.append(Start(service=service, cause="created"))
        for service in wave:
            readiness = translation.readiness[service]
            container = observed.container(service)
            if service in changes:
                steps.append(AwaitReady(service=service, cause=f"ready by {readiness}"))
            elif container and container.health == "starting" and service not in answering:
                steps.append(AwaitReady(service=service, cause="still starting"))
            elif readiness.port and service not in answering:
                steps.append(AwaitReady(service=service, cause=f"{readiness} does not answer"))
    return steps


def _refuse_other_versions(
    wanted: tuple[Volume, ...], existing: tuple[ObservedVolume, ...]
) -> None:
    have = {volume.name: volume for volume in existing}
    for volume in wanted:
        found = have.get(volume.name)
        if not found:
            continue
        is_other_version = volume.version and found.version and found.version != volume.version
        if found.type != volume.type or is_other_version:
            wrote = f"{found.type} {found.version}".strip()
            raise QlocalError(
                f"the data of `{volume.service}` was written by {wrote}, "
                f"and {volume.type} {volume.version} cannot read it",
                hint=f"ask for {wrote} again, or delete this environment's data "
                "with `qlocal down --volumes`",
            )


def refuse_others_environment(translation: Translation, observed: Observed) -> None:
    """Another $QLOCAL_HOME made it: its passwords are not known here, and replacing its containers
    would cut off whoever does know them.
    """
    mine = translation.given.store
    owners = {volume.store for volume in observed.volumes}
    owners |= {container.labels.get(LABEL_STORE, "") for container in observed.containers}
    if mine and owners - {mine, ""}:
        environment = translation.environment
        raise QlocalError(
            f"`{environment.project}` on `{environment.branch}` is on this engine already, made "
            "with another QLOCAL_HOME, and its passwords are not known here",
            hint="set QLOCAL_HOME to the folder it was made with, run another branch with `-b`, "
            "or delete it and its data with `qlocal down --volumes`",
        )
