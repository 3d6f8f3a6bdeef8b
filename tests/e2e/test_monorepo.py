"""Several applications of one project: in folders of one repository, and in two repositories."""

import urllib.request

import pytest

from tests.e2e.conftest import DOCKERFILE, MANIFEST, SERVER, Repository

pytestmark = pytest.mark.docker


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def two(repository: Repository) -> Repository:
    for name in ("api", "front"):
        manifest = MANIFEST.format(project=repository.project).replace("web", name)
        repository.write(
            {
                f"{name}/.qovery.yml": manifest,
                f"{name}/Dockerfile": DOCKERFILE,
                f"{name}/server.pl": SERVER.replace("VERSION", name),
            }
        )
    return repository


def test_from_the_top_all_applications_come_up_and_know_each_other(two: Repository) -> None:
    urls = two.up()["urls"]
    assert get(urls["api"]) == "hello from api"
    assert get(urls["front"]) == "hello from front"
    assert get(f"{urls['front']}/QOVERY_APPLICATION_API_HOSTNAME") == "api"
    reached = two.containers()["front"].exec_run(["getent", "hosts", "api"])
    assert reached.exit_code == 0
    assert two.up()["plan"] == []
    assert two.qlocal("down").code == 0
    assert two.containers() == {}


def test_one_application_alone_leaves_the_other_of_its_environment_running(
    two: Repository,
) -> None:
    api = two.up("-C", "api")["urls"]["api"]
    front = two.up("-C", "front")["urls"]["front"]
    assert get(api) == "hello from api"
    assert get(front) == "hello from front"
    assert two.up("-C", "api")["plan"] == []
    assert two.up("-C", "api")["urls"]["api"] == api


def test_folders_of_several_projects_are_told_apart(two: Repository) -> None:
    two.write({"front/.qovery.yml": MANIFEST.format(project="another").replace("web", "front")})
    said = two.qlocal("up")
    assert said.code == 2
    assert "several projects" in said.err
    assert "-C" in said.err
