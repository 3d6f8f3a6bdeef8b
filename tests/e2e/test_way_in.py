"""exec, shell, run, connect, url, open, start, stop, restart: on a real engine, with real ttys."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.e2e.conftest import MANIFEST, Repository
from tests.eventually import eventually

pytestmark = pytest.mark.docker

DATABASES = """\
databases:
- {type: postgresql, name: my-postgresql}
- {type: redis, name: my-redis}
"""
# Says which signal it got, and what for.
WAITS = "trap 'echo got INT; exit 3' INT; trap 'echo got TERM; exit 4' TERM; echo waiting; "
FOREVER = WAITS + "while :; do sleep 0.05; done"


@pytest.fixture
def shop(web: Repository) -> Repository:
    web.write({".qovery.yml": MANIFEST.format(project=web.project) + DATABASES})
    return web


@dataclass(slots=True)
class Terminal:
    """A real one, with the command in its foreground."""

    child: Any
    keyboard: int
    seen: str = ""
    _rest: bytes = field(default=b"")

    def types(self, text: str) -> None:
        os.write(self.keyboard, text.encode())

    def shows(self, pattern: str) -> None:
        """Reads until it does."""
        while not re.search(pattern, self.seen):
            try:
                data = os.read(self.keyboard, 65536)
            except OSError:
                data = b""
            assert data, f"the terminal closed before {pattern!r}: {self.seen}"
            self.seen += data.decode("utf-8", "replace")

    def ends(self) -> int:
        while True:
            try:
                data = os.read(self.keyboard, 65536)
            except OSError:
                data = b""
            if not data:
                return int(self.child.wait(timeout=30))
            self.seen += data.decode("utf-8", "replace")


@contextmanager
def terminal(repository: Repository, *arguments: str) -> Iterator[Terminal]:
    keyboard, screen = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", CONTROLLING, sys.executable, "-m", "qlocal", *arguments],
        cwd=repository.path,
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,
    )
    os.close(screen)
    try:
        yield Terminal(child=child, keyboard=keyboard)
    finally:
        child.kill()
        child.wait()
        os.close(keyboard)


# A new session has no controlling terminal until it takes one; without it Ctrl-C is a byte.
CONTROLLING = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def piped(repository: Repository, data: bytes, *arguments: str) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "qlocal", *arguments],
        cwd=repository.path,
        input=data,
        stdout=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


def started(repository: Repository, *arguments: str) -> Any:
    """In a process group of its own, as a shell would; has printed `waiting`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "qlocal", *arguments],
        cwd=repository.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout
    line = child.stdout.readline()
    assert line == "waiting\n", line + child.communicate()[1]
    return child


def one_offs(repository: Repository) -> list[Any]:
    labels = [f"dev.qlocal.project={repository.project}", "com.docker.compose.oneoff=True"]
    return docker.from_env().containers.list(all=True, filters={"label": labels})


def processes(repository: Repository, text: str) -> list[str]:
    """Of the application's container."""
    rows = repository.containers()["web"].top()["Processes"]
    return [" ".join(row) for row in rows if text in " ".join(row)]


# exec


def test_exec_passes_output_exit_code_and_arguments_on_untouched(web: Repository) -> None:
    web.up()
    said = web.qlocal(
        "exec", "web", "--", "sh", "-c", 'echo "$1"; echo no >&2; exit 9', "x", "-T $y"
    )
    assert (said.code, said.out, said.err) == (9, "-T $y\n", "no\n")


def test_exec_pipes_any_bytes_through_in_both_directions(web: Repository) -> None:
    web.up()
    data = os.urandom(3_000_000)
    assert piped(web, data, "exec", "web", "--", "cat") == (0, data)


def test_exec_takes_user_folder_and_variables(web: Repository) -> None:
    web.up()
    script = 'id -un; pwd; printf "%s|" "$A" "$B" "$DOCKER_HOST" "$FROM_HERE"'
    options = ["-u", "nobody", "-w", "/tmp", "-e", "A=a b", "-e", "B=two\nlines"]
    options += ["-e", "DOCKER_HOST=unix:///nowhere", "-e", "FROM_HERE"]
    said = web.qlocal(
        "exec", *options, "web", "--", "sh", "-c", script, environment={"FROM_HERE": "here"}
    )
    assert said.out == "nobody\n/tmp\na b|two\nlines|unix:///nowhere|here|"


@pytest.mark.parametrize(("number", "word", "code"), [("SIGINT", "INT", 3), ("SIGTERM", "TERM", 4)])
def test_a_signal_reaches_what_exec_runs_and_its_answer_comes_back(
    web: Repository, number: str, word: str, code: int
) -> None:
    web.up()
    child = started(web, "exec", "web", "--", "sh", "-c", FOREVER)
    os.killpg(child.pid, signal.Signals[number])
    out, err = child.communicate(timeout=30)
    assert (out, child.returncode) == (f"got {word}\n", code), err
    assert processes(web, "trap") == []


