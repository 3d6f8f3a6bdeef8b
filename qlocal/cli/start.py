"""`qlocal start`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal start my-redis")
@click.argument("services", nargs=-1)
@where()
@json_output
@loudness
def command(request, services, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Start stopped services and wait until they are ready: all, or the named ones.

    What they depend on is started first. Nothing is built or replaced; `qlocal up` does that.
    """
    from qlocal.cli import _console, _world
    from qlocal.cli._done import show_done
    from qlocal.operations.lifecycle import start

    result = start(request, _world.store(), _world.engine(), services, _console.report)
    show_done(result.environment, result.plan, as_json=as_json)
