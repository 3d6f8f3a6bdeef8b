"""`qlocal ps`."""

import click

from qlocal.cli._options import json_output, loudness, where


@click.command(epilog="Example: qlocal ps --json")
@where()
@json_output
@loudness
def command(request, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Show what runs in this environment."""
    from dataclasses import asdict

    from qlocal.cli import _console, _world
    from qlocal.operations.status import status

    result = status(request, _world.store(), _world.engine())
    if as_json:
        _console.show_json(
            {
                "environment": result.environment.name,
                "project": result.environment.project,
                "branch": result.environment.branch,
                "services": [asdict(service) for service in result.services],
            }
        )
        return
    if not result.services:
        environment = result.environment
        _console.say(f"{environment.project} on {environment.branch}: nothing runs; `qlocal up`")
        return
    rows = [
        (
            one.service,
            one.kind,
            f"{one.version} (for {one.requested})" if one.requested else one.version,
            one.status,
            one.url,
        )
        for one in result.services
    ]
    _console.show_table(("SERVICE", "KIND", "VERSION", "STATUS", "URL"), rows)
