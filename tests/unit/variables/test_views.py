"""`env --host`, `--explain` and `--diff`."""

import base64
import json
from pathlib import Path

import pytest

from qlocal.compose.scopes import Scope, Setting
from qlocal.errors import NotFound, Severity
from qlocal.operations.explain import ExplainResult, compare_variables, explain_variable
from qlocal.operations.set_variables import Target, set_variables
from qlocal.operations.variables import VariablesResult, variables
from tests.unit.operations.projects import Project, new_project

MANIFEST = """\
application:
  name: todo
  project: demo
  publicly_accessible: true
databases:
- {type: postgresql, version: "15", name: My_PG}
- {type: redis, version: "7", name: cache}
"""
PUBLISHED = "services:\n  My_PG: {publish: true}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path, MANIFEST)
    project.write("qlocal.yml", PUBLISHED)
    return project


def put(project: Project, scope: Scope = Scope.ENVIRONMENT, **values: str) -> None:
    settings = {name: Setting(value=value) for name, value in values.items()}
    target = Target(scope=scope)
    set_variables(project.request, project.store, project.engine, target, settings)


def on_host(project: Project) -> VariablesResult:
    return variables(project.request, project.store, project.engine, from_host=True)


def explained(project: Project, name: str) -> ExplainResult:
    return explain_variable(project.request, project.store, project.engine, name)


# --host


def test_on_the_host_a_published_service_is_at_its_port_everywhere(project: Project) -> None:
    project.write(
        ".env",
        "URL=$QOVERY_DATABASE_MY_PG_CONNECTION_URI\n"
        "BY_HAND=postgres://me@my-pg:5432/x,my_pg:5432,amy-pg:5432,my-pg:54321\n"
        "DB_HOST=my-pg\nDB_PORT=5432\nTITLE=my-pg\nOTHER_PORT=5432\n",
    )
    project.up()
    port = project.record.ports["my-pg"]
    values = {one.name: one.value for one in on_host(project).variables}
    here = f"127.0.0.1:{port}"
    assert values["QOVERY_DATABASE_MY_PG_HOST"] == "127.0.0.1"
    assert values["QOVERY_DATABASE_MY_PG_PORT"] == str(port)
    assert f"@{here}/" in values["QOVERY_DATABASE_MY_PG_CONNECTION_URI"]
    assert values["URL"] == values["QOVERY_DATABASE_MY_PG_CONNECTION_URI"]
    assert values["BY_HAND"] == f"postgres://me@{here}/x,{here},amy-pg:5432,my-pg:54321"
    assert (values["DB_HOST"], values["DB_PORT"]) == ("127.0.0.1", str(port))
    assert (values["TITLE"], values["OTHER_PORT"]) == ("my-pg", "5432")
    document = json.loads(base64.b64decode(values["QOVERY_JSON_B64"]))
    assert [(one["fqdn"], one["port"]) for one in document["databases"]] == [
        ("127.0.0.1", port),
        ("cache", 6379),
    ]
    public = project.record.ports["todo"]
    assert values["QOVERY_APPLICATION_TODO_HOST"] == f"http://127.0.0.1:{public}"
    assert values["PORT"] == "8080"


def test_what_cannot_be_reached_from_the_host_is_named_with_what_to_do(project: Project) -> None:
    project.up()
    (problem,) = on_host(project).problems
    assert problem.severity is Severity.WARNING
    assert "`cache`" in problem.message
    assert "cache: {publish: true}" in problem.hint


def test_a_port_that_no_up_has_published_yet_is_told(project: Project) -> None:
    project.write("qlocal.yml", "")
    project.up()
    project.write("qlocal.yml", PUBLISHED)
    found = [one for one in on_host(project).problems if "`My_PG`" in one.message]
    assert [one.hint for one in found] == ["`qlocal up` publishes it"]


def test_the_host_view_has_the_same_names_and_secrets(project: Project) -> None:
    project.write(".env", "A=$QOVERY_DATABASE_MY_PG_PASSWORD\n")
    project.up()
    inside = variables(project.request, project.store, project.engine).variables
    outside = on_host(project).variables
    assert [(one.name, one.secret) for one in inside] == [(one.name, one.secret) for one in outside]


