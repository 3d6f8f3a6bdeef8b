"""What `env` prints for a `.env` file or a shell reads back to the very same values."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlocal.compose.export import as_dotenv, as_shell
from qlocal.compose.scopes import Scope, Variable
from qlocal.compose.variables import resolve
from qlocal.manifest.dotenv import parse_dotenv

AWKWARD = (
    "", " ", "  ", " a", "a ", "a  b", "\n", "a\nb", "\n\n", "a\n\n", "\t", "\r", "\r\n", "a\r",
    "'", "''", '"', "\\", "a\\", "\\'", "\\\\", "\\n", "a\n\\", "'\\", "'a'", "\"a'b`c\"",
    "$", "$A", "${A}", "$$", "$(date)", "`date`", "!", "!!", "!a", "*", "?", "[a]", "~", "~/x",
    "{a,b}", "#", "a #b", "#a", "a;b", "a&b", "a|b", "<a>", "-", "-n", "--", "-x y", "%s", "%%",
    "%d\\n", "é", "ü ß", "日本語", "🐍", "a\u00a0b", "\u2028", "\u3000", "\ufeff", "\u200b", "\x7f",
    "\x01", "\x1b[31m", '{"a": ["b", \'c\']}', "C:\\dir\\", "0", "=", "a=b", "export A=1", "\\055",
    "-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY-----\n",
)  # fmt: skip

ANYTHING = st.text(
    st.one_of(
        st.sampled_from("'\"\\$`\n\r\t !*?[]{}()#%;&|<>~=-Aé日🐍"),
        st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"),
    ),
    max_size=30,
)
VALUES = st.lists(ANYTHING, max_size=8)
often = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def variables(values: list[str]) -> tuple[Variable, ...]:
    return tuple(
        Variable(name=f"V{number}", value=value, scope=Scope.ENVIRONMENT)
        for number, value in enumerate(values)
    )


def from_dotenv(text: str) -> list[str]:
    parsed = parse_dotenv(text, ".env")
    assert parsed.value is not None, parsed.problems
    assert parsed.problems == ()
    found = {one.name: one.value for one in resolve((), parsed.value).variables}
    return [found[f"V{number}"] for number in range(len(found))]


def from_shell(shell: str, script: str, text: str, folder: Path, count: int) -> list[str]:
    """The values as a program started by that shell finds them."""
    (folder / "text").write_bytes(text.encode())
    done = subprocess.run(
        [shell, "-c", f"{script}; env -0"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        capture_output=True,
        timeout=30,
    )
    assert not done.stderr, done.stderr
    pairs = (pair.decode().partition("=") for pair in done.stdout.split(b"\0") if pair)
    found = {name: value for name, _, value in pairs}
    return [found[f"V{number}"] for number in range(count)]


def test_awkward_values_survive_a_dotenv_file() -> None:
    text, left_out = as_dotenv(variables(list(AWKWARD)))
    assert left_out == ()
    assert from_dotenv(text) == list(AWKWARD)


@often
@given(VALUES)
def test_any_values_survive_a_dotenv_file(values: list[str]) -> None:
    text, _ = as_dotenv(variables(values))
    assert from_dotenv(text) == values


# Quoted, unquoted and read as a file.
WAYS = ('eval "$(cat text)"', "eval $(cat text)", ". ./text")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_awkward_values_survive_a_shell(shell: str, way: str, tmp_path: Path) -> None:
    for name in ("a", "ab", "[a]", "V1", "'*'"):
        (tmp_path / name).touch()
    text, left_out = as_shell(variables(list(AWKWARD)))
    assert left_out == ()
    assert from_shell(shell, way, text, tmp_path, len(AWKWARD)) == list(AWKWARD)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shell", ["sh", "bash"])
@often
@given(values=VALUES)
def test_any_values_survive_a_shell(
    shell: str, way: str, values: list[str], tmp_path: Path
) -> None:
    text, _ = as_shell(variables(values))
    assert from_shell(shell, way, text, tmp_path, len(values)) == values


def test_names_that_a_form_cannot_hold_are_told() -> None:
    names = ("A", "spring.datasource.url", "1A", "A#B")
    given = [Variable(name=name, value="x", scope=Scope.DOTENV) for name in names]
    assert as_shell(given) == ("export A='x';\n", ("spring.datasource.url", "1A", "A#B"))
    text, left_out = as_dotenv(given)
    assert left_out == ("A#B",)
    assert text == "A='x'\nspring.datasource.url='x'\n1A='x'\n"
