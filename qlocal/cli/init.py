"""`qlocal init`."""

import sys

import click

from qlocal.cli._options import loudness


@click.command(epilog="Example: qlocal init --yes && qlocal up")
@click.option(
    "-C", "--directory", default=".", metavar="DIR", help="Go there first.",
    type=click.Path(exists=True, file_okay=False),
)  # fmt: skip
@click.option(
    "--name", default="", help="Of the application; default: the repository's or folder's."
)
@click.option("--project", default="", help="Default: the repository's name.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@loudness
def command(directory: str, name: str, project: str, yes: bool) -> None:
    """Write a first .qovery.yml, from the Dockerfile, git and what the code depends on.

    Never overwrites one.
    """
    from qlocal.cli import _console
    from qlocal.errors import ManifestError, Refused, Severity
    from qlocal.operations.init import draft_manifest, write_manifest

    draft = draft_manifest(directory, name=name, project=project)
    faults = [it for it in draft.problems if it.severity is Severity.ERROR]
    if any(it.where.line for it in faults):
        raise ManifestError(draft.problems)
    for line in draft.text.splitlines():
        _console.say(f"  {line}".rstrip())
    for reason in draft.reasons:
        _console.say(f"note: {reason}")
    if not yes:
        if not sys.stdin.isatty():
            raise Refused("nobody is there to say yes", hint="`qlocal init --yes` writes it")
        click.confirm(f"Write {draft.path.name}?", default=True, abort=True, err=True)
    write_manifest(draft)
    click.echo(draft.path.name)
    for fault in faults:
        _console.say(f"note: {fault.message}\n  hint: {fault.hint}")
