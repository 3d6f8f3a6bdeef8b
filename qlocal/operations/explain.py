"""Why a variable has its value, and how variables differ from another branch's."""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from qlocal.compose.explain import Explained, explain
from qlocal.compose.variables import Variable
from qlocal.engine import Engine
from qlocal.errors import NotFound
from qlocal.operations.project import Request
from qlocal.operations.variables import look_at, pick, variables
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainResult:
    """`chain` begins with the variable asked for; the others are what it is made of."""

    application: str
    chain: tuple[Explained, ...]
    is_drawn: bool


def explain_variable(
    request: Request, store: Store, engine: Engine, name: str, *, application: str = ""
) -> ExplainResult:
    """Raises NotFound with what may have been meant."""
    project, translation = look_at(request, store, engine)
    placed = pick(project, application)
    chain = explain(project.roster, translation.given, placed, name)
    if not chain:
        names = [one.name for one in translation.variables[placed.service]]
        close = get_close_matches(name, names, n=3) or [
            one for one in names if name.upper() in one.upper()
        ]
        raise NotFound(f"`{placed.name}` gets no variable `{name}`", known=close[:3])
    return ExplainResult(application=placed.name, chain=chain, is_drawn=project.drawer.exists)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """None where it is not set."""

    name: str
    here: Variable | None
    there: Variable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """`examples` are the branches that were never up: their passwords and ports are not drawn."""

    branches: tuple[str, str]
    differences: tuple[Difference, ...]
    examples: tuple[str, ...]


def compare_variables(
    request: Request, store: Store, engine: Engine, branch: str, *, application: str = ""
) -> ComparisonResult:
    """With the files as they are here: what differs is the branch, what it remembers, and what was
    set for it by command.
    """
    project, _ = look_at(request, store, engine)
    here = variables(request, store, engine, application=application)
    other = replace(request, branch=branch)
    there = variables(other, store, engine, application=application)
    mine, theirs = ({one.name: one for one in side.variables} for side in (here, there))
    differences = tuple(
        Difference(name=name, here=mine.get(name), there=theirs.get(name))
        for name in sorted(mine.keys() | theirs.keys())
        if _value(mine.get(name)) != _value(theirs.get(name))
    )
    branches = (project.environment.branch, branch)
    drawn = zip(branches, (here.is_drawn, there.is_drawn), strict=True)
    return ComparisonResult(
        branches=branches,
        differences=differences,
        examples=tuple(name for name, is_drawn in drawn if not is_drawn),
    )


def _value(variable: Variable | None) -> str | None:
    return variable.value if variable else None
