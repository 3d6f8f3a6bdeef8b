"""Building images where no registry is reachable: once, whole or not at all, two at a time."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import docker
import docker.errors
import pytest

from qlocal.engine.debootstrap import Base, base_for, bootstrap
from qlocal.engine.stand_in import StandIn, build_recipe, build_stand_in
from qlocal.errors import EngineError
from tests.contract.image_contract import Place, a_client, a_place
from tests.eventually import eventually

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

needs_debootstrap = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="needs root and debootstrap"
)

MACHINES_CERTIFICATES = sorted(Path("/usr/local/share/ca-certificates").rglob("*.crt"))


@pytest.fixture(scope="module")
def client(engine_required: None) -> Iterator[docker.DockerClient]:
    with a_client() as found:
        yield found


@pytest.fixture
def place(
    client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with a_place(client) as made:
        yield made


@pytest.fixture(scope="module")
def debian(client: docker.DockerClient) -> StandIn:
    return build_stand_in(client, "debian:latest", None, print)


def recipe(folder: Path, place: Place, step: str) -> Path:
    """A folder like those in `qlocal/images/`, quick to build, named like nothing else."""
    made = folder / place.label.partition("=")[2]
    made.mkdir(exist_ok=True)
    (made / "Dockerfile").write_text(
        textwrap.dedent(f"""\
        ARG BASE
        FROM ${{BASE}} AS image
        LABEL {place.label}
        RUN : {made.name} && {step}
        FROM image AS asked
        RUN echo 1.2.3 > /version
        FROM scratch AS version
        COPY --from=asked /version /
        FROM image
        """)
    )
    return made


@pytest.mark.parametrize("requested", ["postgres:12", "redis:7", "debian:stable-slim"])
def test_what_was_built_is_found_again_without_building(
    client: docker.DockerClient, requested: str
) -> None:
    kinds = {"postgres:12": "postgresql", "redis:7": "redis"}
    said: list[str] = []
    first = build_stand_in(client, requested, kinds.get(requested), print)
    assert build_stand_in(client, requested, kinds.get(requested), said.append) == first
    assert said == []
    labels = client.images.get(first.reference).labels
    assert labels["dev.qlocal"] == "1"
    assert labels["dev.qlocal.stand-in"] == kinds.get(requested, "debian")
    assert labels["dev.qlocal.version"] == first.version


def test_the_version_is_the_one_that_runs(client: docker.DockerClient, place: Place) -> None:
    redis = build_stand_in(client, "redis:3.2", "redis", print)
    assert f"v={redis.version} " in place.finished(redis.reference, "redis-server", "--version")[1]
    postgres = build_stand_in(client, "postgres:9.6", "postgresql", print)
    assert f" {postgres.version} " in place.finished(postgres.reference, "postgres", "-V")[1]


def test_two_builds_at_once_make_one_image(
    client: docker.DockerClient, place: Place, tmp_path: Path
) -> None:
    folder = recipe(tmp_path, place, "sleep 1")
    said: tuple[list[str], list[str]] = ([], [])
    with ThreadPoolExecutor() as pool:
        built = list(pool.map(lambda lines: build_recipe(client, folder, lines.append), said))
    assert built[0] == built[1]
    assert built[0][1] == "1.2.3"
    waiting, building = sorted(said, key=len)
    assert len(waiting) == 1
    assert len(building) > 1


def test_a_changed_recipe_is_built_anew(
    client: docker.DockerClient, place: Place, tmp_path: Path
) -> None:
    before = build_recipe(client, recipe(tmp_path, place, "echo before > /it"), print)[0]
    after = build_recipe(client, recipe(tmp_path, place, "echo after > /it"), print)[0]
    assert place.finished(before, "cat", "/it") == (0, "before\n")
    assert place.finished(after, "cat", "/it") == (0, "after\n")


def test_a_build_that_fails_says_why_and_leaves_no_image(
    client: docker.DockerClient, place: Place, tmp_path: Path
) -> None:
    folder = recipe(tmp_path, place, "echo 'the reason' && false")
    for _ in range(2):
        with pytest.raises(EngineError) as raised:
            build_recipe(client, folder, print)
        assert "the reason" in raised.value.message
    assert client.images.list(filters={"label": place.label}) == []


def test_a_killed_build_does_not_trip_the_next_one(
    client: docker.DockerClient, place: Place, tmp_path: Path, debian: StandIn
) -> None:
    folder = recipe(tmp_path, place, "echo begun && sleep 2")
    code = (
        "import sys, pathlib, docker; from qlocal.engine.stand_in import build_recipe;"
        "folder = pathlib.Path(sys.argv[1]);"
        "build_recipe(docker.from_env(), folder, lambda it: print(it, flush=True))"
    )
    with _started(code, str(folder), TMPDIR=str(tmp_path)) as child:
        assert child.stdout
        assert any(line.split()[-1:] == ["begun"] for line in child.stdout)
        child.kill()
    assert client.images.list(filters={"label": place.label}) == []
    reference, version = build_recipe(client, folder, print)
    assert (client.images.get(reference).labels["dev.qlocal.version"], version) == ("1.2.3",) * 2


def test_the_base_is_a_debian_that_installs_packages(debian: StandIn, place: Place) -> None:
    steps = (
        "apt-get update -qq && apt-get install -qq --yes hello && hello && cat /etc/debian_version"
    )
    code, said = place.finished(debian.reference, "bash", "-c", steps)
    assert code == 0, said
    assert "Hello, world!" in said
    assert said.rstrip().endswith(debian.version)


def test_the_base_starts_a_shell_and_carries_nothing_of_the_machine(
    client: docker.DockerClient, debian: StandIn, place: Place
) -> None:
    image = client.images.get(debian.reference)
    assert image.attrs["Config"]["Cmd"] == ["bash"]
    assert image.attrs["Size"] < 120_000_000
    left = "find /var/lib/apt/lists /var/cache/apt/archives /usr/share/man /tmp -type f"
    assert place.finished(debian.reference, "sh", "-c", f"{left} ! -name lock") == (0, "")
    assert place.finished(debian.reference, "test", "-s", "/etc/machine-id")[0] == 1


@pytest.mark.skipif(not MACHINES_CERTIFICATES, reason="the machine trusts no more than its system")
def test_the_base_trusts_whom_the_machine_trusts(debian: StandIn, place: Place) -> None:
    code, bundle = place.finished(debian.reference, "sh", "-c", 'cat "$SSL_CERT_FILE"')
    assert code == 0
    for file in MACHINES_CERTIFICATES:
        assert file.read_text().strip() in bundle


@needs_debootstrap
def test_a_mirror_that_does_not_answer_is_named(client: docker.DockerClient) -> None:
    with pytest.raises(EngineError) as raised:
        bootstrap(_at(base_for(""), "http://127.0.0.1:9/debian"), {}, print)
    assert "http://127.0.0.1:9/debian" in raised.value.message
    assert raised.value.hint


@needs_debootstrap
def test_a_killed_debootstrap_leaves_no_mount_no_file_and_no_process(tmp_path: Path) -> None:
    code = (
        "from qlocal.engine.debootstrap import base_for, bootstrap;"
        "bootstrap(base_for(''), {}, lambda it: print(it, flush=True))"
    )
    with _started(code, TMPDIR=str(tmp_path)) as child:
        assert child.stdout
        assert any("Unpacking" in line for line in child.stdout)
        assert len(_with_environment(str(tmp_path))) > 2
        child.kill()
    eventually(lambda: not _with_environment(str(tmp_path)))
    assert "\nqlocal " not in Path("/proc/self/mounts").read_text()
    assert list(tmp_path.iterdir()) == []


def _at(base: Base, mirror: str) -> Base:
    return replace(base, sources=(replace(base.sources[0], uri=mirror),))


def _started(code: str, *words: str, **environment: str) -> "subprocess.Popen[str]":
    home = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": home, **environment},
    )


def _with_environment(word: str) -> list[str]:
    """The processes that have it in a variable."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if word.encode() in file.read_bytes():
                found.append(file.parent.name)
    return found
