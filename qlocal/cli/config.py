"""`qlocal config`."""

import click

from qlocal.cli._options import loudness, where


@click.command(epilog="Example: qlocal config | docker compose -f - ps")
@where()
@click.option("--format", "style", type=click.Choice(["yaml", "json"]), default="yaml")
@click.option("--show-secrets", is_flag=True, help="One file that holds everything.")
@loudness
def command(request, style, show_secrets) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Print the Compose file that `qlocal up` runs.

    Secrets stay in a file of yours that the printed one extends, unless --show-secrets.
    """
    from qlocal.cli import _console, _world
    from qlocal.compose.project import to_yaml
    from qlocal.operations.config import config

    result = config(request, _world.store(), _world.engine(), show_secrets=show_secrets)
    _console.show_problems(result.problems)
    if style == "json":
        _console.show_json(result.document)
    else:
        if not result.is_drawn:
            _console.say("note: passwords and ports are examples until the first `qlocal up`")
        click.echo(to_yaml(result.document), nl=False)
