"""`qlocal env unset`."""

import click

from qlocal.cli._options import json_output, loudness, where
from qlocal.cli.env._options import show_result, target, target_of


@click.command(epilog="Example: qlocal env unset GREETING --scope project")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@where()
@target
@json_output
@loudness
def command(request, names, scope, application, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Take back what `env set` set; what it overrode counts again."""
    from qlocal.cli import _world
    from qlocal.operations.set_variables import unset_variables

    result = unset_variables(request, _world.store(), target_of(scope, application), names)
    show_result(result, as_json=as_json)
