"""Failing well: one screen that says why, the right exit code, and nothing half-made left."""

import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import DOCKERFILE, MANIFEST, SERVER, Repository
from tests.eventually import eventually

pytestmark = pytest.mark.docker


def _bind(taken: socket.socket, port: int) -> bool:
    taken.bind(("127.0.0.1", port))
    return True


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_broken_dockerfile_shows_the_failing_step_and_a_mended_one_comes_up(
    web: Repository,
) -> None:
    web.write({"Dockerfile": DOCKERFILE + "RUN echo almost there; cat /nowhere/to/be/found\n"})
    said = web.qlocal("up")
    assert said.code == 1
    assert "web (build)" in said.err
    assert "cat: /nowhere/to/be/found: No such file or directory" in said.err
    assert "almost there" in said.err
    assert web.containers() == {}
    web.write({"Dockerfile": DOCKERFILE})
    assert get(web.up()["urls"]["web"]) == "hello from one"


def test_a_bad_manifest_is_pointed_at_and_nothing_is_started(web: Repository) -> None:
    web.write(
        {".qovery.yml": MANIFEST.format(project=web.project) + "databases:\n- type: oracle\n"}
    )
    said = web.qlocal("up")
    assert said.code == 3
    assert ".qovery.yml:6:9: " in said.err
    assert "oracle" in said.err
    assert said.out == ""
    assert web.containers() == {}


@pytest.mark.parametrize("command", ["up", "ps", "down", "logs"])
def test_without_an_engine_every_command_says_so(web: Repository, command: str) -> None:
    nowhere = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    said = web.qlocal(command, environment=nowhere)
    assert said.code == 4
    assert "no Docker Engine answers" in said.err
    assert "hint: " in said.err


def test_what_needs_no_engine_works_without_one(web: Repository) -> None:
    nowhere = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    for command in ("config", "env", "validate"):
        assert web.qlocal(command, environment=nowhere).code == 0


def test_an_application_that_exits_at_once_shows_its_last_words_and_does_not_loop_on(
    web: Repository,
) -> None:
    web.write({"server.pl": 'print STDERR "no license file\\n"; exit 7;'})
    said = web.qlocal("up")
    assert said.code == 5
    assert "web (start): it exited with code 7" in said.err
    assert "no license file" in said.err
    assert "next: qlocal logs web" in said.err
    assert web.containers()["web"].status == "exited"
    assert "no license file" in web.qlocal("logs").out
    web.write({"server.pl": SERVER})
    assert get(web.up()["urls"]["web"]) == "hello from VERSION"


def test_an_application_that_loses_its_first_start_is_given_a_second(web: Repository) -> None:
    once = 'unless (-e "/tmp/again") { open my $f, ">", "/tmp/again"; exit 1 }\n'
    web.write({"server.pl": once + SERVER})
    assert get(web.up()["urls"]["web"]) == "hello from VERSION"


def test_an_application_that_listens_only_to_itself_is_not_ready(web: Repository) -> None:
    manifest = MANIFEST.format(project=web.project) + "  start_timeout: 2s\n"
    web.write({".qovery.yml": manifest, "server.pl": SERVER.replace("0.0.0.0", "127.0.0.1")})
    said = web.qlocal("up")
    assert said.code == 5
    assert "web (ready): not ready within 2 s" in said.err
    assert "0.0.0.0:8080" in said.err
    assert web.containers()["web"].status == "running"
    web.write({"server.pl": SERVER})
    assert get(web.up()["urls"]["web"]) == "hello from VERSION"


def test_a_ready_check_by_command_decides(web: Repository) -> None:
    check = "  ready-check:\n    command: test -e /tmp/ready\n  start_timeout: 3s\n"
    web.write({".qovery.yml": MANIFEST.format(project=web.project) + check})
    assert web.qlocal("up").code == 5
    web.write({"server.pl": 'open my $f, ">", "/tmp/ready"; close $f;\n' + SERVER})
    assert get(web.up()["urls"]["web"]) == "hello from VERSION"


def test_an_application_killed_for_its_memory_says_so(web: Repository) -> None:
    greedy = 'my $x = "x" x (200 * 1024 * 1024); print length $x; sleep 60;'
    web.write(
        {
            ".qovery.yml": MANIFEST.format(project=web.project) + "  ram: 16MB\n",
            "server.pl": greedy,
        }
    )
    said = web.qlocal("up")
    assert said.code == 5
    assert "memory" in said.err


def test_a_taken_port_names_its_owner_and_new_ports_move_away(web: Repository) -> None:
    url = web.up()["urls"]["web"]
    port = int(url.rpartition(":")[2])
    web.qlocal("down")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        eventually(lambda: _bind(taken, port), what="the port is free")
        taken.listen()
        said = web.qlocal("up")
        assert said.code == 1
        assert f"port {port} on 127.0.0.1 is taken by" in said.err
        assert "qlocal up --new-ports" in said.err
        moved = web.up("--new-ports")["urls"]["web"]
        assert moved != url
        assert get(moved) == "hello from one"
    assert web.up()["urls"]["web"] == moved


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(web: Repository) -> None:
    web.write({"Dockerfile": DOCKERFILE + "RUN sleep 20\n"})
    child = web.start("up")
    for line in child.stderr:
        if "RUN sleep" in line:
            break
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert child.returncode == 130
    web.write({"Dockerfile": DOCKERFILE})
    assert get(web.up()["urls"]["web"]) == "hello from one"


def test_two_at_once_wait_for_each_other_and_both_succeed(web: Repository) -> None:
    children = [web.start("up") for _ in range(3)]
    ends = [(child.communicate(timeout=120), child.returncode)[1] for child in children]
    assert ends == [0, 0, 0]
    assert len(web.containers()) == 1


def test_down_volumes_wants_to_be_meant(web: Repository) -> None:
    manifest = MANIFEST.format(project=web.project)
    web.write({".qovery.yml": manifest + "databases:\n- {type: redis, name: cache}\n"})
    web.up()
    said = web.qlocal("down", "--volumes")
    assert said.code == 1
    assert "--yes" in said.err
    assert set(web.containers()) == {"web", "cache"}
    assert web.qlocal("down", "--volumes", "--yes").code == 0
    volumes = subprocess.run(
        ["docker", "volume", "ls", "-q", "--filter", f"label=dev.qlocal.project={web.project}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert volumes.stdout == ""


def test_a_secret_that_a_build_prints_is_shown_nowhere(web: Repository) -> None:
    web.write(
        {
            "Dockerfile": DOCKERFILE + 'ARG API_KEY\nRUN echo "key $API_KEY" && exit 3\n',
            ".env": "API_KEY=hunter2secret\n",
        }
    )
    for arguments in (["up", "-v"], ["up", "--json"]):
        said = web.qlocal(*arguments)
        assert said.code == 1
        assert "key <hidden>" in said.err + said.out
        assert "hunter2secret" not in said.err + said.out
    home = Path(os.environ["QLOCAL_HOME"])
    (log,) = home.glob("environments/*/build.log")
    assert "hunter2secret" not in log.read_text()
