"""`qlocal url`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal url todo")
@click.argument("name", default="")
@where()
@json_output
@loudness
def command(request, name, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Print the URL of the service NAME, by default of the application."""
    from qlocal.cli import _console, _world
    from qlocal.operations.url import url

    found = url(request, _world.store(), _world.engine(), name)
    if as_json:
        _console.show_json({"url": found})
        return
    click.echo(found)
