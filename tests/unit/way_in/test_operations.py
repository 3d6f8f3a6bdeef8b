"""exec, shell, run, connect, url, start, stop and restart, on an engine in memory."""

import pytest

from qlocal.engine import Session
from qlocal.errors import NotFound, QlocalError, Unhealthy
from qlocal.operations.connect import Address, connect, open_address
from qlocal.operations.exec import SHELL, execute, shell
from qlocal.operations.lifecycle import restart, start, stop
from qlocal.operations.project import Request
from qlocal.operations.run import Wish, run
from qlocal.operations.status import status
from qlocal.operations.url import url
from qlocal.workspace.store import Store
from tests.fake_engine import FakeEngine
from tests.unit.operations.projects import Project

ATTACHED = "services:\n  my-pg:\n    attach: {host: db.example, password: $PG_PASSWORD}\n"


def world(project: Project) -> tuple[Request, Store, FakeEngine]:
    return project.request, project.store, project.engine


def session(*command: str) -> Session:
    return Session(command=command)


def wish(*words: str, removes: bool = True) -> Wish:
    return Wish(words=words, session=Session(), removes=removes)


def ran(project: Project, *words: str, removes: bool = True) -> int:
    return run(*world(project), wish(*words, removes=removes), project.events.append)


def test_exec_returns_the_code_of_what_it_ran(project: Project) -> None:
    project.up()
    project.engine.exit_codes["sh -c no"] = 9
    assert execute(*world(project), "todo", session("sh", "-c", "no")) == 9


def test_a_shell_opens_in_the_application(project: Project) -> None:
    project.up()
    assert shell(*world(project), "", Session()) == 0
    assert project.engine.calls[-1] == f"exec {' '.join(SHELL)}"


def test_nothing_runs_in_what_is_stopped_or_unknown(project: Project) -> None:
    with pytest.raises(NotFound, match="nothing has been started"):
        execute(*world(project), "todo", session("true"))
    project.up()
    with pytest.raises(NotFound) as caught:
        execute(*world(project), "tood", session("true"))
    assert caught.value.known == ("my-pg", "todo")
    stop(*world(project), ["todo"], project.events.append)
    with pytest.raises(QlocalError, match="does not run") as stopped:
        execute(*world(project), "todo", session("true"))
    assert "qlocal start todo" in stopped.value.hint


def test_run_brings_up_what_it_needs_and_leaves_nothing_of_itself(project: Project) -> None:
    project.engine.exit_codes["migrate now"] = 3
    assert ran(project, "todo", "--", "migrate", "now") == 3
    assert project.states() == {"my-pg": "running"}
    calls = [call.partition(" ")[0] for call in project.engine.changes]
    assert calls[-4:] == ["create_one_off", "attend", "stop", "remove"]
    assert not list(project.drawer.drawers("runs"))


def test_run_builds_once_and_starts_nothing_that_runs(project: Project) -> None:
    project.up()
    project.engine.calls.clear()
    assert ran(project, "true") == 0
    calls = [call.partition(" ")[0] for call in project.engine.changes]
    assert calls == ["create_one_off", "attend", "stop", "remove"]


def test_the_first_word_is_the_application_where_it_is_one(project: Project) -> None:
    project.up()
    for words in (("todo", "--", "a"), ("todo", "a"), ("a",), ("--", "a")[1:]):
        project.engine.exit_codes = {"a": 4}
        assert ran(project, *words) == 4
    with pytest.raises(NotFound, match="`toodo`"):
        ran(project, "toodo", "--", "a")


def test_a_one_off_is_removed_when_its_end_is_an_error(project: Project) -> None:
    project.up()
    project.engine.calls_left = None
    before = len(project.engine.made)
    project.engine.exit_codes["a"] = 130
    assert ran(project, "a") == 130
    assert len(project.engine.made) == before


def test_up_clears_what_a_killed_run_left_and_not_what_was_kept(project: Project) -> None:
    project.up()
    ran(project, "true", removes=False)
    kept = project.engine.made[-1]
    assert project.up().plan.is_empty
    kept.labels = {**kept.labels, "dev.qlocal.run": "of-a-dead-one"}
    assert str(project.up().plan) == "remove todo: its `qlocal run` was killed"
    assert kept not in project.engine.made


def test_connect_runs_the_client_with_what_follows(project: Project) -> None:
    project.up()
    assert connect(*world(project), "my-pg", session("-c", "select 1")) == 0
    assert project.engine.calls[-1] == "exec psql -U superuser -d postgres -c select 1"
    password = project.record.credentials["my-pg"].password
    assert not [call for call in project.engine.calls if password in call]


