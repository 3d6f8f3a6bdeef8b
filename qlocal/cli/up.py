"""`qlocal up`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal up --dry-run")
@where()
@click.option("--dry-run", is_flag=True, help="Print the plan, with causes; change nothing.")
@click.option(
    "--strict-images",
    is_flag=True,
    help="Refuse images built from Debian packages where no registry answers.",
)
@click.option("--new-ports", is_flag=True, help="Move to other ports; the URLs change.")
@json_output
@loudness
def command(request, dry_run, strict_images, new_ports, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Build, start and wait until everything is healthy; print the URLs.

    Does only what is needed: the second time, nothing. Data is kept over `down` and `up`.
    """
    from qlocal.cli import _console, _world
    from qlocal.operations.up import Options, up

    options = Options(dry_run=dry_run, strict_images=strict_images, new_ports=new_ports)
    result = up(request, _world.store(), _world.engine(), options, _console.report)
    _console.show_problems(result.problems)
    if as_json:
        _console.show_json(
            {
                "environment": result.environment,
                "project": result.project,
                "branch": result.branch,
                "dry_run": dry_run,
                "plan": [
                    {"verb": step.verb, "target": step.target, "cause": step.cause}
                    for step in result.plan.steps
                ],
                "urls": dict(result.urls),
                "stand_ins": {
                    service: {"requested": image.requested, "version": image.version}
                    for service, image in result.stand_ins.items()
                },
            }
        )
        return
    if dry_run:
        click.echo(str(result.plan))
        return
    said = "nothing to do" if result.plan.is_empty else "up"
    _console.say(f"{result.project} on {result.branch}: {said}")
    for service, url in result.urls.items():
        click.echo(f"{service}  {url}")
