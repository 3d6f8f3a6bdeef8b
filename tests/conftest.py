"""What every test may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-docker",
        action="store_true",
        help="fail, rather than skip, tests that need a Docker Engine where none answers",
    )


def _no_engine() -> str:
    """Why there is none; "" when one answers."""
    from qlocal.engine.docker_engine import DockerEngine
    from qlocal.errors import EngineUnavailable

    try:
        DockerEngine().containers("none")
    except EngineUnavailable as error:
        return error.message
    return ""


@pytest.fixture(scope="session")
def engine_required(request: pytest.FixtureRequest) -> None:
    """Skips where no engine answers; fails there under --require-docker."""
    if reason := _no_engine():
        if request.config.getoption("--require-docker"):
            pytest.fail(f"--require-docker, but {reason}")
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def _plain_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No variable of the machine or of a CI service decides what a test sees."""
    for name in list(os.environ):
        if name.startswith(("QLOCAL_", "GITHUB_", "CI_", "COMPOSE_", "GIT_")) or name in (
            "CI", "BRANCH_NAME", "JENKINS_URL", "NO_COLOR", "TF_BUILD",
        ):  # fmt: skip
            monkeypatch.delenv(name)
    monkeypatch.setenv("QLOCAL_HOME", str(tmp_path_factory.mktemp("home")))
