"""`qlocal env` as it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qlocal.cli import main
from tests.unit.cli.running import Ran, write_project

CANARIES = {
    "DB_PASSWORD": "canary-1",
    "plain": "has canary-1 inside",
    "URL": "postgres://u:canary-2@h/d",
    "JDBC": "jdbc:x://h/d?user=a&password=canary-3",
    "API_TOKEN": "$canary_4",
    "PEM": "-----BEGIN PRIVATE KEY-----\ncanary-5\n-----END PRIVATE KEY-----",
}
DOTENV = """\
SMTP_PASS=pa$CANARY
COPY=$DB_PASSWORD
MIXED="user:${DB_PASSWORD}"
OVERRIDDEN=plain
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No engine answers, and none is needed."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    return write_project(tmp_path / "app")


def qlocal(*arguments: str, folder: Path) -> Ran:
    return fed(folder, b"", *arguments)


def fed(folder: Path, text: bytes, *arguments: str) -> Ran:
    """In this process, which is faster."""
    assert Path.cwd() == folder
    done = CliRunner().invoke(main, arguments, input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(code=done.exit_code, out=done.stdout, err=done.stderr)


def listed(folder: Path, *arguments: str) -> dict[str, Any]:
    ran = qlocal("env", "--format", "json", "--show-secrets", *arguments, folder=folder)
    assert ran.code == 0, ran.err
    return {one["name"]: one for one in json.loads(ran.out)}


def test_a_variable_is_set_listed_and_unset(folder: Path) -> None:
    assert qlocal("env", "set", "A=1", "B=x=y z", folder=folder).code == 0
    found = listed(folder)
    assert (found["A"]["value"], found["B"]["value"]) == ("1", "x=y z")
    assert found["A"]["scope"] == "ENVIRONMENT"
    assert qlocal("env", "unset", "A", folder=folder).code == 0
    assert "A" not in listed(folder)


def test_dash_a_alone_means_that_application(folder: Path) -> None:
    assert qlocal("env", "set", "A=1", "-a", "todo", folder=folder).code == 0
    assert listed(folder, "-a", "todo")["A"]["scope"] == "APPLICATION"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"x", "x"),
        (b"x\n", "x"),
        (b"x\n\n", "x\n"),
        (b"x\r\n", "x"),
        (b"", ""),
        (b" \xc3\xa9", " é"),
    ],
)
def test_a_name_alone_takes_its_value_from_stdin(folder: Path, text: bytes, expected: str) -> None:
    ran = fed(folder, text, "env", "set", "A")
    assert (ran.code, ran.out) == (0, "")
    assert listed(folder)["A"]["value"] == expected


def test_only_one_value_comes_from_stdin_and_only_as_text(folder: Path) -> None:
    assert fed(folder, b"x", "env", "set", "A", "B=1").code == 2
    assert fed(folder, b"\xff", "env", "set", "A").code == 2
    assert "A" not in listed(folder)


def test_a_refused_name_is_2(folder: Path) -> None:
    assert qlocal("env", "set", "QOVERY_NEW=1", folder=folder).code == 2
    assert qlocal("env", "set", "--scope", "galaxy", "A=1", folder=folder).code == 2


def test_the_formats_say_the_same(folder: Path) -> None:
    qlocal("env", "set", "A=it's $x", folder=folder)
    formats = [
        qlocal("env", "--show-secrets", *form, folder=folder).out
        for form in (["--json"], ["--format", "json"], ["--dotenv"], ["--format", "dotenv"])
    ]
    names = [{one["name"] for one in json.loads(text)} for text in formats[:2]]
    assert names[0] == names[1]
    assert "A='it\\'s $x'" in formats[3].splitlines()
    assert len(formats[2].splitlines()) == len(formats[3].splitlines()) == len(names[0])


def test_a_table_is_one_line_each_and_harmless(folder: Path) -> None:
    qlocal("env", "set", "A=one\ntwo\x1b[31m", folder=folder)
    lines = qlocal("env", folder=folder).out.splitlines()
    assert len([line for line in lines if line.startswith("A ")]) == 1
    assert "one\\ntwo\\x1b[31m" in "".join(lines)


def test_options_of_the_listing_before_a_verb_are_refused(folder: Path) -> None:
    ran = qlocal("env", "-b", "other", "set", "A=1", folder=folder)
    assert ran.code == 2
    assert "--branch" in ran.err
    assert "A" not in listed(folder, "-b", "other")


@pytest.mark.parametrize(
    "options",
    [
        ("--host", "--explain", "A"),
        ("--explain", "A", "--diff", "x"),
        ("--explain", "A", "--format", "shell"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    folder: Path, options: tuple[str, ...]
) -> None:
    assert qlocal("env", *options, folder=folder).code == 2


@pytest.mark.parametrize("verb", ["set", "unset", "import"])
def test_each_verb_has_a_help_with_an_example(folder: Path, verb: str) -> None:
    ran = qlocal("env", verb, "--help", folder=folder)
    assert ran.code == 0
    assert f"qlocal env {verb}" in ran.out.partition("Example")[2]
    assert verb in qlocal("env", "--help", folder=folder).out


def test_an_unknown_name_is_1_and_says_which_are_near(folder: Path) -> None:
    ran = qlocal("env", "--explain", "PRT", folder=folder)
    assert ran.code == 1
    assert "`PORT`" in ran.err


def test_no_secret_is_in_anything_that_is_printed(folder: Path) -> None:
    (folder / ".env").write_text(DOTENV)
    pairs = [f"{name}={value}" for name, value in CANARIES.items()]
    printed = [
        qlocal("env", "set", *pairs, "OVERRIDDEN=amqp://g:canary-6@h", folder=folder),
        qlocal("env", "set", *pairs, "--scope", "project", "--json", folder=folder),
        qlocal("env", "set", "BAD-NAME=canary-7", "__X=canary-8", folder=folder),
    ]
    built_in = {one["value"] for name, one in listed(folder).items() if name.endswith("_PASSWORD")}
    (folder / "import.env").write_text("GOOD_KEY=canary-9\nBAD-NAME=canary-10\n'x\n")
    forms = [["--format", form] for form in ("table", "json", "dotenv", "shell")]
    commands = [
        *forms,
        *[["--host", *form] for form in forms],
        *[["--diff", "other", *form] for form in forms[:2]],
        *[["--explain", name, *form] for name in listed(folder) for form in forms[:1]],
        *[["--explain", name, "--json"] for name in (*CANARIES, "SMTP_PASS", "COPY", "MIXED")],
        ["import", "import.env"],
        ["unset", "NOBODY"],
    ]
    assert built_in
    for command in commands:
        ran = qlocal("env", *command, folder=folder)
        assert "Traceback" not in ran.err
        printed.append(ran)
    text = "".join(one.out + one.err for one in printed)
    assert "canary" not in text.lower()
    assert not [one for one in built_in if one in text]
