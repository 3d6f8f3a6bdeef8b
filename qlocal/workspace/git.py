"""Which branch, which commit. git itself answers, so every kind of repository works."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from qlocal.process import run

# What CI services say about the branch being built; their checkouts have a detached HEAD.
# For a pull request, the branch it comes from.
_CI_BRANCH = (
    "GITHUB_HEAD_REF",
    "GITHUB_REF_NAME",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME",
    "BITBUCKET_BRANCH",
    "CHANGE_BRANCH",
    "BRANCH_NAME",
    "GIT_BRANCH",
    "CIRCLE_BRANCH",
    "BUILDKITE_BRANCH",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH",
    "BUILD_SOURCEBRANCH",
)
_CI_TAG = ("CI_COMMIT_TAG", "BITBUCKET_TAG", "CIRCLE_TAG", "BUILDKITE_TAG", "TAG_NAME")

# A CI container often runs as another user than the checkout's; nothing is executed from it here.
_GIT = ("git", "-c", "safe.directory=*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """`branch` is "" when HEAD is detached or there is no git; `commit` is known only then."""

    branch: str = ""
    commit: str = ""
    has_master: bool = False


def read_checkout(folder: str) -> Checkout:
    """One call of git in the usual case: this is on the way of every command."""
    head = run([*_GIT, "-C", folder, "symbolic-ref", "--quiet", "--short", "HEAD"], timeout=10)
    if head.ok:
        branch = head.out.strip()
        return Checkout(branch=branch, has_master=branch == "main" and _has_master(folder))
    commit = run([*_GIT, "-C", folder, "rev-parse", "--quiet", "--verify", "HEAD"], timeout=10)
    return Checkout(commit=commit.out.strip() if commit.ok else "")


def _has_master(folder: str) -> bool:
    """Asked only on `main`: it is the production branch unless there is a `master`."""
    refs = ["refs/heads/master", "refs/remotes/origin/master"]
    return bool(run([*_GIT, "-C", folder, "for-each-ref", *refs], timeout=10).out.strip())


def repository_of(folder: str) -> tuple[str, str]:
    """The top folder of the repository and its name at `origin`; "" for what there is not."""
    top = run([*_GIT, "-C", folder, "rev-parse", "--show-toplevel"], timeout=10)
    remote = run([*_GIT, "-C", folder, "remote", "get-url", "origin"], timeout=10)
    address = remote.out.strip().rstrip("/") if remote.ok else ""
    name = address.replace(":", "/").rsplit("/", 1)[-1].removesuffix(".git")
    return (top.out.strip() if top.ok else ""), name


def branch_of(
    checkout: Checkout, *, asked: str = "", environment: Mapping[str, str] = os.environ
) -> str:
    """`--branch` > QLOCAL_BRANCH > the CI service > HEAD > detached-<commit> > local."""
    said = asked or environment.get("QLOCAL_BRANCH", "") or _from_ci(environment)
    if said:
        return _short(said)
    if checkout.branch:
        return checkout.branch
    return f"detached-{checkout.commit[:7]}" if checkout.commit else "local"


def _from_ci(environment: Mapping[str, str]) -> str:
    """Only on a CI machine: BRANCH_NAME alone may mean anything on a laptop."""
    if not any(environment.get(name) for name in ("CI", "JENKINS_URL", "TF_BUILD")):
        return ""
    is_tag = environment.get("GITHUB_REF_TYPE") == "tag" or any(map(environment.get, _CI_TAG))
    if is_tag or environment.get("BUILD_SOURCEBRANCH", "").startswith("refs/tags/"):
        return ""
    return next((environment[name] for name in _CI_BRANCH if environment.get(name)), "")


def _short(branch: str) -> str:
    """Prefixes of a reference go, slashes inside the name stay."""
    for prefix in ("refs/heads/", "refs/remotes/", "refs/", "heads/", "origin/"):
        branch = branch.removeprefix(prefix)
    return branch


def is_production(branch: str, listed: tuple[str, ...], checkout: Checkout) -> bool:
    """`production_branches` when the manifest lists any; else `master`, or `main` where no
    `master` exists.
    """
    if listed:
        return branch in listed
    return branch == "master" or (branch == "main" and not checkout.has_master)
