"""`qlocal env`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal env --dotenv --show-secrets > app.env")
@where()
@click.option("--show-secrets", is_flag=True, help="Show passwords and the like.")
@click.option("--dotenv", is_flag=True, help="Print NAME='value' lines.")
@json_output
@loudness
def command(request, show_secrets, dotenv, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """List the variables the application gets, and where each comes from."""
    from qlocal.cli import _console, _world
    from qlocal.compose.variables import Scope
    from qlocal.operations.variables import variables

    result = variables(request, _world.store(), _world.engine())
    _console.show_problems(result.problems)
    if not result.is_drawn:
        _console.say("note: passwords and ports are examples until the first `qlocal up`")
    shown = [
        (one, "<hidden>" if one.secret and not show_secrets else one.value)
        for one in result.variables
    ]
    if as_json:
        _console.show_json(
            [
                {
                    "name": one.name,
                    "value": value,
                    "scope": one.scope.name,
                    "secret": one.secret,
                    "where": str(one.where) if one.where else "",
                }
                for one, value in shown
            ]
        )
    elif dotenv:
        for one, value in shown:
            if not one.secret or show_secrets:
                quoted = value.replace("\\", "\\\\").replace("'", "\\'")
                click.echo(f"{one.name}='{quoted}'")
    else:
        rows = [
            (one.name, value, str(one.where) if one.scope is Scope.DOTENV else one.scope.name)
            for one, value in shown
        ]
        _console.show_table(("NAME", "VALUE", "SCOPE"), rows)