# --explain


def test_the_whole_chain_is_explained(project: Project) -> None:
    put(project, Scope.PROJECT, URL="low", HOST="$QOVERY_DATABASE_MY_PG_HOST")
    put(project, Scope.APPLICATION, URL="high")
    project.write(".env", "\nURL=tcp://${HOST}:1\n")
    chain = explained(project, "URL").chain
    assert [one.variable.name for one in chain] == ["URL", "HOST", "QOVERY_DATABASE_MY_PG_HOST"]
    url, host, built_in = chain
    assert url.variable.value == "tcp://my-pg:1"
    assert [(one.scope, one.text, one.wins) for one in url.claims] == [
        (Scope.DOTENV, "tcp://${HOST}:1", True),
        (Scope.APPLICATION, "high", False),
        (Scope.PROJECT, "low", False),
    ]
    assert str(url.claims[0].where).endswith(".env:2:1")
    assert url.refers_to == ("HOST",)
    assert host.refers_to == ("QOVERY_DATABASE_MY_PG_HOST",)
    assert str(built_in.claims[0].where).endswith(".qovery.yml:6:3")


def test_the_explanation_says_what_the_application_gets(project: Project) -> None:
    put(project, A="$B", B="$A", C="$C", D="$NOBODY", PORT="1")
    project.write(".env", "E=$A$D\nB=$B\nF=\\$A\n")
    for one in variables(project.request, project.store, project.engine).variables:
        if one.name.startswith("QOVERY_"):
            continue
        (first, *_) = explained(project, one.name).chain
        assert first.variable == one


def test_a_missing_reference_is_in_the_explanation(project: Project) -> None:
    project.write(".env", "A=x$NOBODY\n")
    (one,) = explained(project, "A").chain
    assert (one.refers_to, one.missing) == ((), ("NOBODY",))


def test_circles_are_explained_once(project: Project) -> None:
    project.write(".env", "A=$B\nB=$A\n")
    assert [one.variable.name for one in explained(project, "A").chain] == ["A", "B"]


def test_a_losing_claim_with_a_password_is_secret_even_where_the_winner_is_none(
    project: Project,
) -> None:
    put(project, URL="postgres://u:canary@h/d")
    project.write(".env", "URL=postgres://h/d\n")
    (one,) = explained(project, "URL").chain
    assert [claim.secret for claim in one.claims] == [False, True]


def test_build_arguments_are_marked(project: Project) -> None:
    project.write("Dockerfile", "FROM x\nARG A\nEXPOSE 8080\n")
    put(project, A="1", B="1")
    assert explained(project, "A").chain[0].is_build_argument
    assert not explained(project, "B").chain[0].is_build_argument


def test_an_unknown_name_brings_those_that_may_be_meant(project: Project) -> None:
    with pytest.raises(NotFound) as caught:
        explained(project, "QOVERY_DATABASE_MY_PG_HOTS")
    assert "QOVERY_DATABASE_MY_PG_HOST" in caught.value.known


# --diff


def test_branches_differ_in_what_they_remember_and_in_what_was_set_for_them(
    project: Project,
) -> None:
    put(project, A="here")
    put(project, Scope.PROJECT, B="both")
    project.up()
    result = compare_variables(project.request, project.store, project.engine, "other")
    found = {one.name: one for one in result.differences}
    assert found["A"].there is None
    assert "B" not in found
    assert "QOVERY_BRANCH_NAME" in found
    assert "QOVERY_DATABASE_MY_PG_PASSWORD" in found
    assert "QOVERY_DATABASE_MY_PG_HOST" not in found
    assert result.branches == ("main", "other")
    assert result.examples == ("other",)


def test_a_branch_does_not_differ_from_itself(project: Project) -> None:
    project.up()
    result = compare_variables(project.request, project.store, project.engine, "main")
    assert result.differences == ()
