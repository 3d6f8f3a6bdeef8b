"""The border: exit codes, what goes to which stream, errors as JSON, what is imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.unit.cli.running import MANIFEST, qlocal, write_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path)


# Exit codes


def test_a_manifest_that_is_wrong_is_3_and_shows_every_place(tmp_path: Path) -> None:
    folder = write_project(tmp_path, MANIFEST.replace("postgresql", "postgresq") + "nonsense: 1\n")
    ran = qlocal("up", folder=folder)
    assert (ran.code, ran.out) == (3, "")
    assert ".qovery.yml:6:" in ran.err
    assert ".qovery.yml:7:" in ran.err
    assert ran.err.startswith("error: 2 problems in .qovery.yml\n")


@pytest.mark.parametrize("command", [("up",), ("ps",), ("logs",), ("down",)])
def test_no_engine_is_4_and_says_where_it_was_looked_for(
    folder: Path, command: tuple[str, ...]
) -> None:
    ran = qlocal(*command, folder=folder)
    assert (ran.code, ran.out) == (4, "")
    assert "unix:///nowhere/docker.sock" in ran.err
    assert "hint: " in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("up", "--nonsense"), ("logs", "--tail", "x"), ("-C", "x")]
)
def test_wrong_usage_is_2(folder: Path, arguments: tuple[str, ...]) -> None:
    ran = qlocal(*arguments, folder=folder)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize(
    ("typed", "meant"), [("pss", "ps"), ("upp", "up"), ("donw", "down"), ("confg", "config")]
)
def test_an_unknown_command_suggests_the_nearest(folder: Path, typed: str, meant: str) -> None:
    assert f"Did you mean `{meant}`?" in qlocal(typed, folder=folder).err


def test_no_manifest_is_1_and_says_what_writes_one(tmp_path: Path) -> None:
    ran = qlocal("up", folder=tmp_path)
    assert ran.code == 1
    assert "qlocal init" in ran.err


def test_a_store_that_is_damaged_is_1_and_named(folder: Path, tmp_path: Path) -> None:
    drawer = tmp_path / "home/environments/demo--local"
    drawer.mkdir(parents=True)
    (drawer / "record.json").write_text("{")
    ran = qlocal("env", folder=folder, QLOCAL_HOME=str(tmp_path / "home"))
    assert ran.code == 1
    assert "record.json is damaged" in ran.err


# Streams


def test_the_file_goes_to_stdout_and_talk_to_stderr(folder: Path) -> None:
    ran = qlocal("config", folder=folder)
    assert ran.code == 0, ran.err
    assert set(yaml.safe_load(ran.out)["services"]) == {"my-pg", "todo"}
    assert ran.err == "note: passwords and ports are examples until the first `qlocal up`\n"


def test_quiet_says_nothing(folder: Path) -> None:
    assert qlocal("config", "--quiet", folder=folder).err == ""


def test_variables_are_a_table_without_secrets(folder: Path) -> None:
    ran = qlocal("env", folder=folder)
    assert ran.code == 0
    assert ran.out.startswith("NAME ")
    line = next(one for one in ran.out.splitlines() if "MY_PG_PASSWORD" in one)
    assert "<hidden>" in line


def test_variables_as_dotenv_leave_secrets_out_unless_asked(folder: Path) -> None:
    assert "PASSWORD" not in qlocal("env", "--dotenv", folder=folder).out
    shown = qlocal("env", "--dotenv", "--show-secrets", folder=folder).out
    assert "QOVERY_DATABASE_MY_PG_PASSWORD='" in shown


def test_dotenv_output_is_read_back_as_it_was(folder: Path) -> None:
    from qlocal.manifest.dotenv import parse_dotenv

    value = 'it\'s a "test" \\ with $DOLLAR and\ntwo lines'
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    (folder / ".env").write_text(f"ODD='{escaped}'\n")
    parsed = parse_dotenv(qlocal("env", "--dotenv", folder=folder).out, "x")
    assert parsed.value
    (found,) = [entry for entry in parsed.value if entry.name == "ODD"]
    assert (found.value, found.expands) == (value, False)


def test_variables_as_json(folder: Path) -> None:
    document = json.loads(qlocal("env", "--json", folder=folder).out)
    found = {one["name"]: one for one in document}
    assert found["QOVERY_DATABASE_MY_PG_HOST"]["value"] == "my-pg"
    password = found["QOVERY_DATABASE_MY_PG_PASSWORD"]
    assert (password["value"], password["secret"]) == ("<hidden>", True)
    assert password["scope"] == "BUILT_IN"


def test_colour_is_for_people(folder: Path) -> None:
    for command in ("up", "env", "config"):
        ran = qlocal(command, folder=folder)
        assert "\x1b" not in ran.out + ran.err


# Errors as JSON


def test_an_error_as_json_is_on_stdout_alone(folder: Path) -> None:
    ran = qlocal("up", "--json", folder=folder)
    assert (ran.code, ran.err) == (4, "")
    error = json.loads(ran.out)["error"]
    assert (error["kind"], error["exit_code"]) == ("EngineUnavailable", 4)
    assert error["message"]
    assert error["hint"]


def test_problems_as_json_have_their_places(tmp_path: Path) -> None:
    folder = write_project(tmp_path, MANIFEST + "nonsense: 1\n")
    ran = qlocal("up", "--json", folder=folder)
    assert (ran.code, ran.err) == (3, "")
    (problem,) = json.loads(ran.out)["error"]["problems"]
    assert (problem["path"], problem["line"], problem["column"]) == (".qovery.yml", 7, 1)
    assert problem["severity"] == "error"


# What it costs


def test_help_lists_every_command_and_an_example(folder: Path) -> None:
    ran = qlocal("--help", folder=folder)
    assert (ran.code, ran.err) == (0, "")
    for command in ("up", "down", "ps", "logs", "env", "config", "doctor"):
        assert f"\n  {command} " in ran.out
    assert "Example: qlocal" in ran.out


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["up", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from qlocal.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "finally:\n"
        "    heavy = {'docker', 'yaml', 'python_on_whales', 'pydantic', 'requests', 'dotenv',\n"
        "             'watchfiles', 'urllib3', 'http.client', 'asyncio'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stderr == "[]\n"


def test_ctrl_c_is_130(folder: Path) -> None:
    script = (
        "import sys\n"
        "import click\n"
        "from qlocal.cli import Commands\n"
        "class Interrupting(Commands):\n"
        "    def get_command(self, ctx, name):\n"
        "        @click.command()\n"
        "        def command():\n"
        "            raise KeyboardInterrupt\n"
        "        return command\n"
        "Interrupting(name='qlocal').main(['up'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 130
    assert "the same command goes on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    """`qlocal config | head -1`"""
    done = subprocess.run(
        f"{sys.executable} -m qlocal config --quiet | head -1",
        shell=True,
        cwd=folder,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.startswith("name: ")
    assert done.stderr == ""