def test_what_exec_runs_ends_when_nobody_reads_it_any_more(web: Repository) -> None:
    web.up()
    command = f"{sys.executable} -m qlocal exec web -- yes marker | head -1"
    done = subprocess.run(
        command, shell=True, cwd=web.path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == "marker\n"
    eventually(lambda: not processes(web, "yes marker"), what="`yes` is gone")


def test_on_a_terminal_exec_is_one_and_ctrl_c_reaches_only_the_program(web: Repository) -> None:
    web.up()
    with terminal(web, "exec", "web", "--", "sh", "-c", f"test -t 0 && tty; {FOREVER}") as it:
        it.shows("waiting")
        assert "/dev/pts/" in it.seen
        it.types("\x03")
        it.shows("got INT")
        assert it.ends() == 3


def test_without_a_terminal_ctrl_c_on_the_keyboard_reaches_the_program_too(
    web: Repository,
) -> None:
    web.up()
    with terminal(web, "exec", "-T", "web", "--", "sh", "-c", FOREVER) as it:
        it.shows("waiting")
        it.types("\x03")
        it.shows("got INT")
        assert it.ends() == 3


def test_what_is_typed_reaches_a_program_without_a_terminal(web: Repository) -> None:
    web.up()
    with terminal(web, "exec", "-T", "web", "--", "sh", "-c", "read x; echo got $x") as it:
        it.types("something\n")
        it.shows("got something")
        assert it.ends() == 0


def test_sigterm_ends_what_runs_on_a_terminal(web: Repository) -> None:
    web.up()
    with terminal(web, "exec", "web", "--", "sh", "-c", FOREVER) as it:
        it.shows("waiting")
        os.kill(it.child.pid, signal.SIGTERM)
        it.shows("got TERM")
        assert it.ends() == 4
    assert processes(web, "trap") == []


def test_exec_names_what_there_is_and_says_what_is_stopped(web: Repository) -> None:
    assert "qlocal up" in web.qlocal("exec", "web", "true").err
    web.up()
    said = web.qlocal("exec", "wep", "true")
    assert (said.code, said.out) == (1, "")
    assert "`wep`" in said.err
    assert "`web`" in said.err
    web.qlocal("stop")
    said = web.qlocal("exec", "web", "true")
    assert said.code == 1
    assert "qlocal start web" in said.err


@pytest.mark.parametrize(
    "words", [["exec", "web", "true"], ["shell"], ["run", "true"], ["stop"], ["url"]]
)
def test_without_an_engine_they_say_so(web: Repository, words: list[str]) -> None:
    said = web.qlocal(*words, environment={"DOCKER_HOST": "unix:///nowhere/docker.sock"})
    assert said.code == 4
    assert "no Docker Engine answers" in said.err


def test_the_current_docker_context_is_honoured(web: Repository, tmp_path: Path) -> None:
    web.up()
    elsewhere = {"DOCKER_CONFIG": str(tmp_path / "docker")}
    link = tmp_path / "engine.sock"
    link.symlink_to("/var/run/docker.sock")
    create = ["docker", "context", "create", "other", "--docker", f"host=unix://{link}"]
    for command in (create, ["docker", "context", "use", "other"]):
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **elsewhere})
    assert web.qlocal("exec", "web", "echo", "hi", environment=elsewhere).out == "hi\n"
    link.unlink()
    assert web.qlocal("exec", "web", "echo", "hi", environment=elsewhere).code == 4


# shell


def test_a_shell_is_bash_where_there_is_one_and_interactive_on_a_terminal(web: Repository) -> None:
    web.up()
    with terminal(web, "shell") as it:
        it.shows(r"[#$] ")
        it.types("echo $BASH $((20 + 3)); exit 5\r")
        it.shows("/bash 23")
        assert it.ends() == 5
    assert piped(web, b"echo hi\n", "shell", "web") == (0, b"hi\n")


# run


def test_run_starts_the_databases_first_and_leaves_the_application_alone(shop: Repository) -> None:
    script = (
        'test -n "$QOVERY_DATABASE_MY_POSTGRESQL_PASSWORD" &&'
        ' exec 3<>"/dev/tcp/$QOVERY_DATABASE_MY_POSTGRESQL_HOST/5432" && echo reached; exit 7'
    )
    said = shop.qlocal("run", "web", "--", "bash", "-c", script)
    assert (said.code, said.out) == (7, "reached\n"), said.err
    assert set(shop.containers()) == {"my-postgresql", "my-redis"}
    assert one_offs(shop) == []
    plan = {(step["verb"], step["target"]) for step in shop.up()["plan"]}
    assert {target for _, target in plan} == {"web"}


