"""Variables set by command: scopes, places, what is refused, what they outlive."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlocal.compose.export import as_dotenv
from qlocal.compose.scopes import SETTABLE, Scope, Setting, Variable
from qlocal.errors import ManifestError, NotFound, Severity, UsageError, WorkspaceError
from qlocal.operations.project import Request
from qlocal.operations.set_variables import (
    SetResult,
    Target,
    import_variables,
    set_variables,
    unset_variables,
)
from qlocal.operations.variables import variables
from tests.unit.operations.projects import Project, new_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def put(project: Project, scope: Scope = Scope.ENVIRONMENT, **values: str) -> SetResult:
    return set_variables(
        project.request,
        project.store,
        project.engine,
        Target(scope=scope),
        {name: Setting(value=value) for name, value in values.items()},
    )


def drop(project: Project, *names: str, scope: Scope = Scope.ENVIRONMENT) -> SetResult:
    return unset_variables(project.request, project.store, Target(scope=scope), names)


def take(project: Project, text: str, scope: Scope = Scope.ENVIRONMENT) -> SetResult:
    project.write("some.env", text)
    return import_variables(
        project.request, project.store, project.engine, Target(scope=scope), "some.env"
    )


def found(project: Project, *, branch: str = "") -> dict[str, Variable]:
    request = Request(directory=project.request.directory, branch=branch)
    result = variables(request, project.store, project.engine)
    return {one.name: one for one in result.variables}


def value(project: Project, name: str, *, branch: str = "") -> str | None:
    one = found(project, branch=branch).get(name)
    return one.value if one else None


def test_each_scope_overrides_the_one_below_and_unset_brings_it_back(project: Project) -> None:
    for scope in SETTABLE:
        put(project, scope, A=scope.name)
        assert value(project, "A") == scope.name
    project.write(".env", "A=DOTENV\n")
    assert value(project, "A") == "DOTENV"
    project.write(".env", "")
    for scope in reversed(SETTABLE):
        assert value(project, "A") == scope.name
        drop(project, "A", scope=scope)
    assert value(project, "A") is None


def test_a_variable_of_the_project_is_on_every_branch_and_others_are_not(project: Project) -> None:
    for scope in SETTABLE:
        put(project, scope, **{scope.name: "set"})
    assert {name for name in found(project) if name in Scope.__members__} == {
        "PROJECT",
        "ENVIRONMENT",
        "APPLICATION",
    }
    assert {name for name in found(project, branch="other") if name in Scope.__members__} == {
        "PROJECT"
    }


def test_they_outlive_down_and_down_with_volumes(project: Project) -> None:
    put(project, A="kept")
    put(project, Scope.PROJECT, B="kept")
    project.up()
    project.down()
    project.up()
    project.down(volumes=True)
    assert not project.drawer.path.exists()
    assert (value(project, "A"), value(project, "B")) == ("kept", "kept")


def test_setting_a_variable_recreates_the_application_and_nothing_else(project: Project) -> None:
    project.up()
    put(project, A="1")
    plan = project.up().plan
    assert {(step.target, step.cause) for step in plan.steps if step.verb == "recreate"} == {
        ("todo", "variable A added")
    }
    assert put(project, A="1").unchanged == ("A",)
    assert project.up().plan.is_empty


def test_what_happened_is_told_by_name(project: Project) -> None:
    assert put(project, A="1", B="1").added == ("A", "B")
    result = put(project, A="2", B="1")
    assert (result.changed, result.unchanged) == (("A",), ("B",))
    assert drop(project, "A").removed == ("A",)


def test_the_files_are_only_for_their_owner_and_leave_nothing_beside_them(
    project: Project,
) -> None:
    for scope in SETTABLE:
        put(project, scope, A="1")
    files = [path for path in (project.store.home / "variables").rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in files) == ["", "", ".json", ".json"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}


def test_projects_that_slug_alike_do_not_share(project: Project, tmp_path: Path) -> None:
    put(project, Scope.PROJECT, A="1")
    manifest = (project.folder / ".qovery.yml").read_text()
    project.write(".qovery.yml", manifest.replace("project: demo", "project: Demo"))
    assert value(project, "A") is None


# What is refused


@pytest.mark.parametrize(
    "name", ["", "A-B", "A B", "__A", "QOVERY_A", "QOVERY_DATABASE_NOBODY_HOST", "é", "A\n"]
)
def test_a_name_that_the_platform_refuses_is_refused(project: Project, name: str) -> None:
    with pytest.raises(UsageError):
        put(project, Scope.ENVIRONMENT, **{"GOOD": "1", name: "1"})
    assert value(project, "GOOD") is None


@pytest.mark.parametrize("name", ["spring.datasource.url", "1A"])
def test_a_name_that_some_programs_cannot_read_is_only_warned_about(
    project: Project, name: str
) -> None:
    (problem,) = put(project, Scope.ENVIRONMENT, **{name: "1"}).problems
    assert problem.severity is Severity.WARNING
    assert value(project, name) == "1"


def test_a_built_in_variable_may_be_overridden(project: Project) -> None:
    put(project, QOVERY_IS_PRODUCTION="true", QOVERY_DATABASE_MY_PG_HOST="elsewhere", PORT="99")
    assert value(project, "QOVERY_IS_PRODUCTION") == "true"
    assert value(project, "QOVERY_DATABASE_MY_PG_HOST") == "elsewhere"
    assert value(project, "PORT") == "99"


@pytest.mark.parametrize("text", ["a\0b", "\udcff", "x" * 131_072])
def test_a_value_that_no_program_can_be_given_is_refused(project: Project, text: str) -> None:
    with pytest.raises(UsageError):
        put(project, A=text)


def test_an_error_never_holds_a_value(project: Project) -> None:
    with pytest.raises(UsageError) as caught:
        put(project, Scope.ENVIRONMENT, **{"A-B": "canary-1234", "C": "canary-1234\0"})
    assert "canary" not in str(caught.value)


def test_what_is_not_set_cannot_be_unset_and_nothing_is_then(project: Project) -> None:
    put(project, A="1")
    with pytest.raises(NotFound) as caught:
        drop(project, "A", "B")
    assert caught.value.known == ("A",)
    assert value(project, "A") == "1"


def test_an_unknown_application_is_named_with_the_known_ones(project: Project) -> None:
    target = Target(scope=Scope.APPLICATION, application="web")
    with pytest.raises(NotFound) as caught:
        set_variables(
            project.request, project.store, project.engine, target, {"A": Setting(value="1")}
        )
    assert caught.value.known == ("todo",)


def test_an_application_in_another_scope_makes_no_sense(project: Project) -> None:
    target = Target(scope=Scope.PROJECT, application="todo")
    with pytest.raises(UsageError):
        unset_variables(project.request, project.store, target, ("A",))


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"variables": []}', '{"variables": {"A": "1"}}', '{"format": 99}']
)
def test_a_damaged_file_is_named(project: Project, content: str) -> None:
    put(project, A="1")
    (path,) = (project.store.home / "variables" / "environments").glob("*.json")
    path.write_text(content)
    with pytest.raises(WorkspaceError, match=path.name):
        put(project, A="2")


# Import


def test_an_import_reads_what_the_file_means(project: Project) -> None:
    result = take(
        project,
        "export A=1 # one\nB='$A'\nC=$A\nD=\"x\ny\"\nE=\\$A\nF=a-$A\nG=$lower\n",
        Scope.PROJECT,
    )
    values = {name: one.value for name, one in found(project).items() if len(name) == 1}
    assert values == {
        "A": "1", "B": "$A", "C": "1", "D": "x\ny", "E": "$A", "F": "a-$A", "G": "$lower",
    }  # fmt: skip
    assert [(one.where.line, one.severity) for one in result.problems] == [(7, Severity.WARNING)]


@pytest.mark.parametrize("line", ["QOVERY_NEW=1", "__A=1", "A-B=1", "no equals", "A='open"])
def test_an_import_with_a_fault_changes_nothing_and_shows_its_line(
    project: Project, line: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        take(project, f"GOOD=1\n{line}\n")
    (problem,) = [one for one in caught.value.problems if one.severity is Severity.ERROR]
    assert (problem.where.path, problem.where.line) == ("some.env", 2)
    assert value(project, "GOOD") is None


def test_what_env_prints_can_be_imported_again(project: Project) -> None:
    put(project, A="it's \\ $A\n'x'", B="$A", C="  ")
    before = {name: one.value for name, one in found(project).items() if len(name) == 1}
    text, _ = as_dotenv(one for one in found(project).values() if len(one.name) == 1)
    drop(project, "A", "B", "C")
    take(project, text, Scope.APPLICATION)
    assert {name: one.value for name, one in found(project).items() if len(name) == 1} == before


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from("ABCDEF"),
        st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20),
    )
)
def test_any_text_is_kept_as_it_is(project: Project, written: dict[str, str]) -> None:
    target = Target(scope=Scope.ENVIRONMENT)
    literal = {name: Setting(value=text, literal=True) for name, text in written.items()}
    set_variables(project.request, project.store, project.engine, target, literal)
    now = found(project)
    assert {name: now[name].value for name in written} == written


def test_the_file_can_be_read_by_people(project: Project) -> None:
    put(project, B="2", A="1")
    (path,) = (project.store.home / "variables" / "environments").glob("*.json")
    content = json.loads(path.read_text())
    assert (content["project"], content["branch"]) == ("demo", "main")
    assert list(content["variables"]) == ["A", "B"]


def test_each_says_on_which_line_it_was_set(project: Project) -> None:
    for scope in SETTABLE:
        put(project, scope, **{"variables": "todo", scope.name: 'applications": {', "Z": "1"})
    for scope in SETTABLE:
        where = found(project)[scope.name].where
        assert where
        line = Path(where.path).read_text().split("\n")[where.line - 1]
        assert line[where.column - 1 :].startswith(f'"{scope.name}"')
