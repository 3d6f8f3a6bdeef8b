"""Seeded mistakes: each golden file is an input, a line of dashes, and everything said about it.

`QLOCAL_GOLDEN=write` rewrites the second halves; `git diff` is the review.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qlocal.manifest.document import Parsed
from qlocal.manifest.dotenv import parse_dotenv
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.settings import parse_settings
from tests.unit.manifest.cases import DASHES, ERRORS

PARSERS: dict[str, Callable[[str], Parsed[Any]]] = {
    "manifest": lambda text: parse_manifest(text.encode(), ".qovery.yml"),
    "settings": lambda text: parse_settings(text.encode(), "qlocal.yml"),
    "dotenv": lambda text: parse_dotenv(text, ".env"),
}
WRITES = os.environ.get("QLOCAL_GOLDEN") == "write"
CASES = sorted(ERRORS.glob("*/*.txt"))


def said(parsed: Parsed[Any]) -> str:
    verdict = "refused" if parsed.value is None else "accepted"
    lines = [f"{problem.severity.value}: {problem}" for problem in parsed.problems]
    return "\n".join([verdict, *lines]) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_mistake_is_reported_at_its_place_with_a_hint(path: Path) -> None:
    text, _, expected = path.read_text(encoding="utf-8").partition(DASHES)
    actual = said(PARSERS[path.parent.name](text))
    if WRITES:
        path.write_text(text + DASHES + actual, encoding="utf-8")
        expected = actual
    assert actual == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_error_has_a_hint_and_a_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8").partition(DASHES)[0]
    parsed = PARSERS[path.parent.name](text)
    for problem in parsed.problems:
        assert problem.where.line > 0
        assert problem.where.column > 0
        assert problem.hint or problem.severity.value == "info"
        assert not problem.message.endswith(".")
        assert "\n" not in problem.message + problem.hint


def test_there_are_at_least_fifty_seeded_mistakes() -> None:
    assert len(CASES) >= 50
