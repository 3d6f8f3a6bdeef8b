"""`qlocal schema`."""

import click

from qlocal.cli._options import loudness


@click.command(epilog="Example: qlocal schema > .qovery.schema.json")
@click.option("--settings", is_flag=True, help="Of qlocal.yml instead.")
@loudness
def command(settings: bool) -> None:
    """Print the JSON Schema of .qovery.yml, for completion and checks in an editor.

    VS Code (YAML extension): "yaml.schemas": {".qovery.schema.json": ".qovery.yml"} in the
    settings. JetBrains: Languages & Frameworks, Schemas and DTDs, JSON Schema Mappings.
    """
    from qlocal.cli import _console
    from qlocal.operations.schema import schema

    _console.show_json(schema(settings=settings))
