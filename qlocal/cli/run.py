"""`qlocal run`."""

import click

from qlocal.cli._options import loudness, where
from qlocal.cli._session import PASSES_ON, session_options


@click.command(context_settings=PASSES_ON, epilog="Example: qlocal run todo -- python3 migrate.py")
@click.argument(
    "words", metavar="[APPLICATION] [--] [COMMAND]...", nargs=-1, type=click.UNPROCESSED
)
@where()
@session_options()
@click.option("--rm/--no-rm", "removes", default=True, help="Remove the container at the end.")
@loudness
@click.pass_context
def command(ctx, request, words, session, removes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Run a one-off process in the application's image, variables, volumes and network.

    Databases are started first if they do not run, and the image is built if it has to be; the
    application itself stays as it is. Without COMMAND, the image's own runs. The exit code of the
    process is qlocal's, and signals reach it.
    """
    from qlocal.cli import _console, _world
    from qlocal.operations.run import Wish, run

    wish = Wish(words=tuple(words), session=session, removes=removes)
    ctx.exit(run(request, _world.store(), _world.engine(), wish, _console.report))