def test_run_alone_makes_the_network_that_up_then_takes_over(web: Repository) -> None:
    assert web.qlocal("run", "echo", "hello").out == "hello\n"
    assert web.containers() == {}
    web.up()
    assert web.qlocal("exec", "web", "true").code == 0
    assert web.qlocal("down").code == 0
    assert docker.from_env().networks.list(names=[f"{web.project}--main_default"]) == []


def test_run_sees_storage_and_its_variables_stay_out_of_every_argument(web: Repository) -> None:
    manifest = (web.path / ".qovery.yml").read_text()
    storage = "  storage:\n  - {name: files, type: ssd, size: 1GB, mount_point: /files}\n"
    web.write({".qovery.yml": manifest + storage, ".env": "API_TOKEN=c4n4ry\n"})
    said = web.qlocal("run", "-e", "MORE=m0re", "--", "sh", "-c", "echo $API_TOKEN$MORE > /files/x")
    assert said.code == 0, said.err
    assert web.qlocal("run", "cat", "/files/x").out == "c4n4rym0re\n"
    child = started(web, "run", "-e", "MORE", "--", "sh", "-c", FOREVER)
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    os.killpg(child.pid, signal.SIGTERM)
    child.communicate(timeout=30)
    assert "c4n4ry" not in lines


@pytest.mark.parametrize(("number", "word", "code"), [("SIGINT", "INT", 3), ("SIGTERM", "TERM", 4)])
def test_a_signal_reaches_a_one_off_and_its_container_is_removed(
    web: Repository, number: str, word: str, code: int
) -> None:
    child = started(web, "run", "--", "sh", "-c", FOREVER)
    assert len(one_offs(web)) == 1
    os.killpg(child.pid, signal.Signals[number])
    out, err = child.communicate(timeout=30)
    assert (out, child.returncode) == (f"got {word}\n", code), err
    assert one_offs(web) == []


def test_run_on_a_terminal_is_one(web: Repository) -> None:
    web.up()
    with terminal(web, "run", "bash") as it:
        it.shows(r"[#$] ")
        it.types("tty; sleep 100\r")
        it.shows("/dev/pts/")
        it.types("\x03")
        it.types("exit 6\r")
        assert it.ends() == 6
    assert one_offs(web) == []


def test_run_pipes_any_bytes_through(web: Repository) -> None:
    data = os.urandom(1_000_000)
    assert piped(web, data, "run", "--", "cat") == (0, data)


def test_a_one_off_is_in_neither_ps_nor_logs_and_up_does_not_touch_it(web: Repository) -> None:
    web.up()
    child = started(web, "run", "--", "sh", "-c", FOREVER)
    assert [one["service"] for one in web.qlocal("ps", "--json").document["services"]] == ["web"]
    assert "waiting" not in web.qlocal("logs").out
    assert web.up()["plan"] == []
    assert len(one_offs(web)) == 1
    os.killpg(child.pid, signal.SIGTERM)
    child.communicate(timeout=30)


@pytest.mark.parametrize("command", ["up", "run", "down"])
def test_what_a_killed_run_left_goes_with_the_next_command(web: Repository, command: str) -> None:
    child = started(web, "run", "--", "sh", "-c", FOREVER)
    child.kill()
    child.wait(timeout=30)
    assert len(one_offs(web)) == 1
    said = web.qlocal(command, *(["true"] if command == "run" else []))
    assert said.code == 0, said.err
    eventually(lambda: one_offs(web) == [], what="the container is gone")
    child.communicate(timeout=30)


def test_down_ends_a_run_that_lives(web: Repository) -> None:
    child = started(web, "run", "--", "sh", "-c", FOREVER)
    assert web.qlocal("down").code == 0
    child.communicate(timeout=30)
    assert child.returncode == 4
    assert one_offs(web) == []


def test_a_one_off_that_is_kept_goes_with_down(web: Repository) -> None:
    assert web.qlocal("run", "--no-rm", "true").code == 0
    web.up()
    assert len(one_offs(web)) == 1
    web.qlocal("down")
    assert one_offs(web) == []


# connect


def test_connect_runs_the_client_inside_with_arguments_and_pipes(shop: Repository) -> None:
    shop.up()
    assert shop.qlocal("connect", "my-postgresql", "--", "-qtAc", "select 6*7").out == "42\n"
    code, out = piped(shop, b"select 'it''s'", "connect", "my-postgresql", "--", "-qtA")
    assert (code, out) == (0, b"it's\n")
    assert shop.qlocal("connect", "my-redis", "ping").out == "PONG\n"
    assert "qlocal shell web" in shop.qlocal("connect", "web").err
    with terminal(shop, "connect", "my-postgresql") as it:
        it.shows("postgres=#")
        it.types("\\q\r")
        assert it.ends() == 0


