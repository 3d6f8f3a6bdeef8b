"""JSON Schema of `.qovery.yml` and `qlocal.yml`, made of the keys that the parsers read by."""

from collections.abc import Mapping

from qlocal.manifest.parse import ROOT
from qlocal.manifest.settings import SETTINGS

_DIALECT = "http://json-schema.org/draft-07/schema#"


def manifest_schema() -> Mapping[str, object]:
    """What an editor may complain about while a `.qovery.yml` is written."""
    return {
        "$schema": _DIALECT,
        "title": ".qovery.yml",
        "description": "One application and what it needs; read by qlocal",
        **ROOT.schema(),
    }


def settings_schema() -> Mapping[str, object]:
    """The same for `qlocal.yml`; the whole file may be empty."""
    return {
        "$schema": _DIALECT,
        "title": "qlocal.yml",
        "description": "What .qovery.yml has no word for",
        "anyOf": [SETTINGS.schema(), {"type": "null"}],
    }
