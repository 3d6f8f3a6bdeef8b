"""`qlocal exec`."""

import click

from qlocal.cli._options import where
from qlocal.cli._session import PASSES_ON, session_options


@click.command(context_settings=PASSES_ON, epilog="Example: qlocal exec todo -- ls -l /app")
@click.argument("service")
@click.argument("words", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@where()
@session_options()
@click.pass_context
def command(ctx, request, service, words, session) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Run a command in the running container of SERVICE.

    Its exit code is qlocal's. Signals reach it, and pipes work: qlocal exec todo -- cat < file
    """
    from dataclasses import replace

    from qlocal.cli import _world
    from qlocal.operations.exec import execute

    given = words[1:] if words[0] == "--" else words
    if not given:
        raise click.UsageError("what should run? Nothing follows `--`.", ctx)
    session = replace(session, command=tuple(given))
    ctx.exit(execute(request, _world.store(), _world.engine(), service, session))
