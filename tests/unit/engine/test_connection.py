"""Which engine is meant, and what is said when it does not answer."""

import gc
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qlocal.engine.docker_engine import DockerEngine, _split
from qlocal.errors import EngineUnavailable


@contextmanager
def refused() -> Iterator[pytest.ExceptionInfo[EngineUnavailable]]:
    """The SDK leaves the sockets of refused connections to the garbage collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(EngineUnavailable) as caught:
            yield caught
        caught.value.__cause__ = caught.value.__context__ = None
        gc.collect()


def test_a_host_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with refused() as caught:
        DockerEngine().containers("x")
    assert "unix:///nowhere/docker.sock" in caught.value.message
    assert caught.value.exit_code == 4
    assert caught.value.hint


def test_every_verb_says_so_when_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    engine = DockerEngine()
    for ask in (
        lambda: engine.probes_early,
        lambda: engine.observe("x"),
        lambda: engine.images(["x"]),
        lambda: engine.provide("x", "", print),
        lambda: engine.start(["x"]),
        lambda: engine.stop(["x"]),
        lambda: engine.remove(containers=["x"]),
        lambda: engine.restarts("x"),
        lambda: engine.autopsy("x"),
    ):
        with refused():
            ask()


def test_a_host_that_is_no_address_is_an_engine_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "nonsense://x")
    with refused():
        DockerEngine().containers("x")


def test_a_context_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "elsewhere"}))
    with pytest.raises(EngineUnavailable, match="elsewhere"):
        DockerEngine().containers("x")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("redis", ("redis", "latest")),
        ("redis:7", ("redis", "7")),
        ("mirror.example:5000/redis", ("mirror.example:5000/redis", "latest")),
        ("mirror.example:5000/redis:7", ("mirror.example:5000/redis", "7")),
        ("redis@sha256:abc", ("redis@sha256:abc", "")),
    ],
)
def test_a_reference_is_a_name_and_a_tag(reference: str, expected: tuple[str, str]) -> None:
    assert _split(reference) == expected
