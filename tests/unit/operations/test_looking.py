"""`ps`, `logs`, `env` and `config`: operations that change nothing."""

import pytest
import yaml

from qlocal.compose.project import to_yaml
from qlocal.engine import LogQuery
from qlocal.errors import ManifestError, NotFound
from qlocal.operations.config import config
from qlocal.operations.down import down
from qlocal.operations.logs import logs
from qlocal.operations.project import identify
from qlocal.operations.status import status
from qlocal.operations.variables import variables
from tests.fake_engine import Program
from tests.unit.operations.projects import Project, files_of


def test_the_status_lists_applications_first_with_their_urls(project: Project) -> None:
    urls = project.up().urls
    result = status(project.request, project.store, project.engine)
    assert [(one.service, one.kind, one.url) for one in result.services] == [
        ("todo", "application", urls["todo"]),
        ("my-pg", "postgresql", ""),
    ]
    assert result.services[1].version == "15.19"
    assert result.services[1].requested == "postgres:15"


def test_what_does_not_run_has_no_url(project: Project) -> None:
    project.up()
    project.engine.kill("todo", 1)
    result = status(project.request, project.store, project.engine)
    assert (result.services[0].state, result.services[0].url) == ("exited", "")


def test_the_status_of_what_never_was_up_is_empty(project: Project) -> None:
    assert status(project.request, project.store, project.engine).services == ()
    assert not project.store.home.exists()


def test_a_published_database_is_shown_with_its_port(project: Project) -> None:
    project.write("qlocal.yml", "services:\n  my-pg: {publish: true}\n")
    project.up()
    result = status(project.request, project.store, project.engine)
    port = project.record.ports["my-pg"]
    assert result.services[1].url == f"postgresql://127.0.0.1:{port}"
    assert project.engine.the("my-pg").published == {5432: port}


def test_logs_of_one_service_and_of_all(project: Project) -> None:
    project.engine.programs = {
        "todo": Program(out=("hello",)),
        "my-pg": Program(out=("ready",)),
    }
    project.up()
    store, engine = project.store, project.engine
    lines, names = logs(project.request, store, engine, (), LogQuery())
    assert {(line.service, line.text) for line in lines} == {("todo", "hello"), ("my-pg", "ready")}
    assert names == ("my-pg", "todo")
    lines, names = logs(project.request, store, engine, ("todo",), LogQuery())
    assert [line.text for line in lines] == ["hello"]
    assert names == ("todo",)


def test_logs_of_an_unknown_service_name_the_known_ones(project: Project) -> None:
    project.up()
    with pytest.raises(NotFound) as caught:
        logs(project.request, project.store, project.engine, ("web",), LogQuery())
    assert caught.value.known == ("my-pg", "todo")


def test_logs_before_the_first_up_say_what_to_type(project: Project) -> None:
    with pytest.raises(NotFound) as caught:
        logs(project.request, project.store, project.engine, (), LogQuery())
    assert "qlocal up" in caught.value.hint


def test_variables_before_and_after_the_first_up(project: Project) -> None:
    project.write(".env", "DATABASE_URL=$QOVERY_DATABASE_MY_PG_CONNECTION_URI\n")
    before = variables(project.request, project.store, project.engine)
    assert (before.application, before.is_drawn) == ("todo", False)
    project.up()
    after = variables(project.request, project.store, project.engine)
    assert after.is_drawn
    url = next(one for one in after.variables if one.name == "DATABASE_URL")
    assert project.record.credentials["my-pg"].password in url.value
    assert url.secret


def test_looking_before_the_first_up_remembers_nothing(project: Project) -> None:
    variables(project.request, project.store, project.engine)
    config(project.request, project.store, project.engine)
    assert not project.store.home.exists() or files_of(project.store.home) == {}


def test_looking_asks_the_engine_for_nothing_but_files_and_ports(project: Project) -> None:
    """So that it works where no engine runs."""
    variables(project.request, project.store, project.engine)
    config(project.request, project.store, project.engine)
    assert set(project.engine.calls) <= {"context_digest", "port_is_free"}


def test_the_printed_file_is_what_was_run(project: Project) -> None:
    project.up()
    result = config(project.request, project.store, project.engine, show_secrets=True)
    assert result.is_drawn
    assert to_yaml(result.document) == (project.drawer.path / "compose.yaml").read_text("utf-8")


def test_the_printed_file_holds_no_secret_but_says_where_they_are(project: Project) -> None:
    project.up()
    result = config(project.request, project.store, project.engine)
    password = project.record.credentials["my-pg"].password
    assert password not in to_yaml(result.document)
    secrets = project.drawer.path / "secrets.yaml"
    assert result.document["services"]["my-pg"]["extends"]["file"] == str(secrets)
    written = yaml.safe_load(secrets.read_text("utf-8"))
    assert written["services"]["my-pg"]["environment"]["POSTGRES_PASSWORD"] == password


def test_a_manifest_with_errors_still_says_which_project_it_is(project: Project) -> None:
    """And not what was up from this folder before."""
    project.up()
    manifest = project.folder / ".qovery.yml"
    text = manifest.read_text()
    renamed = text.replace("project: demo", "project: renamed") + "bogus: 1\n"
    assert renamed != text + "bogus: 1\n"
    manifest.write_text(renamed)
    assert identify(project.request, project.store).project == "renamed"


def test_data_is_never_deleted_on_a_guess(project: Project) -> None:
    project.up()
    (project.folder / ".qovery.yml").write_text("\tnot: yaml\n")
    assert identify(project.request, project.store).project == "demo"
    with pytest.raises(ManifestError):
        down(project.request, project.store, project.engine, print, volumes=True)
    assert project.engine.observe("demo--main").volumes