def redis_says(uri: str) -> bytes:
    """To PING, after AUTH with the password of the URI."""
    password, port = re.fullmatch(r"redis://:(\w+)@127\.0\.0\.1:(\d+)", uri).groups()  # type: ignore[union-attr]
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
        answer = b""
        while data := connection.recv(1000):
            answer += data
        return answer


def test_a_printed_uri_opens_a_port_on_loopback_for_as_long_as_it_is_wanted(
    shop: Repository,
) -> None:
    shop.up()
    before = {name: one.id for name, one in shop.containers().items()}
    child = shop.start("connect", "my-redis", "--print-uri", "--show-secrets")
    uri = child.stdout.readline().strip()
    for _ in range(3):
        assert redis_says(uri) == b"+OK\r\n+PONG\r\n+OK\r\n"
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert child.returncode == 0
    with pytest.raises(OSError, match="refused"):
        redis_says(uri)
    assert {name: one.id for name, one in shop.containers().items()} == before


def test_a_printed_uri_holds_no_password_unless_asked_and_a_published_port_is_used_at_once(
    shop: Repository,
) -> None:
    shop.write({"qlocal.yml": "services:\n  my-redis: {publish: true}\n"})
    shop.up()
    plain = shop.qlocal("connect", "my-redis", "--print-uri")
    assert plain.code == 0
    assert re.fullmatch(r"redis://127\.0\.0\.1:\d+\n", plain.out)
    uri = shop.qlocal("connect", "my-redis", "--print-uri", "--show-secrets").out.strip()
    assert redis_says(uri) == b"+OK\r\n+PONG\r\n+OK\r\n"
    assert uri.endswith(plain.out.strip().removeprefix("redis://"))


# url and open


def test_url_is_the_one_up_printed_and_open_hands_it_to_the_browser(
    web: Repository, tmp_path: Path
) -> None:
    found = web.up()["urls"]["web"]
    assert web.qlocal("url").out == f"{found}\n"
    assert web.qlocal("url", "web", "--json").document == {"url": found}
    nowhere = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}
    assert web.qlocal("open", environment=nowhere).out == f"{found}\n"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    assert web.qlocal("open", environment={"BROWSER": str(browser)}).out == ""
    assert (tmp_path / "opened").read_text() == f"{found}\n"
    assert web.qlocal("url", "nobody").code == 1


# start, stop, restart


def states(repository: Repository) -> dict[str, str]:
    return {name: one.status for name, one in repository.containers().items()}


def test_stop_keeps_containers_and_start_waits_until_they_are_ready(shop: Repository) -> None:
    shop.up()
    before = {name: one.id for name, one in shop.containers().items()}
    assert shop.qlocal("stop").code == 0
    assert set(states(shop).values()) == {"exited"}
    plan = shop.qlocal("start", "web", "--json").document["plan"]
    assert plan[-1]["verb"] == "wait for"
    assert set(states(shop).values()) == {"running"}
    assert shop.qlocal("connect", "my-postgresql", "--", "-qtAc", "select 1").out == "1\n"
    assert {name: one.id for name, one in shop.containers().items()} == before
    assert shop.qlocal("start").err.endswith("nothing to do\n")


def test_only_the_named_are_stopped_and_restarted(shop: Repository) -> None:
    shop.up()
    began = {name: one.attrs["State"]["StartedAt"] for name, one in shop.containers().items()}
    assert shop.qlocal("restart", "my-redis").code == 0
    now = {name: one.attrs["State"]["StartedAt"] for name, one in shop.containers().items()}
    assert [name for name in now if now[name] != began[name]] == ["my-redis"]
    assert shop.qlocal("stop", "my-redis").code == 0
    assert states(shop) == {"web": "running", "my-postgresql": "running", "my-redis": "exited"}


@pytest.mark.parametrize("command", ["start", "stop", "restart"])
def test_an_unknown_service_is_answered_with_the_known_ones(web: Repository, command: str) -> None:
    assert "qlocal up" in web.qlocal(command).err
    web.up()
    said = web.qlocal(command, "wep")
    assert said.code == 1
    assert "`web`" in said.err


def test_a_start_that_does_not_get_ready_says_why(web: Repository) -> None:
    web.up()
    web.qlocal("stop")
    container = web.containers()["web"]
    data = _archive("server.pl", b'print STDERR "no license file\\n"; exit 7;')
    assert container.put_archive("/", data)
    said = web.qlocal("start")
    assert said.code == 5
    assert "no license file" in said.err


def _archive(name: str, content: bytes) -> bytes:
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
