"""`qlocal doctor` on this machine, and `--fix` on a bare one, which is a container of its own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

import qlocal
from qlocal.engine.stand_in import build_stand_in
from tests.e2e.conftest import Said

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

DOCTOR = ("python3", "-m", "qlocal", "doctor")


def on_this_machine(*arguments: str, environment: Mapping[str, str] | None = None) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "qlocal", "doctor", *arguments],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    return Said(code=done.returncode, out=done.stdout, err=done.stderr)


def statuses(document: Any) -> dict[str, str]:
    return {check["name"]: check["status"] for check in document["checks"]}


def test_a_machine_with_an_engine_is_well() -> None:
    said = on_this_machine("--json")
    assert said.code == 0, said.out
    found = statuses(said.document)
    assert {found[name] for name in ("cli", "engine", "compose", "buildx")} == {"ok"}


def test_the_table_has_a_line_for_every_part_and_no_colour_in_a_pipe() -> None:
    said = on_this_machine()
    names = [line.split()[1] for line in said.out.splitlines() if not line.startswith(" ")]
    assert names[:4] == ["cli", "engine", "compose", "buildx"]
    assert "\033" not in said.out


@pytest.mark.parametrize("host", ["unix:///nowhere.sock", "tcp://127.0.0.1:1"])
def test_an_engine_that_docker_host_does_not_find_is_exit_4(host: str) -> None:
    said = on_this_machine("--json", environment={"DOCKER_HOST": host})
    assert said.code == 4
    (engine,) = [check for check in said.document["checks"] if check["name"] == "engine"]
    assert engine["status"] == "error"
    assert engine["found"].startswith(f"nothing answers at {host}")


@pytest.fixture(scope="module")
def bare_machine(engine_required: None) -> Iterator[Container]:
    """The machine's own distribution with Python and nothing else; it may run an engine inside."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("needs root and debootstrap")
    client = docker.from_env()
    image = build_stand_in(client, "debian:latest", None, print).reference
    container = client.containers.run(
        image,
        ["sleep", "infinity"],
        detach=True,
        init=True,
        privileged=True,
        labels={"dev.qlocal.test": "doctor"},
        environment={"PYTHONPATH": "/program:/libraries", "PYTHONDONTWRITEBYTECODE": "1"},
        volumes=[
            "/var/lib/docker",  # an overlay cannot lie on another
            f"{Path(qlocal.__file__).parent}:/program/qlocal:ro",
            f"{sysconfig.get_path('purelib')}:/libraries:ro",
        ],
    )
    try:
        inside(container, "apt-get", "update", "-qq")
        inside(container, "apt-get", "install", "-qqy", "--no-install-recommends", "python3")
        yield container
    finally:
        container.remove(force=True, v=True)


def inside(container: Container, *arguments: str, code: int = 0) -> str:
    """Standard output, of a command that ends as expected."""
    result: Any = container.exec_run(list(arguments), demux=True)
    out, err = ((stream or b"").decode() for stream in result.output)
    assert result.exit_code == code, f"{arguments}: {result.exit_code}\n{out}\n{err}"
    return out


def test_a_bare_machine_gets_an_engine_and_the_second_time_there_is_nothing_to_do(
    bare_machine: Container,
) -> None:
    before = json.loads(inside(bare_machine, *DOCTOR, "--json", code=4))
    assert statuses(before)["engine"] == "error"

    inside(bare_machine, *DOCTOR, "--fix", code=1)  # nobody agreed
    assert json.loads(inside(bare_machine, *DOCTOR, "--json", code=4)) == before

    fixed = json.loads(inside(bare_machine, *DOCTOR, "--fix", "--yes", "--json"))
    assert fixed["applied"]
    found = statuses(fixed)
    assert {found[name] for name in ("cli", "engine", "compose", "buildx")} == {"ok"}

    again = json.loads(inside(bare_machine, *DOCTOR, "--fix", "--json"))
    assert again["applied"] == []

    # Killed together with what it would have tidied up, and the number given to another program.
    script = "kill -9 $(cat /run/docker.pid) && echo 1 > /run/docker.pid"
    inside(bare_machine, "sh", "-c", script)
    inside(bare_machine, *DOCTOR, "--fix", "--yes")
    assert inside(bare_machine, "docker", "ps", "--quiet") == ""


def test_a_user_without_root_reads_what_to_do_and_nothing_is_changed(
    bare_machine: Container,
) -> None:
    as_nobody = ("runuser", "-u", "nobody", "--", *DOCTOR, "--fix", "--yes")
    said = inside(bare_machine, *as_nobody, code=4)
    assert "sudo " in said
