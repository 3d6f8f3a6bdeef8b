"""`qlocal down`."""

import click

from qlocal.cli._options import json_output, quiet, where


@click.command(epilog="Example: qlocal down --volumes --yes")
@where()
@click.option("-v", "--volumes", is_flag=True, help="Delete the data too; asks first.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_output
@quiet
def command(request, volumes, yes, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Stop and remove this environment's containers and network; its data stays."""
    from qlocal.cli import _console, _world
    from qlocal.operations.down import down

    store, engine = _world.store(), _world.engine()
    if volumes and not yes:
        _ask(request, store, engine)
    result = down(request, store, engine, _console.report, volumes=volumes)
    if as_json:
        _console.show_json(
            {
                "environment": result.environment.name,
                "removed": [f"{step.verb} {step.target}" for step in result.plan.steps],
                "kept_volumes": list(result.kept),
            }
        )
        return
    name = f"{result.environment.project} on {result.environment.branch}"
    if result.plan.is_empty:
        _console.say(f"{name}: nothing runs")
    elif result.kept:
        _console.say(f"{name}: down; its data stays in {', '.join(result.kept)}")
    else:
        _console.say(f"{name}: down")


def _ask(request, store, engine) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Deleting data wants the environment's name, typed. Raises Refused."""
    import sys

    from qlocal.errors import Refused
    from qlocal.operations.down import data_of

    environment, observed = data_of(request, store, engine)
    if not observed.volumes:
        return
    names = ", ".join(volume.name for volume in observed.volumes)
    if not sys.stdin.isatty():
        raise Refused(f"this deletes {names}", hint="`--yes` says that this is meant")
    click.echo(f"This deletes the data in {names}.", err=True)
    typed = click.prompt(
        f"Type `{environment.name}` to go on", default="", show_default=False, err=True
    )
    if typed != environment.name:
        raise Refused("nothing was deleted")
