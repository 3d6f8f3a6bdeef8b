"""Every example and every case, translated: what stands in `expected/` is compared whole.

`QLOCAL_GOLDEN=write` rewrites; the diff is the review. A case is a folder with the files of one
project, or with one sub-folder for each application of one environment.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from qlocal.compose.project import to_yaml
from qlocal.compose.roster import take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.errors import Problem
from qlocal.plan.facts import Observed
from qlocal.plan.steps import Plan
from qlocal.plan.up import Before, plan_images, plan_up, services_to_make
from tests.conftest import ROOT
from tests.unit.compose.translating import given_for, read_folder

# Read here, because a test itself sees no QLOCAL_ variable.
WRITES = os.environ.get("QLOCAL_GOLDEN") == "write"

CASES = (
    *sorted(path.parent for path in (ROOT / "examples").glob("*/.qovery.yml")),
    *sorted(path for path in (ROOT / "tests/golden/cases").iterdir() if path.is_dir()),
)


def expected_files(folder: Path) -> dict[str, str]:
    """File name → text. `problems.txt` is there only when there are problems."""
    read = read_folder(folder)
    roster = take_roster(read.sources)
    translation = translate(roster, given_for(roster))
    project = translation.project
    files = {
        "compose.yaml": to_yaml(project.document()),
        "variables.txt": "".join(_variables(translation)),
        "plan.txt": f"{_first_plan(translation)}\n",
    }
    if problems := (*read.problems, *translation.problems):
        files["problems.txt"] = "".join(_shown(problem) for problem in problems)
    return files


def _variables(translation: Translation) -> Iterator[str]:
    """Values as JSON, so that a newline or a blank at the end can be seen."""
    for service, variables in translation.variables.items():
        yield f"[{service}]\n"
        for one in variables:
            secret = " secret" if one.secret else ""
            value = json.dumps(one.value, ensure_ascii=False)
            yield f"{one.name}={value}  {one.scope.name}{secret}\n"


def _first_plan(translation: Translation) -> Plan:
    """On an engine that has nothing yet."""
    nothing = Observed()
    services = services_to_make(translation, nothing)
    images = plan_images(translation, services, frozenset())
    plan = plan_up(translation, nothing, Before(), present=frozenset(), answering=frozenset())
    return Plan(steps=(*images.steps, *plan.steps))


def _shown(problem: Problem) -> str:
    return f"{problem.severity.value}: {problem}\n"


@pytest.mark.parametrize("folder", CASES, ids=lambda path: str(path.name))
def test_the_translation_is_as_expected(folder: Path) -> None:
    files = expected_files(folder)
    expected = folder / "expected"
    if WRITES:
        _write(expected, files)
    there = {path.name: path.read_bytes().decode() for path in expected.glob("*") if path.is_file()}
    assert there, f"{expected} is empty; QLOCAL_GOLDEN=write fills it"
    assert files == there


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())


@cache
def has_compose() -> bool:
    """The plugin reads files without any engine."""
    try:
        found = subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False, timeout=20
        )
    except FileNotFoundError:
        return False
    return found.returncode == 0


def compose_config(path: Path) -> dict[str, object]:
    """What Compose makes of a file; fails with its words where it refuses it."""
    done = subprocess.run(
        ["docker", "compose", "-f", str(path), "config", "--format", "json"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("folder", CASES, ids=lambda path: str(path.name))
def test_compose_reads_the_same_values_as_were_meant(folder: Path, tmp_path: Path) -> None:
    """Also when secrets stand in a second file."""
    if not has_compose():
        pytest.skip("the Compose plugin of docker is not installed")
    roster = take_roster(read_folder(folder).sources)
    project = translate(roster, given_for(roster)).project
    whole, shown, secret = (tmp_path / name for name in ("one.yaml", "two.yaml", "secrets.yaml"))
    whole.write_text(to_yaml(project.document()), "utf-8")
    shown.write_text(to_yaml(project.document(secrets_file=str(secret))), "utf-8")
    secret.write_text(to_yaml(project.secrets_document()), "utf-8")
    document = compose_config(whole)
    assert _environments(document) == {
        service.name: {one.name: one.value for one in service.variables}
        for service in project.services
    }
    assert compose_config(shown) == document


def _environments(document: dict[str, object]) -> dict[str, dict[str, str]]:
    services = document["services"]
    assert isinstance(services, dict)
    return {
        name: {
            key: value.replace("$$", "$")
            for key, value in (service.get("environment") or {}).items()
        }
        for name, service in services.items()
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda path: str(path.name))
def test_no_secret_stands_in_the_file_that_may_be_shown(folder: Path) -> None:
    roster = take_roster(read_folder(folder).sources)
    given = given_for(roster)
    project = translate(roster, given).project
    shown = to_yaml(project.document(secrets_file="/secrets.yaml"))
    assert not [one for one in given.credentials.values() if one.password in shown]
