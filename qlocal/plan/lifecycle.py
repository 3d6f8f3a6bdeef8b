"""What `stop` and `start` have to do; neither makes nor removes anything."""

from collections.abc import Collection

from qlocal.compose.naming import LABEL_APPLICATION
from qlocal.compose.translate import Translation
from qlocal.plan.facts import Container, Observed
from qlocal.plan.steps import AwaitReady, Plan, Start, Step, Stop


def plan_stop(observed: Observed, services: Collection[str]) -> Plan:
    """Applications before the backing services they talk to."""
    chosen = [one for one in observed.containers if one.service in services and _is_up(one)]
    chosen.sort(key=lambda one: LABEL_APPLICATION not in one.labels)
    return Plan(
        steps=tuple(
            Stop(service=one.service, container=one.id, cause=one.state, wave=_wave(one))
            for one in chosen
        )
    )


def plan_start(translation: Translation, observed: Observed, services: Collection[str]) -> Plan:
    """In waves; first what these depend on, where that is there and stopped."""
    needed = with_dependencies(translation, services)
    steps: list[Step] = []
    for wave in translation.order:
        found = [one for name in wave if name in needed and (one := observed.container(name))]
        steps += [Start(service=one.service, cause=one.state) for one in found if not _is_up(one)]
        steps += [
            AwaitReady(service=one.service, cause=f"ready by {translation.readiness[one.service]}")
            for one in found
            if not _is_up(one) or one.health == "starting"
        ]
    return Plan(steps=tuple(steps))


def changed(translation: Translation, observed: Observed) -> tuple[str, ...]:
    """Services that `up` would replace: what starts is what was made then."""
    return tuple(
        service.name
        for service in translation.project.services
        if (one := observed.container(service.name)) and one.digest != service.digest
    )


def with_dependencies(translation: Translation, services: Collection[str]) -> frozenset[str]:
    depends_on = {one.name: one.depends_on for one in translation.project.services}
    found: set[str] = set()
    waiting = list(services)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += depends_on.get(name, ())
    return frozenset(found)


def _is_up(container: Container) -> bool:
    return container.state in ("running", "restarting")


def _wave(container: Container) -> int:
    return 0 if LABEL_APPLICATION in container.labels else 1
