"""The JSON Schema and the parser agree: what one refuses the other refuses."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.schema import manifest_schema, settings_schema
from qlocal.manifest.settings import parse_settings
from tests.unit.manifest.cases import CORPUS, DASHES, ERRORS, SHARED

BEYOND = {
    "databases-of-one-name-and-type": "compares two entries",
    "depends-on-itself": "compares two values",
    "key-given-in-both-spellings": "a schema knows no spellings",
    "key-given-twice": "gone once the YAML is loaded",
    "name-given-twice": "gone once the YAML is loaded",
    "path-that-is-no-expression": "no expression recognises expressions",
    "storage-twice-at-one-place": "compares two entries",
    "yaml-text-after-the-end": "not about values",
    "yaml-two-documents": "not about values",
}
"""Seeded mistakes that no schema can see."""

MANIFEST = jsonschema.Draft7Validator(manifest_schema())
SETTINGS = jsonschema.Draft7Validator(settings_schema())


def load(text: str) -> Any:
    """As an editor does: core types, the first document."""
    return next(iter(yaml.load_all(text, Loader=yaml.CSafeLoader)), None)


def loadable(text: str) -> bool:
    try:
        load(text)
    except (yaml.YAMLError, TypeError):
        return False
    return True


@pytest.mark.parametrize("path", sorted(ERRORS.glob("manifest/*.txt")), ids=lambda it: it.stem)
def test_schema_and_parser_agree_on_the_seeded_mistakes(path: Path) -> None:
    text = path.read_text(encoding="utf-8").partition(DASHES)[0]
    parsed = parse_manifest(text.encode(), "")
    if not loadable(text):
        assert parsed.value is None
        return
    assert MANIFEST.is_valid(load(text)) == (parsed.value is not None or path.stem in BEYOND)


@pytest.mark.parametrize("path", sorted(ERRORS.glob("settings/*.txt")), ids=lambda it: it.stem)
def test_they_agree_on_qlocal_yml_too(path: Path) -> None:
    text = path.read_text(encoding="utf-8").partition(DASHES)[0]
    accepted = parse_settings(text.encode(), "").value is not None
    assert SETTINGS.is_valid(load(text)) == (accepted or path.stem in BEYOND)


@pytest.mark.parametrize("path", [*CORPUS, *SHARED], ids=lambda it: it.stem)
def test_they_agree_on_the_corpus(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    accepted = parse_manifest(text.encode(), "").value is not None
    assert (loadable(text) and MANIFEST.is_valid(load(text))) == accepted


def test_both_schemas_are_schemas() -> None:
    jsonschema.Draft7Validator.check_schema(manifest_schema())
    jsonschema.Draft7Validator.check_schema(settings_schema())


def test_every_key_has_a_description_for_the_editor() -> None:
    def walk(schema: Any) -> None:
        if isinstance(schema, dict):
            for name, inner in schema.get("properties", {}).items():
                assert inner["description"], name
            for name, inner in schema.items():
                if name != "if":
                    walk(inner)
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner)

    walk(manifest_schema())
    walk(settings_schema())
