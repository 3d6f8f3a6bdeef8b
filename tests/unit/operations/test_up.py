"""`up`, on an engine in memory."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from qlocal.errors import (
    BuildFailed,
    EngineUnavailable,
    ImageNotFound,
    ManifestError,
    NotFound,
    PortTaken,
    QlocalError,
    RegistryUnreachable,
    Unhealthy,
)
from qlocal.workspace.store import Store
from tests.fake_engine import Program
from tests.unit.operations.projects import MANIFEST, Project, files_of, git

EVERYTHING = ("postgres:15", "debian:bookworm-slim")


def test_the_first_up_makes_everything_and_gives_the_url(project: Project) -> None:
    result = project.up()
    port = project.record.ports["todo"]
    assert (result.environment, result.project, result.branch) == ("demo--main", "demo", "main")
    assert result.urls == {"todo": f"http://127.0.0.1:{port}"}
    assert project.states() == {"my-pg": "running", "todo": "running"}
    assert list(project.engine.volumes) == ["demo--main_my-pg_data"]
    assert str(result.plan) == (
        "provide image postgres:15: not on this engine\n"
        "provide image debian:bookworm-slim: not on this engine\n"
        "build todo: first build\n"
        "create volume demo--main_my-pg_data: first start\n"
        "create my-pg: not there\n"
        "create todo: not there\n"
        "start my-pg: created\n"
        "wait for my-pg: ready by its health check\n"
        "start todo: created\n"
        "wait for todo: ready by port 8080"
    )


def test_the_application_starts_after_its_database_is_healthy(project: Project) -> None:
    project.up()
    starts = [call for call in project.engine.calls if call.startswith("start")]
    assert starts == ["start my-pg", "start todo"]


def test_the_second_up_only_looks(project: Project) -> None:
    project.up()
    project.engine.calls.clear()
    before = files_of(project.store.home)
    result = project.up()
    assert str(result.plan) == "nothing to do"
    assert result.urls
    assert project.engine.changes == []
    assert len(project.engine.calls) <= 6, project.engine.calls
    assert files_of(project.store.home) == before


def test_credentials_and_ports_stay_the_same(project: Project) -> None:
    project.up()
    before = project.record
    project.down()
    project.up()
    assert (project.record.credentials, project.record.ports) == (before.credentials, before.ports)


def test_passwords_are_in_files_that_only_the_owner_reads(project: Project) -> None:
    project.up()
    assert project.drawer.path.stat().st_mode & 0o077 == 0
    for path in project.store.home.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path


def test_a_changed_variable_recreates_the_application_alone(project: Project) -> None:
    project.up()
    project.write(".env", "COLOUR=blue\n")
    project.engine.calls.clear()
    result = project.up()
    lines = str(result.plan).splitlines()
    assert "recreate todo: image changed, variable COLOUR added" in lines
    assert not [line for line in lines if "my-pg" in line]


def test_a_variable_outside_the_context_does_not_build(project: Project) -> None:
    project.write(".dockerignore", ".env\n")
    project.up()
    project.write(".env", "COLOUR=blue\n")
    assert str(project.up().plan) == (
        "recreate todo: variable COLOUR added\n"
        "start todo: created\n"
        "wait for todo: ready by port 8080"
    )


def test_a_changed_source_builds_and_recreates(project: Project) -> None:
    project.up()
    project.write("main.py", "print()\n")
    assert str(project.up().plan).splitlines()[:2] == [
        "build todo: source changed",
        "recreate todo: image changed",
    ]


def test_a_commit_alone_changes_nothing(project: Project) -> None:
    project.up()
    git(project.folder, "commit", "--quiet", "--allow-empty", "-m", "two")
    assert project.up().plan.is_empty


def test_another_branch_is_another_environment(project: Project) -> None:
    project.up()
    git(project.folder, "checkout", "--quiet", "-b", "feature/a")
    result = project.up()
    assert result.branch == "feature/a"
    assert len(project.engine.made) == 4
    first, second = (
        next(one for one in project.engine.made if one.name == f"{name}-todo-1").published[8080]
        for name in ("demo--main", result.environment)
    )
    assert first != second


def test_a_service_that_left_the_manifest_goes_and_its_data_stays(project: Project) -> None:
    project.up()
    project.write(".qovery.yml", MANIFEST.partition("databases:")[0])
    result = project.up()
    assert "remove my-pg: no longer in the manifest; its data stays" in str(result.plan)
    assert project.states() == {"todo": "running"}
    assert list(project.engine.volumes) == ["demo--main_my-pg_data"]


def test_a_dead_container_is_started_again(project: Project) -> None:
    project.up()
    project.engine.kill("todo")
    assert str(project.up().plan) == (
        "start todo: exited with 137\nwait for todo: ready by port 8080"
    )


# Dry run


def test_a_dry_run_of_the_first_up_writes_and_makes_nothing(project: Project) -> None:
    result = project.up(dry_run=True)
    assert "create todo: not there" in str(result.plan)
    assert project.engine.changes == []
    assert not project.store.home.exists() or files_of(project.store.home) == {}


def test_a_dry_run_of_a_later_up_writes_and_makes_nothing(project: Project) -> None:
    project.up()
    before = files_of(project.store.home)
    project.engine.calls.clear()
    project.write("main.py", "print()\n")
    assert "recreate todo: image changed" in str(project.up(dry_run=True).plan)
    assert project.engine.changes == []
    assert files_of(project.store.home) == before


def test_a_dry_run_says_what_the_next_up_does(project: Project) -> None:
    project.engine.registry = set(EVERYTHING)
    planned = project.up(dry_run=True)
    assert str(project.up().plan) == str(planned.plan)


# Images


def test_what_a_registry_has_is_pulled(project: Project) -> None:
    project.engine.registry = set(EVERYTHING)
    result = project.up()
    assert not result.stand_ins
    assert project.engine.the("my-pg").image == "postgres:15"


def test_without_a_registry_stand_ins_run_and_that_is_said(project: Project) -> None:
    result = project.up()
    assert {service: image.version for service, image in result.stand_ins.items()} == {
        "my-pg": "15.19"
    }
    assert project.engine.the("my-pg").image == "qlocal.local/postgresql:fake"
    assert project.engine.the("my-pg").labels["dev.qlocal.requested"] == "postgres:15"
    assert "15.19 from Debian packages runs in its place" in project.said()


def test_after_one_unreachable_registry_no_other_is_asked(project: Project) -> None:
    """Each costs its timeout."""
    project.up()
    pulls = [call for call in project.engine.calls if call.startswith("provide")]
    assert pulls == ["provide postgres:15"]


def test_stand_ins_are_remembered(project: Project) -> None:
    project.up()
    project.down()
    project.engine.calls.clear()
    project.engine.registry = set(EVERYTHING)
    project.up()
    assert not [call for call in project.engine.calls if call.startswith(("provide", "stand_in"))]


def test_strict_images_refuse_stand_ins(project: Project) -> None:
    with pytest.raises(RegistryUnreachable, match="--strict-images"):
        project.up(strict_images=True)
    assert project.engine.made == []


def test_strict_images_refuse_remembered_stand_ins_too(project: Project) -> None:
    project.up()
    with pytest.raises(RegistryUnreachable):
        project.up(strict_images=True)
    assert project.states() == {"my-pg": "running", "todo": "running"}
    assert project.up().plan.is_empty, "the refusal forgot which stand-ins run"


def test_an_image_that_does_not_exist_has_no_stand_in(project: Project) -> None:
    project.engine.registry = {"debian:bookworm-slim"}
    with pytest.raises(ImageNotFound):
        project.up()
    assert project.engine.made == []


def test_a_version_without_a_tag_falls_back_on_its_major(project: Project) -> None:
    project.write(".qovery.yml", MANIFEST.replace('"15"', '"15.4.0"'))
    project.engine.registry = set(EVERYTHING)
    project.up()
    assert project.engine.the("my-pg").image == "postgres:15"
    assert "`postgres:15` runs instead" in project.said()
    assert project.up().plan.is_empty


def test_an_image_that_is_both_a_service_and_a_base_gets_a_stand_in(project: Project) -> None:
    project.write("Dockerfile", "FROM postgres:15\nEXPOSE 8080\n")
    project.up()
    assert project.states() == {"my-pg": "running", "todo": "running"}


def test_data_of_another_major_version_is_refused(project: Project) -> None:
    project.engine.registry = {*EVERYTHING, "postgres:14"}
    project.up()
    project.write(".qovery.yml", MANIFEST.replace('"15"', '"14"'))
    with pytest.raises(QlocalError, match=r"written by postgresql 15.*14 cannot read it") as caught:
        project.up()
    assert "down --volumes" in caught.value.hint
    assert project.states() == {"my-pg": "running", "todo": "running"}


# Failing


def test_an_application_that_exits_is_shown_with_its_last_words_and_stopped(
    simple: Project,
) -> None:
    simple.engine.programs["todo"] = Program(
        out=("Traceback", "KeyError: 'DATABASE_URL'"), ends_with=3
    )
    with pytest.raises(Unhealthy) as caught:
        simple.up()
    assert caught.value.exit_code == 5
    (failure,) = caught.value.failures
    assert (failure.service, failure.phase) == ("todo", "start")
    assert "code 3" in failure.what
    assert "KeyError: 'DATABASE_URL'" in failure.evidence
    assert failure.next
    assert simple.states() == {"todo": "exited"}


def test_the_next_up_goes_on_where_the_failed_one_stopped(simple: Project) -> None:
    simple.engine.programs["todo"] = Program(ends_with=3)
    with pytest.raises(Unhealthy):
        simple.up()
    simple.engine.the("todo").program = Program()
    assert str(simple.up().plan).startswith("start todo: exited with 3")
    assert simple.states() == {"todo": "running"}


def test_memory_that_ran_out_is_named(simple: Project) -> None:
    simple.engine.programs["todo"] = Program(ends_with=137, out_of_memory=True)
    with pytest.raises(Unhealthy) as caught:
        simple.up()
    assert "memory" in caught.value.failures[0].what


def test_what_never_listens_fails_after_its_time(simple: Project) -> None:
    simple.engine.programs["todo"] = Program(listens=(), out=("listening on 127.0.0.1:8080",))
    with pytest.raises(Unhealthy) as caught:
        simple.up()
    (failure,) = caught.value.failures
    assert (failure.service, failure.phase) == ("todo", "ready")
    assert "within 1 s" in failure.what
    assert any("0.0.0.0:8080" in line for line in failure.evidence)
    assert simple.states() == {"todo": "running"}, "it is left for a look inside"


def test_what_never_listened_is_waited_for_again(simple: Project) -> None:
    simple.engine.programs["todo"] = Program(listens=())
    with pytest.raises(Unhealthy):
        simple.up()
    plan = simple.up(dry_run=True).plan
    assert str(plan) == "wait for todo: port 8080 does not answer"


def test_an_unhealthy_database_is_blamed_and_the_application_not_started(
    project: Project,
) -> None:
    project.engine.programs["my-pg"] = Program(healthy_after=None, health_output="no such role")
    with pytest.raises(Unhealthy) as caught:
        project.up()
    (failure,) = caught.value.failures
    assert (failure.service, failure.phase) == ("my-pg", "ready")
    assert any("no such role" in line for line in failure.evidence)
    assert project.states() == {"my-pg": "running", "todo": "created"}


def test_a_container_that_disappears_while_waited_for_is_a_failure(simple: Project) -> None:
    simple.engine.programs["todo"] = Program(listens=())
    engine = simple.engine

    def take_away() -> None:
        while not engine.made or not engine.made[0].is_alive:
            pass
        engine.made.clear()

    thief = threading.Thread(target=take_away)
    thief.start()
    with pytest.raises(Unhealthy) as caught:
        simple.up()
    thief.join()
    assert "removed from outside" in caught.value.failures[0].what


def test_an_application_without_a_port_is_ready_when_it_stays_up(simple: Project) -> None:
    simple.write("Dockerfile", "FROM debian:bookworm-slim\n")
    simple.engine.programs["todo"] = Program(listens=())
    result = simple.up()
    assert result.urls == {}
    assert "wait for todo: ready by staying up" in str(result.plan)


def test_a_failed_build_keeps_its_log(project: Project) -> None:
    lines = ("#5 RUN make", "make: *** no rule", "failed to solve: exit code: 2")
    project.engine.broken_builds["todo"] = lines
    with pytest.raises(BuildFailed) as caught:
        project.up()
    log = project.drawer.path / "build.log"
    assert log.read_text() == "\n".join(lines) + "\n"
    failure = caught.value.failure
    assert failure
    assert failure.phase == "build"
    assert any(str(log) in line for line in failure.next)
    assert project.engine.made == []


def test_a_secret_that_a_build_prints_is_in_no_event_no_log_and_no_error(project: Project) -> None:
    secret = "hunter2/secret"
    dockerfile = (project.folder / "Dockerfile").read_text("utf-8")
    project.write("Dockerfile", f"{dockerfile}\nARG API_KEY\n")
    project.write(".env", f"API_KEY={secret}\n")
    lines = (f"RUN echo {secret}", "in a URI: hunter2%2Fsecret", f"{secret} failed")
    project.engine.broken_builds["todo"] = lines
    with pytest.raises(BuildFailed) as caught:
        project.up()
    failure = caught.value.failure
    assert failure is not None
    assert failure.evidence == ("RUN echo <hidden>", "in a URI: <hidden>", "<hidden> failed")
    assert failure.what == "<hidden> failed"
    shown = [event.text for event in project.events]
    shown.append((project.drawer.path / "build.log").read_text("utf-8"))
    assert "RUN echo <hidden>" in shown
    assert not [text for text in shown if "hunter2" in text]


def test_after_a_mended_build_the_rest_is_done(project: Project) -> None:
    project.engine.broken_builds["todo"] = ("no",)
    with pytest.raises(BuildFailed):
        project.up()
    project.engine.broken_builds.clear()
    project.up()
    assert project.states() == {"my-pg": "running", "todo": "running"}


def test_a_taken_port_is_named_with_its_owner(project: Project) -> None:
    project.up()
    project.down()
    port = project.record.ports["todo"]
    project.engine.taken_ports[port] = "python3 (process 4711)"
    with pytest.raises(PortTaken) as caught:
        project.up()
    failure = caught.value.failure
    assert failure
    assert (failure.service, failure.phase) == ("todo", "start")
    assert failure.what == f"port {port} on 127.0.0.1 is taken by python3 (process 4711)"
    assert any("--new-ports" in line for line in failure.next)


def test_new_ports_move_away_from_a_taken_one(project: Project) -> None:
    project.up()
    project.down()
    port = project.record.ports["todo"]
    project.engine.taken_ports[port] = "python3 (process 4711)"
    result = project.up(new_ports=True)
    assert project.record.ports["todo"] != port
    assert result.urls["todo"].endswith(str(project.record.ports["todo"]))
    assert "recreate" not in str(project.up().plan)


def test_new_ports_of_what_runs_are_other_ports(project: Project) -> None:
    project.up()
    port = project.record.ports["todo"]
    result = project.up(new_ports=True)
    assert project.record.ports["todo"] != port
    assert "recreate todo: ports changed" in str(result.plan)


def test_ports_of_other_environments_are_not_drawn(project: Project) -> None:
    """Also when those are down and their ports look free."""
    project.up()
    port = project.record.ports["todo"]
    project.down()
    git(project.folder, "checkout", "--quiet", "-b", "other")
    project.engine.taken_ports.clear()
    result = project.up()
    assert not result.urls["todo"].endswith(f":{port}")


def test_everything_wrong_in_all_files_is_told_at_once(project: Project) -> None:
    project.write(".qovery.yml", MANIFEST.replace("postgresql", "postgresq"))
    project.write("qlocal.yml", "images: 7\n")
    project.write(".env", "no equals sign\n")
    with pytest.raises(ManifestError) as caught:
        project.up()
    files = {problem.where.path.rpartition("/")[2] for problem in caught.value.problems}
    assert files == {".qovery.yml", "qlocal.yml", ".env"}
    assert project.engine.calls == []


def test_a_missing_dockerfile_is_a_problem_of_the_manifest(project: Project) -> None:
    (project.folder / "Dockerfile").unlink()
    with pytest.raises(ManifestError) as caught:
        project.up()
    assert any("Dockerfile" in problem.message for problem in caught.value.problems)


def test_without_a_manifest_the_hint_is_init(project: Project) -> None:
    (project.folder / ".qovery.yml").unlink()
    with pytest.raises(NotFound) as caught:
        project.up()
    assert "qlocal init" in caught.value.hint


@pytest.mark.parametrize("calls", range(24))
def test_when_the_engine_goes_away_at_any_moment_the_next_up_mends_it(
    tmp_path: Path, calls: int, project: Project
) -> None:
    project.engine.calls_left = calls
    try:
        project.up()
    except EngineUnavailable:
        assert project.engine.calls_left is not None
    project.engine.calls_left = None
    project.up()
    assert project.states() == {"my-pg": "running", "todo": "running"}
    assert project.up().plan.is_empty


def test_of_two_ups_at_once_one_waits_and_finds_nothing_to_do(project: Project) -> None:
    project.engine.registry = set(EVERYTHING)
    plans: list[str] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        plans.append(str(project.up().plan))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert "nothing to do" in plans
    assert len(project.engine.made) == 2


def test_what_another_home_made_is_not_touched(project: Project, tmp_path: Path) -> None:
    """Its passwords are not known here."""
    project.up()
    before = project.states()
    other = replace_store(project, tmp_path / "other")
    with pytest.raises(QlocalError, match="QLOCAL_HOME"):
        other.up()
    assert project.states() == before


def replace_store(project: Project, home: Path) -> Project:
    return replace(project, store=Store(home=home))
