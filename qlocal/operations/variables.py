"""The variables an application gets."""

from dataclasses import dataclass

from qlocal.compose.variables import Variable
from qlocal.engine import Engine
from qlocal.errors import Problem
from qlocal.operations.project import Request, open_project, remember, translate_project
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesResult:
    """`is_drawn` is False before the first `up`: credentials and ports are examples then."""

    application: str
    variables: tuple[Variable, ...]
    is_drawn: bool
    problems: tuple[Problem, ...]


def variables(request: Request, store: Store, engine: Engine) -> VariablesResult:
    """Asks the engine nothing, so it works where none runs."""
    project = open_project(request, store)
    translation = translate_project(project, remember(project, store, engine), engine)
    placed = project.roster.applications[0]
    return VariablesResult(
        application=placed.name,
        variables=translation.variables[placed.service],
        is_drawn=project.drawer.exists,
        problems=translation.problems,
    )
