"""Which engine a Docker context names."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from qlocal.engine.docker_engine import DockerEngine
from qlocal.errors import EngineUnavailable


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Docker configuration with one context, `elsewhere`, and no `config.json`."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    meta = tmp_path / "contexts" / "meta" / sha256(b"elsewhere").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    host = "tcp://127.0.0.1:1"
    meta.write_text(json.dumps({"Name": "elsewhere", "Endpoints": {"docker": {"Host": host}}}))
    return tmp_path


def said() -> str:
    with pytest.raises(EngineUnavailable) as caught:
        DockerEngine().containers("x")
    return str(caught.value.__cause__ or caught.value.message)


def test_a_context_named_by_the_variable_is_used(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "elsewhere")
    assert "127.0.0.1" in said()


def test_a_context_chosen_by_docker_context_use_is_used(config: Path) -> None:
    (config / "config.json").write_text('{"currentContext": "elsewhere"}')
    assert "127.0.0.1" in said()


def test_a_context_that_does_not_exist_is_named(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    assert said() == "the Docker context `nowhere` does not exist"
