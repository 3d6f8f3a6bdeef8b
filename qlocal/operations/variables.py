"""The variables an application gets."""

from dataclasses import dataclass

from qlocal.compose.application_variables import variables_from_host
from qlocal.compose.host import closed, doors
from qlocal.compose.naming import slug
from qlocal.compose.roster import PlacedApplication
from qlocal.compose.translate import Translation
from qlocal.compose.variables import Variable
from qlocal.engine import Engine
from qlocal.errors import NotFound, Problem
from qlocal.operations._memory import remember
from qlocal.operations.project import Project, Request, open_project, translate_project
from qlocal.workspace.record import load_record
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesResult:
    """`is_drawn` is False before the first `up`: credentials and ports are examples then."""

    application: str
    variables: tuple[Variable, ...]
    is_drawn: bool
    problems: tuple[Problem, ...]


def variables(
    request: Request,
    store: Store,
    engine: Engine,
    *,
    application: str = "",
    from_host: bool = False,
) -> VariablesResult:
    """Asks the engine nothing, so it works where none runs. `from_host`: rewritten for a process
    outside the containers.
    """
    project, translation = look_at(request, store, engine)
    placed = pick(project, application)
    found = translation.variables[placed.service]
    problems = translation.problems
    if from_host:
        given = translation.given
        found = variables_from_host(project.roster, given, placed).variables
        record = load_record(project.drawer)
        drawn = record.ports if record else given.ports
        ways = doors(project.roster, given)
        problems = (*problems, *closed(ways, placed.service, drawn))
    return VariablesResult(
        application=placed.name,
        variables=found,
        is_drawn=project.drawer.exists,
        problems=problems,
    )


def look_at(request: Request, store: Store, engine: Engine) -> tuple[Project, Translation]:
    """Nothing that had to be drawn for it is kept."""
    project = open_project(request, store)
    return project, translate_project(project, remember(project, store, engine), engine)


def pick(project: Project, application: str) -> PlacedApplication:
    """By name, else the one whose manifest we stand beside. Raises NotFound."""
    applications = project.roster.applications
    if not application:
        return applications[0]
    for placed in applications:
        if application.lower() == placed.name.lower() or slug(application) == placed.service:
            return placed
    raise NotFound(
        f"there is no application `{application}` here",
        known=tuple(placed.name for placed in applications),
    )
