"""The main job on a real application: examples/02-todo, with PostgreSQL and Redis."""

import json
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Repository

pytestmark = pytest.mark.docker

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "02-todo"


@pytest.fixture
def todo(repository: Repository) -> Repository:
    shutil.copytree(EXAMPLE, repository.path, dirs_exist_ok=True)
    manifest = repository.path / ".qovery.yml"
    manifest.write_text(manifest.read_text().replace('"demo"', f'"{repository.project}"'))
    return repository


def ask(url: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def texts(url: str) -> list[str]:
    return [row["text"] for row in ask(f"{url}/api/todos")["todos"]]


def psql(repository: Repository, query: str) -> str:
    name = repository.containers()["my-postgresql"].name
    command = ["docker", "exec", name, "psql", "-U", "superuser", "-d", "postgres", "-tAc", query]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_row_written_over_http_is_in_postgresql_and_outlives_down_and_up(
    todo: Repository,
) -> None:
    url = todo.up()["urls"]["todo"]
    ask(f"{url}/api/todos", {"text": "survive"})
    assert texts(url) == ["survive"]
    assert psql(todo, "select text from todo") == "survive"

    assert todo.qlocal("down").code == 0
    assert todo.containers() == {}
    assert todo.up()["urls"]["todo"] == url
    assert texts(url) == ["survive"]


def test_a_second_up_changes_nothing_and_a_changed_source_rebuilds_only_its_application(
    todo: Repository,
) -> None:
    url = todo.up()["urls"]["todo"]
    before = {name: one.id for name, one in todo.containers().items()}
    assert todo.up()["plan"] == []
    assert {name: one.id for name, one in todo.containers().items()} == before

    page = todo.path / "page.html"
    page.write_text(page.read_text().replace("<h1>To do</h1>", "<h1>Done</h1>"))
    plan = todo.up()["plan"]
    assert {step["target"] for step in plan} == {"todo"}
    after = {name: one.id for name, one in todo.containers().items()}
    assert after["my-postgresql"] == before["my-postgresql"]
    assert after["my-redis"] == before["my-redis"]
    assert after["todo"] != before["todo"]
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert b"<h1>Done</h1>" in answer.read()


def test_the_printed_compose_file_runs_by_itself_and_finds_nothing_to_change(
    todo: Repository, tmp_path: Path
) -> None:
    todo.up()
    before = {name: one.id for name, one in todo.containers().items()}
    for number, arguments in enumerate(([], ["--show-secrets"])):
        file = tmp_path / f"compose-{number}.yaml"
        file.write_text(todo.qlocal("config", *arguments).out)
        command = ["docker", "compose", "-f", str(file), "up", "-d", "--wait"]
        subprocess.run(command, check=True, capture_output=True)
        assert {name: one.id for name, one in todo.containers().items()} == before


def test_no_password_is_in_anything_that_is_printed(todo: Repository) -> None:
    said = todo.qlocal("up", "-v")
    shown = todo.qlocal("env", "--json", "--show-secrets").document
    passwords = {one["value"] for one in shown if one["name"].endswith("_PASSWORD")}
    assert len(passwords) == 2
    commands = (["ps"], ["ps", "--json"], ["env"], ["env", "--dotenv"], ["config"], ["logs"])
    printed = said.out + said.err
    for command in commands:
        one = todo.qlocal(*command)
        assert one.code == 0
        printed += one.out + one.err
    assert not [password for password in passwords if password in printed]


def _killed_after(todo: Repository, lines: int) -> bool:
    """Kill `up` after that many lines of progress; False when it ended before."""
    child = todo.start("up", "--new-ports")
    for _ in range(lines):
        if not child.stderr.readline():
            break
    ended = child.poll() is not None
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return not ended


def test_killed_at_any_point_the_next_up_ends_healthy_with_the_data_intact(
    todo: Repository,
) -> None:
    url = todo.up()["urls"]["todo"]
    ask(f"{url}/api/todos", {"text": "survive"})
    killed = 0
    # Every round changes the source, the ports and so all of build, create, start and wait.
    for lines in range(10):
        if lines % 3 == 0:
            assert todo.qlocal("down").code == 0
        (todo.path / "page.html").write_text(f"round {lines}")
        killed += _killed_after(todo, lines * 3)
        url = todo.up()["urls"]["todo"]
        assert texts(url) == ["survive"]
        assert todo.up()["plan"] == []
    assert killed >= 8