def test_connect_is_for_backing_services(project: Project) -> None:
    project.up()
    with pytest.raises(QlocalError, match="is an application") as caught:
        connect(*world(project), "todo", Session())
    assert "qlocal shell todo" in caught.value.hint
    with pytest.raises(NotFound, match="`my-gp`"):
        connect(*world(project), "my-gp", Session())


def addresses(project: Project, *, secrets: bool = False) -> list[Address]:
    found: list[Address] = []
    open_address(*world(project), "my-pg", show=found.append, secrets=secrets)
    return found


def test_an_address_is_relayed_where_no_port_is_published(project: Project) -> None:
    project.up()
    password = project.record.credentials["my-pg"].password
    assert addresses(project) == [Address(uri="postgresql://127.0.0.1:49152/postgres", relays=True)]
    (shown,) = addresses(project, secrets=True)
    assert shown.uri == f"postgresql://superuser:{password}@127.0.0.1:49152/postgres"


def test_a_published_port_is_the_address(project: Project) -> None:
    project.write("qlocal.yml", "services:\n  my-pg: {publish: true}\n")
    project.up()
    port = project.record.ports["my-pg"]
    assert addresses(project) == [
        Address(uri=f"postgresql://127.0.0.1:{port}/postgres", relays=False)
    ]


def test_url_is_the_applications(project: Project) -> None:
    found = project.up().urls["todo"]
    assert url(*world(project), "") == url(*world(project), "todo") == found
    with pytest.raises(QlocalError, match="`my-pg` has no URL"):
        url(*world(project), "my-pg")


def test_what_is_stopped_starts_again_in_order_and_keeps_its_containers(project: Project) -> None:
    project.up()
    before = [one.id for one in project.engine.made]
    stop(*world(project), [], project.events.append)
    assert set(project.states().values()) == {"exited"}
    result = start(*world(project), [], project.events.append)
    assert [str(step).partition(":")[0] for step in result.plan.steps] == [
        "start my-pg",
        "wait for my-pg",
        "start todo",
        "wait for todo",
    ]
    assert [one.id for one in project.engine.made] == before


def test_a_restart_is_of_the_named_alone(project: Project) -> None:
    project.up()
    result = restart(*world(project), ["todo"], project.events.append)
    assert {step.target for step in result.plan.steps} == {"todo"}


def test_start_waits_and_says_what_up_would_change(project: Project) -> None:
    project.up()
    stop(*world(project), [], project.events.append)
    project.write(".env", "GREETING=hello\n")
    start(*world(project), [], project.events.append)
    assert "todo: changed since it was made; `qlocal up` applies that" in project.said()


def test_an_unknown_service_is_named_with_the_known_ones(project: Project) -> None:
    project.up()
    for verb in (start, stop, restart):
        with pytest.raises(NotFound) as caught:
            verb(*world(project), ["tood"], project.events.append)
        assert caught.value.known == ("my-pg", "todo")


def test_an_attached_service_is_asked_before_anything_is_made(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_PASSWORD", "secret")
    project.write("qlocal.yml", ATTACHED)
    project.engine.unreachable[("db.example", 5432)] = "tried db.example:5432 from here: refused"
    with pytest.raises(Unhealthy) as caught:
        project.up()
    (failure,) = caught.value.failures
    assert (failure.service, failure.phase) == ("my-pg", "attach")
    assert failure.evidence == ("tried db.example:5432 from here: refused",)
    assert project.engine.changes == []


def test_an_attached_service_is_in_ps_and_says_where_it_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_PASSWORD", "secret")
    project.write("qlocal.yml", ATTACHED)
    project.up()
    assert project.states() == {"todo": "running"}
    rows = {one.service: one for one in status(*world(project)).services}
    assert (rows["my-pg"].state, rows["my-pg"].kind) == ("attached", "postgresql")
    assert rows["my-pg"].status == "attached to db.example:5432"
    with pytest.raises(NotFound, match=r"runs at db\.example:5432"):
        execute(*world(project), "my-pg", session("true"))
    with pytest.raises(QlocalError, match="is attached"):
        connect(*world(project), "my-pg", Session())
    assert addresses(project, secrets=True) == [
        Address(uri="postgresql://superuser:secret@db.example:5432/postgres", relays=False)
    ]


def test_switching_back_finds_the_data_and_the_password_of_before(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.up()
    drawn = project.record.credentials["my-pg"]
    monkeypatch.setenv("PG_PASSWORD", "secret")
    project.write("qlocal.yml", ATTACHED)
    project.up()
    assert list(project.engine.volumes) == ["demo--main_my-pg_data"]
    project.write("qlocal.yml", "")
    assert "create volume" not in str(project.up().plan)
    assert project.record.credentials["my-pg"] == drawn
    assert {one.service for one in status(*world(project)).services} == {"todo", "my-pg"}
