"""Which branch, which commit: in real repositories, and as CI services say it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from qlocal.workspace.git import Checkout, branch_of, is_production, read_checkout


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """On `main`, without a commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def commit(folder: Path) -> str:
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "x")
    return git(folder, "rev-parse", "HEAD")


def test_a_repository_with_a_commit(repository: Path) -> None:
    commit(repository)
    found = read_checkout(str(repository))
    assert found == Checkout(branch="main")
    assert branch_of(found, environment={}) == "main"


def test_a_sub_folder_is_in_the_same_repository(repository: Path) -> None:
    commit(repository)
    (repository / "a/b").mkdir(parents=True)
    assert read_checkout(str(repository / "a/b")) == read_checkout(str(repository))


def test_before_the_first_commit_there_is_a_branch_already(repository: Path) -> None:
    found = read_checkout(str(repository))
    assert (found.branch, found.commit) == ("main", "")
    assert branch_of(found, environment={}) == "main"


def test_a_detached_head_is_called_after_its_commit(repository: Path) -> None:
    identity = commit(repository)
    git(repository, "checkout", "--quiet", "--detach")
    found = read_checkout(str(repository))
    assert (found.branch, found.commit) == ("", identity)
    assert branch_of(found, environment={}) == f"detached-{identity[:7]}"


def test_a_worktree_has_the_branch_of_its_own(repository: Path, tmp_path: Path) -> None:
    commit(repository)
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    found = read_checkout(str(tmp_path / "tree"))
    assert found.branch == "other"
    assert read_checkout(str(repository)).branch == "main"


def test_where_there_is_no_git_the_branch_is_local(tmp_path: Path) -> None:
    found = read_checkout(str(tmp_path))
    assert found == Checkout()
    assert branch_of(found, environment={}) == "local"


@pytest.mark.parametrize("branch", ["feature/Ä-b", "日本", "a.b_c", "feature/deep/er", "1"])
def test_a_branch_keeps_its_name(repository: Path, branch: str) -> None:
    commit(repository)
    git(repository, "checkout", "--quiet", "-b", branch)
    assert branch_of(read_checkout(str(repository)), environment={}) == branch


def test_a_folder_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "a b ä $HOME"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    assert read_checkout(str(folder)).branch == "main"


@pytest.mark.parametrize("where", ["refs/heads/master", "refs/remotes/origin/master"])
def test_on_main_it_is_known_whether_there_is_a_master(repository: Path, where: str) -> None:
    identity = commit(repository)
    assert not read_checkout(str(repository)).has_master
    git(repository, "update-ref", where, identity)
    assert read_checkout(str(repository)).has_master


ON_MAIN = Checkout(branch="main", commit="0123456789")
DETACHED = Checkout(commit="0123456789")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CI": "true", "GITHUB_REF_NAME": "feature/a"}, "feature/a"),
        (
            {"CI": "true", "GITHUB_HEAD_REF": "feature/a", "GITHUB_REF_NAME": "12/merge"},
            "feature/a",
        ),
        ({"CI": "true", "CI_COMMIT_BRANCH": "b", "CI_COMMIT_REF_NAME": "b"}, "b"),
        (
            {
                "CI": "true",
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "b",
                "CI_COMMIT_REF_NAME": "refs/merge-requests/1/head",
            },
            "b",
        ),
        ({"CI": "true", "BITBUCKET_BRANCH": "b"}, "b"),
        ({"JENKINS_URL": "http://j", "GIT_BRANCH": "origin/feature/a"}, "feature/a"),
        ({"JENKINS_URL": "http://j", "BRANCH_NAME": "PR-1", "CHANGE_BRANCH": "b"}, "b"),
        ({"CI": "true", "CIRCLE_BRANCH": "b"}, "b"),
        ({"CI": "true", "BUILDKITE_BRANCH": "b"}, "b"),
        ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/feature/a"}, "feature/a"),
        (
            {
                "TF_BUILD": "True",
                "BUILD_SOURCEBRANCH": "refs/pull/1/merge",
                "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/b",
            },
            "b",
        ),
    ],
    ids=lambda it: next((name for name in it if name != "CI"), "") if it else "",
)
def test_a_ci_service_knows_the_branch_of_a_detached_head(
    environment: Mapping[str, str], expected: str
) -> None:
    assert branch_of(DETACHED, environment=environment) == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"CI": "true", "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"},
        {"CI": "true", "CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1"},
        {"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/tags/v1"},
        {"CI": "true"},
    ],
    ids=["GitHub", "GitLab", "Azure", "unknown"],
)
def test_a_tag_is_no_branch(environment: Mapping[str, str]) -> None:
    assert branch_of(DETACHED, environment=environment) == "detached-0123456"


def test_outside_of_ci_its_variables_mean_nothing() -> None:
    environment = {"BRANCH_NAME": "x", "GIT_BRANCH": "y", "GITHUB_REF_NAME": "z"}
    assert branch_of(ON_MAIN, environment=environment) == "main"


def test_the_order_is_asked_then_qlocal_branch_then_ci_then_head() -> None:
    environment = {"CI": "true", "GITHUB_REF_NAME": "from-ci"}
    named = environment | {"QLOCAL_BRANCH": "from-variable"}
    assert branch_of(ON_MAIN, asked="asked", environment=named) == "asked"
    assert branch_of(ON_MAIN, environment=named) == "from-variable"
    assert branch_of(ON_MAIN, environment=environment) == "from-ci"
    assert branch_of(ON_MAIN, environment={}) == "main"


@pytest.mark.parametrize(
    ("branch", "listed", "has_master", "expected"),
    [
        ("master", (), False, True),
        ("main", (), False, True),
        ("main", (), True, False),
        ("develop", (), False, False),
        ("develop", ("develop",), False, True),
        ("main", ("develop",), False, False),
        ("master", ("develop",), False, False),
    ],
)
def test_what_production_is(
    branch: str, listed: tuple[str, ...], *, has_master: bool, expected: bool
) -> None:
    checkout = Checkout(branch=branch, has_master=has_master)
    assert is_production(branch, listed, checkout) is expected
