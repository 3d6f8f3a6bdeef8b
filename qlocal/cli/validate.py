"""`qlocal validate`."""

import click

from qlocal.cli._options import json_output, loudness


@click.command(epilog="Example: qlocal validate services/api")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-C", "--directory", default=".", metavar="DIR", help="Go there first.",
    type=click.Path(exists=True, file_okay=False),
)  # fmt: skip
@json_output
@loudness
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], directory: str, as_json: bool) -> None:
    """Say everything that is wrong in .qovery.yml and the files beside it.

    A PATH is a file, or a folder with all manifests in it and below. Notes about what has no
    effect here are shown with -v. Exits 3 when something must be corrected.
    """
    from qlocal.cli import _console
    from qlocal.errors import ManifestError
    from qlocal.operations.validate import validate

    result = validate(paths, directory)
    if as_json:
        _console.show_json(
            {
                "valid": result.is_valid,
                "files": [{"path": it.path, "valid": it.is_valid} for it in result.files],
                "problems": [_console.problem_document(it) for it in result.problems],
            }
        )
        ctx.exit(0 if result.is_valid else ManifestError.exit_code)
    for file in result.files:
        if file.is_valid:
            click.echo(f"{file.path}: ok")
    if not result.is_valid:
        raise ManifestError(result.problems)
    _console.show_problems(result.problems)
