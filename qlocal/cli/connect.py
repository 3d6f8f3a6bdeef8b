"""`qlocal connect`."""

import click

from qlocal.cli._options import where
from qlocal.cli._session import session_options


@click.command(epilog="Example: qlocal connect my-postgresql -- -c 'select 1'")
@click.argument("name")
@click.argument("words", metavar="[ARGUMENTS]...", nargs=-1, type=click.UNPROCESSED)
@where()
@click.option("--print-uri", is_flag=True, help="Print an address on this machine instead.")
@click.option("--show-secrets", is_flag=True, help="With user and password in the address.")
@session_options(variables=False)
@click.pass_context
def command(ctx, request, name, words, session, print_uri, show_secrets) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Open the client of the database NAME (psql, redis-cli, ...) in its container.

    ARGUMENTS go to the client; pipes work: qlocal connect my-postgresql < dump.sql
    With --print-uri it opens a port on 127.0.0.1 for a client of yours, until Ctrl-C.
    """
    from dataclasses import replace

    from qlocal.cli import _console, _world
    from qlocal.operations.connect import Address, connect, open_address

    def show(address: Address) -> None:
        click.echo(address.uri)
        if not show_secrets:
            _console.say("`--show-secrets` puts user and password in")
        if address.relays:
            _console.say("open until Ctrl-C")

    store, engine = _world.store(), _world.engine()
    if print_uri:
        open_address(request, store, engine, name, show=show, secrets=show_secrets)
        return
    session = replace(session, command=tuple(words))
    ctx.exit(connect(request, store, engine, name, session))
