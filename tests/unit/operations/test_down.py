"""`down`, on an engine in memory."""

import pytest

from qlocal.errors import ManifestError
from tests.unit.operations.projects import Project


def test_down_removes_containers_and_network_and_keeps_the_data(project: Project) -> None:
    project.up()
    result = project.down()
    assert project.engine.made == []
    assert project.engine.networks == {}
    assert result.kept == ("demo--main_my-pg_data",)
    assert list(project.engine.volumes) == ["demo--main_my-pg_data"]
    assert project.drawer.exists


def test_applications_go_before_what_they_talk_to(project: Project) -> None:
    project.up()
    services = [step.target for step in project.down().plan.steps]
    assert services == ["todo", "my-pg", "demo--main_default"]


def test_down_with_volumes_forgets_everything(project: Project) -> None:
    project.up()
    password = project.record.credentials["my-pg"].password
    result = project.down(volumes=True)
    assert result.kept == ()
    assert project.engine.volumes == {}
    assert not project.drawer.exists
    project.up()
    assert project.record.credentials["my-pg"].password != password


def test_down_where_nothing_runs_has_nothing_to_do(project: Project) -> None:
    assert project.down().plan.is_empty
    assert project.engine.changes == []
    assert not project.drawer.path.exists(), "an environment that never was left a folder"


def test_down_twice_is_no_error(project: Project) -> None:
    project.up()
    project.down()
    assert project.down().plan.is_empty


def test_a_manifest_that_became_unreadable_can_still_go_down(project: Project) -> None:
    project.up()
    project.write(".qovery.yml", "application: [\n")
    assert project.down().environment == project.environment
    assert project.engine.made == []


def test_an_unreadable_manifest_that_never_was_up_is_a_problem(project: Project) -> None:
    project.write(".qovery.yml", "application: [\n")
    with pytest.raises(ManifestError):
        project.down()


def test_down_of_one_branch_leaves_the_others(project: Project) -> None:
    from tests.unit.operations.projects import git

    project.up()
    git(project.folder, "checkout", "--quiet", "-b", "other")
    project.up()
    project.down()
    assert {one.name for one in project.engine.made} == {
        "demo--main-my-pg-1",
        "demo--main-todo-1",
    }
