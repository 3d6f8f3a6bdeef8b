"""What the `docker` program says, and what is made of it."""

import socket
from pathlib import Path

import pytest

from qlocal.engine.host.client import ask_client, ask_engine, explain_silence, read_info
from qlocal.engine.host.facts import Answer, Version

INSTALLED = {"dockerd": "/usr/sbin/dockerd"}
USUAL = "unix:///var/run/docker.sock"
SILENT = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon"


def a_program(folder: Path, script: str) -> dict[str, str]:
    """A `docker` that says what it is told to, and the environment to find it in."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("26.1.5+dfsg1", (26, 1, 5)),
        ("v2.29.7-desktop.1", (2, 29, 7)),
        ("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3", (0, 13, 1)),
        ("Docker version 28.2.2, build e6534b4", (28, 2, 2)),
    ],
)
def test_versions_are_read_in_every_dress(text: str, numbers: tuple[int, ...]) -> None:
    version = Version.parse(text)
    assert version
    assert version.numbers == numbers


def test_a_text_without_a_version_has_none() -> None:
    assert Version.parse("docker: 'compose' is not a docker command") is None


def test_the_usual_silence_is_told_apart_by_what_is_installed() -> None:
    running = explain_silence(SILENT, host=USUAL, programs=INSTALLED)
    assert running.answer is Answer.NOT_RUNNING
    assert explain_silence(SILENT, host=USUAL, programs={}).answer is Answer.NOT_INSTALLED


def test_silence_at_any_other_place_is_that_places() -> None:
    for host in ("tcp://ci.example:2375", "unix:///run/user/1000/docker.sock"):
        assert explain_silence(SILENT, host=host, programs=INSTALLED).answer is Answer.NOWHERE


def test_a_refused_socket_names_its_group(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    path.touch()
    said = "permission denied while trying to connect to the Docker daemon socket"
    engine = explain_silence(said, host=f"unix://{path}", programs=INSTALLED)
    assert engine.answer is Answer.NO_PERMISSION
    assert engine.socket_group == path.group()


def test_an_engine_in_a_vm_keeps_its_data_elsewhere() -> None:
    desktop = read_info(
        {"OperatingSystem": "Docker Desktop"}, host=USUAL, version="27.0.3", system="Linux"
    )
    assert not desktop.is_here
    assert read_info({}, host=USUAL, version="27.0.3", system="Linux").is_here
    assert not read_info({}, host=USUAL, version="27.0.3", system="Darwin").is_here
    assert not read_info({}, host="ssh://ci", version="27.0.3", system="Linux").is_here


def test_a_client_without_plugins_is_a_client(tmp_path: Path) -> None:
    script = 'case $1 in --version) echo "Docker version 28.2.2, build x";; *) exit 1;; esac'
    client = ask_client(a_program(tmp_path, script))
    assert str(client.version) == "28.2.2"
    assert (client.compose, client.buildx) == (None, None)


def test_the_engine_is_the_one_that_docker_host_names(tmp_path: Path) -> None:
    environment = a_program(tmp_path, "echo 'dial tcp: lookup ci: no such host' >&2; exit 1")
    environment["DOCKER_HOST"] = "tcp://ci:2375"
    engine = ask_engine(environment, system="Linux", programs={})
    assert (engine.answer, engine.host, engine.named_by) == (
        Answer.NOWHERE,
        "tcp://ci:2375",
        "DOCKER_HOST",
    )


def test_an_engine_that_answers_is_described(tmp_path: Path) -> None:
    script = (
        "case $1 in\n"
        f"context) echo {USUAL};;\n"
        'version) echo \'{"Version":"26.1.5+dfsg1"}\';;\n'
        'info) echo \'{"DockerRootDir":"/data","MemoryLimit":true}\';;\n'
        "esac"
    )
    engine = ask_engine(a_program(tmp_path, script), system="Linux", programs={})
    assert engine.is_usable
    assert (engine.host, engine.root, engine.limits_memory) == (USUAL, "/data", True)


def test_without_a_client_a_knock_tells_whether_somebody_listens(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    environment = {"PATH": str(tmp_path), "DOCKER_HOST": f"unix://{path}"}
    assert ask_engine(environment, system="Linux", programs={}).answer is Answer.NOWHERE
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert ask_engine(environment, system="Linux", programs={}).answer is Answer.UNASKED
