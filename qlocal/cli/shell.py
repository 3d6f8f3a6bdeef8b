"""`qlocal shell`."""

import click

from qlocal.cli._options import where
from qlocal.cli._session import session_options


@click.command(epilog="Example: qlocal shell my-postgresql")
@click.argument("service", default="")
@where()
@session_options()
@click.pass_context
def command(ctx, request, service, session) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Open a shell in the running container of SERVICE, by default of the application.

    It is bash where the image has it, else sh.
    """
    from qlocal.cli import _world
    from qlocal.operations.exec import shell

    ctx.exit(shell(request, _world.store(), _world.engine(), service, session))
