"""The one entry point: who lives in the environment + what it remembers → a Compose project."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qlocal.compose import application, attached, backing, builtin
from qlocal.compose.application_variables import application_variables
from qlocal.compose.attached import THIS_MACHINE, Attached, is_this_machine
from qlocal.compose.given import Given, Image
from qlocal.compose.naming import Environment
from qlocal.compose.order import dependencies, waves
from qlocal.compose.project import ComposeProject
from qlocal.compose.readiness import Readiness
from qlocal.compose.roster import Roster
from qlocal.compose.variables import Variable
from qlocal.compose.wanted import FRONTEND, Volume, WantedImage
from qlocal.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Everything by service name. `order` is the services in the waves in which they start;
    `stand_ins` are the backing services that run something else than was asked for, `attached`
    those that run elsewhere.
    """

    environment: Environment
    project: ComposeProject
    readiness: Mapping[str, Readiness]
    order: tuple[tuple[str, ...], ...]
    urls: Mapping[str, str]
    variables: Mapping[str, tuple[Variable, ...]]
    volumes: tuple[Volume, ...]
    images: tuple[WantedImage, ...]
    given: Given
    attached: tuple[Attached, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def stand_ins(self) -> dict[str, Image]:
        found = {
            one.service: self.given.image(one.reference)
            for one in self.images
            if one.service_type not in ("", FRONTEND)
        }
        return {service: image for service, image in found.items() if image.version}


def translate(roster: Roster, given: Given) -> Translation:
    """Nothing here fails: what cannot be said in Compose is a problem in the result."""
    created = roster.created
    depends_on, problems = dependencies(created)
    problems += attached.problems(roster.services, given.outside)
    problems += builtin.clashes(roster)
    elsewhere = _attached(roster, given)
    hosts = (THIS_MACHINE,) if any(is_this_machine(one.host) for one in elsewhere) else ()
    services = [backing.compose_service(placed, given) for placed in created.services]
    variables: dict[str, tuple[Variable, ...]] = {}
    shared = builtin.shared_by_all(roster, given)
    for placed in roster.applications:
        resolved = application_variables(roster, given, placed, shared)
        problems += resolved.problems
        variables[placed.service] = resolved.variables
        service = application.compose_service(
            placed, given, resolved.variables, depends_on[placed.service]
        )
        services.append(replace(service, hosts=hosts))
    volumes = _volumes(created, given)
    return Translation(
        environment=given.environment,
        project=ComposeProject(
            name=given.environment.name,
            services=tuple(services),
            volumes=tuple(volume.name for volume in volumes),
            labels=given.environment_labels,
            early_probes=given.early_probes,
        ),
        readiness={placed.service: backing.readiness(placed, given) for placed in created.services}
        | {placed.service: application.readiness(placed) for placed in roster.applications},
        order=waves(services),
        urls=builtin.urls(roster, given),
        variables=variables,
        volumes=volumes,
        images=_images(created),
        given=given,
        attached=elsewhere,
        problems=tuple(sorted((*roster.problems, *problems), key=lambda problem: problem.position)),
    )


def _attached(roster: Roster, given: Given) -> tuple[Attached, ...]:
    found = (attached.attach(placed, given.outside) for placed in roster.services)
    return tuple(one for one in found if one)


def _volumes(roster: Roster, given: Given) -> tuple[Volume, ...]:
    found: list[Volume] = []
    for service in roster.services:
        found += backing.volumes(service, given)
    for placed in roster.applications:
        found += application.volumes(placed, given)
    return tuple(found)


def _images(roster: Roster) -> tuple[WantedImage, ...]:
    found: list[WantedImage] = []
    for service in roster.services:
        found += backing.wanted_images(service)
    for placed in roster.applications:
        found += application.wanted_images(placed)
    return tuple(found)
