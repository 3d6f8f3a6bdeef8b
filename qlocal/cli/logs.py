"""`qlocal logs`."""

from collections.abc import Iterator
from typing import TypeVar

import click

from qlocal.cli._options import json_output, loudness, where

T = TypeVar("T")

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "red")


@click.command(epilog="Example: qlocal logs -f --tail 20 todo")
@click.argument("services", nargs=-1)
@where(file_letter=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come; Ctrl-C ends it.")
@click.option("-n", "--tail", type=click.IntRange(0), help="Only the last N lines of each.")
@click.option("--since", default="", metavar="AGE", help="Not older than this: 30s, 5m, 2h, 1d.")
@click.option("-t", "--timestamps", is_flag=True, help="With the time of each line.")
@json_output
@loudness
def command(request, services, follow, tail, since, timestamps, as_json) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Print what the services have written, all or the named ones."""
    import json

    from qlocal.cli import _console, _world
    from qlocal.engine import LogQuery
    from qlocal.operations.logs import logs, since_age

    query = LogQuery(follow=follow, tail=tail, since=since_age(since))
    lines, names = logs(request, _world.store(), _world.engine(), services, query)
    width = max(len(name) for name in names)
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(names)}
    for line in _until_interrupted(lines):
        if as_json:
            document = {"service": line.service, "time": line.time, "text": line.text}
            click.echo(json.dumps(document, ensure_ascii=False))
            continue
        time = f"{line.time} " if timestamps else ""
        name = _console.styled(line.service.ljust(width), fg=colours[line.service])
        click.echo(f"{name} | {time}{line.text}")


def _until_interrupted(lines: Iterator[T]) -> Iterator[T]:
    """Ctrl-C is how one leaves `--follow`: nothing was cut off, so nothing is said."""
    try:
        yield from lines
    except KeyboardInterrupt:
        click.get_current_context().exit(130)
