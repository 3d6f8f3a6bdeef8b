"""The JSON Schema of a file, for editors."""

from collections.abc import Mapping

from qlocal.manifest.schema import manifest_schema, settings_schema


def schema(*, settings: bool = False) -> Mapping[str, object]:
    """Of `.qovery.yml`, or of `qlocal.yml`."""
    return settings_schema() if settings else manifest_schema()
