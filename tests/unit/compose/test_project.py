"""A Compose project as YAML: what comes out at the other end is what went in."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qlocal.compose.project import Build, ComposeService, Mount, Port, to_yaml
from qlocal.compose.variables import Scope, Variable
from tests.golden.test_translations import has_compose

# What may stand in a variable: everything but NUL, and no half of a surrogate pair.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES = st.text(CHARACTERS, max_size=40)

AWKWARD = (
    "1e3", "12e4567", "0o17", "08", "09120", "0x1f", "0b1", "12:30:45", "1_000", ".5e3", "+1",
    "yes", "on", "n", "null", "~", ".inf", ".nan", "=", "<<", "2024-01-01", "- a", "a: b", "#a",
    "a #b", "{a", "[a", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "?", "---", "...",
    "", " ", "\n", "a\n", "\ta", "a\r\nb", "\x85", "a\x85b", "\u2028", "\u2029", "\ufeff",
    "\x1b[0m", "\x7f", "$", "$$", "$X", "${X}", "${X:-y}", "'", '"', "\\", "\\n",
    "🐎", "ž", "x" * 5000,
)  # fmt: skip


def read_as_compose_does(text: str) -> Any:
    """YAML, then `$$` is `$`."""

    def unescaped(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("$$", "$")
        if isinstance(value, dict):
            return {key: unescaped(item) for key, item in value.items()}
        if isinstance(value, list):
            return [unescaped(item) for item in value]
        return value

    return unescaped(yaml.safe_load(text))


@given(st.dictionaries(st.sampled_from("ABCDEF"), VALUES))
def test_any_value_survives(values: dict[str, str]) -> None:
    document = {"services": {"a": {"environment": values, "command": list(values.values())}}}
    assert read_as_compose_does(to_yaml(document)) == document


@given(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
def test_any_character_survives_in_the_middle(character: str) -> None:
    document = {"a": f"x{character}y", "b": character}
    assert read_as_compose_does(to_yaml(document)) == document


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: ascii(value[:20]))
def test_an_awkward_value_survives(value: str) -> None:
    assert read_as_compose_does(to_yaml({"a": value})) == {"a": value}


def test_compose_itself_reads_every_awkward_value_as_it_was(tmp_path: Path) -> None:
    """Its YAML is not ours: to it, `1e3` and `08` are numbers."""
    if not has_compose():
        pytest.skip("the Compose plugin of docker is not installed")
    values = {f"V{number}": value for number, value in enumerate(AWKWARD)}
    document = {"name": "x", "services": {"a": {"image": "b", "environment": values}}}
    path = tmp_path / "compose.yaml"
    path.write_text(to_yaml(document), "utf-8")
    done = subprocess.run(
        ["docker", "compose", "-f", str(path), "config", "--format", "json"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    found = json.loads(done.stdout)["services"]["a"]["environment"]
    changed = {
        values[name]: value
        for name, value in found.items()
        if value.replace("$$", "$") != values[name]
    }
    assert changed == {}


def test_the_same_document_gives_the_same_text_in_the_same_order() -> None:
    document = {"b": ["z", "a"], "a": {"y": 1, "x": 2.5, "w": True}}
    assert to_yaml(document) == "b:\n- z\n- a\na:\n  y: 1\n  x: 2.5\n  w: true\n"


def service(**changes: Any) -> ComposeService:
    return replace(
        ComposeService(
            name="web",
            image="web:1",
            labels={"dev.qlocal": "1"},
            build=Build(context="/src", dockerfile="Dockerfile"),
            variables=(variable("A", "1"), variable("B", "2")),
            depends_on=("db",),
        ),
        **changes,
    )


def variable(name: str, value: str) -> Variable:
    return Variable(name=name, value=value, scope=Scope.DOTENV)


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "web:2"},
        {"command": ("serve",)},
        {"variables": (variable("A", "1"), variable("B", "3"))},
        {"variables": (variable("A", "1"),)},
        {"aliases": ("www",)},
        {"mounts": (Mount(volume="v", target="/v"),)},
        {"port": Port(published=1, target=2)},
        {"cpu": 100},
        {"ram": 100},
        {"init": True},
        {"labels": {"dev.qlocal": "1", "x": "y"}},
    ],
    ids=",".join,
)
def test_the_digest_changes_with_what_a_container_is_made_of(changes: dict[str, Any]) -> None:
    changed = service(**changes)
    assert changed.digest != service().digest
    assert changed.parts() != service().parts()


@pytest.mark.parametrize(
    "changes",
    [
        {"build": Build(context="/elsewhere", dockerfile="Other")},
        {"build": None},
        {"depends_on": ()},
    ],
    ids=",".join,
)
def test_the_digest_does_not_change_with_what_a_container_is_not_made_of(
    changes: dict[str, Any],
) -> None:
    changed = service(**changes)
    assert changed.digest == service().digest
    assert changed.parts() == service().parts()


def test_parts_name_each_variable_and_hold_no_value() -> None:
    parts = service(variables=(variable("PASSWORD", "hidden"),)).parts()
    assert "variable PASSWORD" in parts
    assert "hidden" not in str(parts)
