"""`qlocal stop`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal stop my-redis")
@click.argument("services", nargs=-1)
@where()
@json_output
@loudness
def command(request, services, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Stop services, all or the named ones; their containers and data stay."""
    from qlocal.cli import _console, _world
    from qlocal.cli._done import show_done
    from qlocal.operations.lifecycle import stop

    result = stop(request, _world.store(), _world.engine(), services, _console.report)
    show_done(result.environment, result.plan, as_json=as_json)
