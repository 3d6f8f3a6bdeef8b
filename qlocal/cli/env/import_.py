"""`qlocal env import`."""

import click

from qlocal.cli._options import json_output, loudness, where
from qlocal.cli.env._options import show_result, target, target_of


@click.command(epilog="Example: qlocal env import staging.env --scope project")
@click.argument("source", metavar="FILE")
@where()
@target
@json_output
@loudness
def command(request, source, scope, application, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Set every variable of a `.env` file, all or none."""
    from qlocal.cli import _world
    from qlocal.operations.set_variables import import_variables

    result = import_variables(
        request, _world.store(), _world.engine(), target_of(scope, application), source
    )
    show_result(result, as_json=as_json)
