"""What `qlocal env` prints."""

from dataclasses import dataclass

import click

from qlocal.cli import _console, _world
from qlocal.cli.env import _documents, _text
from qlocal.compose.scopes import Scope, Variable
from qlocal.engine import Engine
from qlocal.operations.explain import compare_variables, explain_variable
from qlocal.operations.project import Request
from qlocal.operations.variables import variables
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was asked for, whatever is looked at."""

    request: Request
    application: str
    form: str
    show_secrets: bool

    @property
    def world(self) -> tuple[Request, Store, Engine]:
        return self.request, _world.store(), _world.engine()


def listing(look: Look, *, from_host: bool) -> None:
    result = variables(*look.world, application=look.application, from_host=from_host)
    _console.show_problems(result.problems)
    _say_examples(result.is_drawn)
    if look.form == "json":
        found = [_documents.variable(one, look.show_secrets) for one in result.variables]
        _console.show_json(found)
    elif look.form == "table":
        rows = [
            (one.name, _text.shown(one, look.show_secrets), _source(one))
            for one in result.variables
        ]
        _console.show_table(("NAME", "VALUE", "SCOPE"), rows)
    else:
        _text.show_statements(result.variables, look.form, look.show_secrets)


def _source(one: Variable) -> str:
    return str(one.where) if one.scope is Scope.DOTENV else one.scope.name


def explanation(look: Look, name: str) -> None:
    result = explain_variable(*look.world, name, application=look.application)
    _say_examples(result.is_drawn)
    if look.form == "json":
        _console.show_json([_documents.explained(one, look.show_secrets) for one in result.chain])
        return
    for number, one in enumerate(result.chain):
        click.echo(("\n" if number else "") + _text.told(one, look.show_secrets))


def comparison(look: Look, branch: str) -> None:
    result = compare_variables(*look.world, branch, application=look.application)
    for one in result.examples:
        _console.say(f"note: `{one}` was never up: its passwords and ports are examples")
    if look.form == "json":
        found = [_documents.difference(one, look.show_secrets) for one in result.differences]
        _console.show_json(found)
        return
    rows = [_text.row(one, look.show_secrets) for one in result.differences]
    _console.show_table(("NAME", *result.branches), rows)


def _say_examples(is_drawn: bool) -> None:
    if not is_drawn:
        _console.say("note: passwords and ports are examples until the first `qlocal up`")
