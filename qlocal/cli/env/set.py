"""`qlocal env set`."""

import click

from qlocal.cli._options import json_output, loudness, where
from qlocal.cli.env._options import show_result, target, target_of


@click.command(epilog="Examples: qlocal env set GREETING=hello; qlocal env set API_KEY < key.txt")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE... | NAME")
@where()
@target
@click.option("--literal", is_flag=True, help="`$OTHER` means these characters, it is no alias.")
@json_output
@loudness
def command(request, assignments, scope, application, literal, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Set variables; the next `qlocal up` brings them to the containers.

    A NAME alone takes its value from stdin, where no process list shows it; one newline at its end
    is left out. A value that is `$OTHER` as a whole stands for the variable OTHER; everything else
    arrives as written. They outlive `down --volumes`.
    """
    from qlocal.cli import _world
    from qlocal.compose.scopes import Setting
    from qlocal.operations.set_variables import set_variables

    values = dict(_assignment(one, alone=len(assignments) == 1) for one in assignments)
    settings = {name: Setting(value=value, literal=literal) for name, value in values.items()}
    result = set_variables(
        request, _world.store(), _world.engine(), target_of(scope, application), settings
    )
    show_result(result, as_json=as_json)


def _assignment(text: str, *, alone: bool) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals:
        return name, value
    if not alone:
        raise click.UsageError("a NAME whose value comes from stdin must be the only one")
    return name, _from_stdin(name)


def _from_stdin(name: str) -> str:
    import sys

    if sys.stdin.isatty():
        typed: str = click.prompt(name, hide_input=True, err=True, default="", show_default=False)
        return typed
    try:
        read = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise click.UsageError(f"the value of `{name}` is not UTF-8 text") from None
    return read.removesuffix("\n").removesuffix("\r")
