"""Options that the verbs of `qlocal env` share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

application = click.option(
    "-a", "--application", default="", metavar="NAME", help="Of which application."
)


def target(function: F) -> F:
    """`--scope` and `-a`: `-a` alone means the scope of that application."""
    scope = click.option(
        "--scope",
        type=click.Choice(("project", "environment", "application")),
        help="For every branch, for this one (default), or for one application on it.",
    )
    return scope(application(function))


def target_of(scope: str | None, name: str) -> Any:
    from qlocal.compose.scopes import Scope
    from qlocal.operations.set_variables import Target

    said = scope or ("application" if name else "environment")
    return Target(scope=Scope[said.upper()], application=name)


def show_result(result: Any, *, as_json: bool) -> None:
    """Names only: a value may be a secret."""
    from qlocal.cli import _console

    _console.show_problems(result.problems)
    kinds = ("added", "changed", "unchanged", "removed")
    if as_json:
        document = {kind: list(getattr(result, kind)) for kind in kinds}
        _console.show_json({"scope": result.scope.name, **document})
        return
    for kind in kinds:
        if names := getattr(result, kind):
            shown = ", ".join(names) if len(names) <= 10 else f"{len(names)} variables"
            _console.say(f"{shown} {kind} {result.whose}")
    if result.added or result.changed or result.removed:
        _console.say("  `qlocal up` brings it to the containers")
