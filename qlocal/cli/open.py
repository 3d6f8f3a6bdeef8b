"""`qlocal open`."""

import click

from qlocal.cli._options import loudness, where


@click.command(epilog="Example: qlocal open todo")
@click.argument("name", default="")
@where()
@loudness
def command(request, name) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Open the service NAME, by default the application, in a browser.

    Prints the URL where there is no display.
    """
    from qlocal.cli import _console, _world
    from qlocal.operations.url import url

    found = url(request, _world.store(), _world.engine(), name)
    if not _opens(found):
        click.echo(found)
        return
    _console.say(f"opened {found}")


def _opens(found: str) -> bool:
    """A browser that draws in the terminal is not what was meant, unless BROWSER names it."""
    import os
    import sys
    import webbrowser

    has_display = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    return has_display and found.startswith("http") and webbrowser.open(found)
