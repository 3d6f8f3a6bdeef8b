"""What every engine does: one suite for the one in memory and for the real one."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qlocal.compose.naming import LABEL_DIGEST, LABEL_SERVICE
from qlocal.compose.project import ComposeService, Healthcheck, Mount, Port
from qlocal.compose.readiness import Readiness
from qlocal.compose.wanted import Volume
from qlocal.engine import Kind, LogQuery
from qlocal.errors import BuildFailed, EngineError, PortTaken, RegistryUnreachable
from qlocal.plan.facts import Container
from tests.conftest import ROOT
from tests.contract.stage import (
    Made,
    Stage,
    built_service,
    create,
    docker_stage,
    fake_stage,
    labels_of,
    render,
    service_of,
)
from tests.eventually import eventually
from tests.fake_engine import Program, nowhere, recorder

SERVES = Program(listens=(8080,), http={"/healthz": 204, "/moved": 302, "/broken": 500})


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "fake":
        yield fake_stage(tmp_path)
        return
    request.getfixturevalue("engine_required")
    with docker_stage(tmp_path) as made:
        yield made


def port_of(number: int) -> Readiness:
    return Readiness(port=number, timeout=10)


# Containers


def test_a_new_environment_holds_nothing(stage: Stage) -> None:
    observed = stage.engine.observe(stage.name)
    assert (observed.containers, observed.volumes, observed.networks) == ((), (), ())


def test_what_is_created_does_not_run_yet(stage: Stage) -> None:
    container = create(stage, service_of(stage, "web", SERVES)).the("web")
    assert (container.state, container.health, container.exit_code) == ("created", "", None)
    assert not container.is_running


def test_a_container_bears_the_labels_and_the_digest_of_the_file(stage: Stage) -> None:
    service = service_of(stage, "web", SERVES)
    container = create(stage, service).the("web")
    expected = {**labels_of(stage.name), LABEL_SERVICE: "web", LABEL_DIGEST: service.digest}
    assert container.digest == service.digest
    assert expected.items() <= container.labels.items()
    assert container.image == stage.image


def test_what_was_started_runs(stage: Stage) -> None:
    container = create(stage, service_of(stage, "web", SERVES)).start().the("web")
    assert container.is_running
    assert container.addresses


def test_starting_what_runs_is_no_error(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES)).start().start()
    assert made.the("web").is_running


def test_creating_again_replaces_the_container_of_that_service_alone(stage: Stage) -> None:
    web, other = (service_of(stage, name, SERVES) for name in ("web", "other"))
    made = create(stage, web, other).start()
    before = {name: made.the(name).id for name in ("web", "other")}
    stage.engine.create(render(stage, [web, other]), ["web"], nowhere)
    assert made.the("web").id != before["web"]
    assert made.the("web").state == "created"
    assert made.the("other").id == before["other"]
    assert made.the("other").is_running
    assert len(stage.engine.containers(stage.name)) == 2


def test_what_was_stopped_stays_stopped_and_says_how_it_ended(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES)).start()
    # Who is stopped in the very moment of the start misses the signal, and is killed later.
    assert eventually(lambda: stage.engine.answers(made.the("web"), port_of(8080)))
    stage.engine.stop([made.the("web").id])
    # The engine's list of containers is a copy that follows the truth a moment later.
    assert made.until("web", "exited").exit_code == 143


def test_what_was_stopped_can_be_started_again(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES)).start()
    identity = made.the("web").id
    stage.engine.stop([identity])
    assert made.start().the("web").is_running
    assert made.the("web").id == identity


def test_several_are_started_and_stopped_at_once(stage: Stage) -> None:
    made = create(stage, *(service_of(stage, name, SERVES) for name in ("a", "b", "c"))).start()
    assert all(made.the(name).is_running for name in made.services)
    stage.engine.stop([made.the(name).id for name in made.services])
    for name in made.services:
        made.until(name, "exited")


def test_what_was_removed_is_gone(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES))
    stage.engine.remove(containers=[made.the("web").id])
    assert stage.engine.containers(stage.name) == ()


def test_removing_and_stopping_what_is_gone_is_no_error(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES))
    identity, (network,) = made.the("web").id, stage.engine.observe(stage.name).networks
    for _ in range(2):
        stage.engine.stop([identity])
        stage.engine.remove(
            containers=[identity], networks=[network], volumes=[f"{stage.name}_none"]
        )
    observed = stage.engine.observe(stage.name)
    assert (observed.containers, observed.networks) == ((), ())


def test_stopping_and_removing_nothing_is_no_error(stage: Stage) -> None:
    stage.engine.start([])
    stage.engine.stop([])
    stage.engine.remove()


def test_starting_what_is_gone_is_an_error_with_the_engines_words(stage: Stage) -> None:
    with pytest.raises(EngineError, match=r"(?i)no such container"):
        stage.engine.start(["0" * 64])


def test_one_off_containers_are_not_part_of_the_environment(stage: Stage) -> None:
    create(stage, service_of(stage, "web", SERVES))
    stage.add_one_off("job")
    assert [one.service for one in stage.engine.containers(stage.name)] == ["web"]


def test_other_environments_are_not_seen(stage: Stage) -> None:
    create(stage, service_of(stage, "web", SERVES))
    assert stage.engine.containers(f"{stage.name}-other") == ()
    assert stage.engine.observe(stage.name[:-1]).networks == ()


def test_the_network_bears_the_labels(stage: Stage) -> None:
    create(stage, service_of(stage, "web", SERVES))
    assert stage.engine.observe(stage.name).networks == (f"{stage.name}_default",)


def test_an_image_that_is_not_here_cannot_run(stage: Stage) -> None:
    service = replace(service_of(stage, "web", SERVES), image=f"qlocal.local/{stage.name}/none:1")
    with pytest.raises(EngineError):
        create(stage, service)


def test_values_reach_the_container_as_they_are(stage: Stage) -> None:
    """Whatever Compose would read into them."""
    lines = ("$HOME ${HOME} $$", "1e3", "08", "a: b #c", " x ", "'\"\\", "ž 🐎")
    made = create(stage, service_of(stage, "web", Program(listens=(), out=lines))).start()
    assert _texts(stage, made, "web", len(lines)) == lines


# Volumes


def volume_of(stage: Stage) -> Volume:
    return Volume(name=f"{stage.name}_db_data", service="db", type="postgresql", version="15")


def test_a_volume_is_observed_with_what_it_holds(stage: Stage) -> None:
    stage.engine.create_volume(volume_of(stage), labels_of(stage.name))
    (volume,) = stage.engine.observe(stage.name).volumes
    assert (volume.name, volume.service) == (f"{stage.name}_db_data", "db")
    assert (volume.type, volume.version) == ("postgresql", "15")


def test_creating_a_volume_twice_is_no_error(stage: Stage) -> None:
    for _ in range(2):
        stage.engine.create_volume(volume_of(stage), labels_of(stage.name))
    assert len(stage.engine.observe(stage.name).volumes) == 1


def test_a_volume_survives_its_container(stage: Stage) -> None:
    wanted = volume_of(stage)
    stage.engine.create_volume(wanted, labels_of(stage.name))
    mount = Mount(volume=wanted.name, target="/data")
    service = replace(service_of(stage, "db", SERVES), mounts=(mount,))
    made = create(stage, service, volumes=(wanted.name,))
    stage.engine.remove(containers=[made.the("db").id])
    assert len(stage.engine.observe(stage.name).volumes) == 1
    stage.engine.remove(volumes=[wanted.name])
    assert stage.engine.observe(stage.name).volumes == ()


def test_a_container_is_not_made_on_a_volume_that_does_not_exist(stage: Stage) -> None:
    """Else Compose would make one that qlocal knows nothing of."""
    mount = Mount(volume=f"{stage.name}_none", target="/data")
    service = replace(service_of(stage, "db", SERVES), mounts=(mount,))
    with pytest.raises(EngineError, match="not found"):
        create(stage, service, volumes=(mount.volume,))


# Images


def test_only_images_that_are_here_are_reported(stage: Stage) -> None:
    missing = f"qlocal.local/{stage.name}/none:1"
    assert stage.engine.images([stage.image, missing]) == {stage.image}
    assert stage.engine.images([]) == frozenset()


def test_a_registry_that_cannot_be_reached_is_told_from_a_missing_image(stage: Stage) -> None:
    with pytest.raises(RegistryUnreachable):
        stage.engine.provide("registry.invalid/x:1", "", nowhere)


def test_a_stand_in_says_what_was_asked_for_and_what_runs(stage: Stage) -> None:
    image = stage.engine.stand_in("debian:bookworm-slim", "", nowhere)
    assert image.requested == "debian:bookworm-slim"
    assert image.version.startswith("12")
    assert stage.engine.images([image.reference])


def test_nothing_but_debian_stands_in_for_a_from_line(stage: Stage) -> None:
    with pytest.raises(EngineError, match="debian"):
        stage.engine.stand_in("node:13-alpine", "", nowhere)


def test_what_was_built_is_here_and_runs(stage: Stage) -> None:
    service = built_service(stage, "web", f"FROM {stage.image}\nRUN echo made > /made\n")
    events, report = recorder()
    file = render(stage, [service])
    stage.engine.build(file, ["web"], report)
    assert stage.engine.images([service.image]) == {service.image}
    assert any(event.kind is Kind.PROGRESS for event in events)
    stage.engine.create(file, ["web"], nowhere)
    made = Made(stage=stage, services=("web",)).start()
    assert made.the("web").is_running


def test_a_failed_build_says_which_service_and_how_it_ended(stage: Stage) -> None:
    services = [
        built_service(stage, name, f"FROM {stage.image}\nRUN true\n") for name in ("good", "bad")
    ]
    stage.break_build("bad", ("about to fail", "this is why"))
    with pytest.raises(BuildFailed) as caught:
        stage.engine.build(render(stage, services), ["good", "bad"], nowhere)
    failure = caught.value.failure
    assert failure
    assert (failure.service, failure.phase) == ("bad", "build")
    assert "this is why" in "\n".join(failure.evidence)
    assert not stage.engine.images([services[1].image])


# Is it ready?


def _started(stage: Stage, program: Program) -> Container:
    made = create(stage, service_of(stage, "web", program)).start()
    return made.the("web")


def test_it_answers_when_something_listens(stage: Stage) -> None:
    container = _started(stage, SERVES)
    assert eventually(lambda: stage.engine.answers(container, port_of(8080)))


def test_it_does_not_answer_where_nothing_listens(stage: Stage) -> None:
    container = _started(stage, SERVES)
    assert eventually(lambda: stage.engine.answers(container, port_of(8080)))
    assert not stage.engine.answers(container, port_of(9090))
    assert not stage.engine.answers(container, Readiness(timeout=1))


def test_it_does_not_answer_when_only_its_own_loopback_is_listened_on(stage: Stage) -> None:
    """The commonest mistake: a development server on 127.0.0.1, which is its container's own.

    Also where the port is published, and the engine's own forwarder accepts for everybody.
    """
    program = replace(SERVES, loopback_only=True)
    port = Port(published=_free_port(), target=8080)
    made = create(stage, service_of(stage, "web", program, port=port)).start()
    probe = Readiness(port=8080, timeout=1)
    for _ in range(5):
        assert not stage.engine.answers(made.the("web"), probe)


def test_a_path_answers_only_with_a_status_that_says_well(stage: Stage) -> None:
    container = _started(stage, SERVES)
    assert eventually(lambda: stage.engine.answers(container, port_of(8080)))

    def well(path: str) -> bool:
        return stage.engine.answers(container, Readiness(port=8080, path=path, timeout=1))

    assert (well("/healthz"), well("/moved")) == (True, True)
    assert (well("/broken"), well("/unknown")) == (False, False)


def test_what_does_not_run_does_not_answer(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", SERVES))
    assert not stage.engine.answers(made.the("web"), port_of(8080))


def healthy_by(stage: Stage, command: str, program: Program) -> ComposeService:
    check = Healthcheck(command=("sh", "-c", command), timeout=5, patience=1, interval=1)
    return replace(service_of(stage, "web", program), healthcheck=check)


def test_health_begins_with_starting_and_becomes_healthy(stage: Stage) -> None:
    service = healthy_by(stage, "true", replace(SERVES, healthy_after=3))
    made = create(stage, service).start()
    assert made.the("web").health in ("starting", "healthy")
    assert eventually(lambda: made.the("web").health == "healthy")


def test_a_health_check_that_fails_makes_unhealthy_and_its_output_is_kept(stage: Stage) -> None:
    program = replace(SERVES, healthy_after=None, health_output="no reason")
    made = create(stage, healthy_by(stage, "echo no reason; exit 1", program)).start()
    assert eventually(lambda: made.the("web").health == "unhealthy", timeout=60)
    assert stage.engine.autopsy(made.the("web").id).health_output == "no reason"


# How did it end?


def test_a_program_that_ends_is_restarted_and_that_is_counted(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", Program(listens=(), ends_with=3))).start()
    assert eventually(lambda: stage.engine.restarts(made.the("web").id) >= 2)


def test_starting_by_hand_begins_a_new_count(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", Program(listens=(), ends_with=3))).start()
    assert eventually(lambda: stage.engine.restarts(made.the("web").id) >= 2)
    stage.engine.stop([made.the("web").id])
    made.start()
    assert stage.engine.restarts(made.the("web").id) < 2


def test_an_autopsy_tells_exit_code_and_last_lines(stage: Stage) -> None:
    program = Program(listens=(), out=("one", "two"), err=("three",), ends_with=3)
    made = create(stage, service_of(stage, "web", program)).start()
    assert eventually(lambda: stage.engine.restarts(made.the("web").id) >= 1)
    stage.engine.stop([made.the("web").id])
    autopsy = stage.engine.autopsy(made.the("web").id)
    assert autopsy.exit_code == 3
    assert not autopsy.out_of_memory
    assert sorted(autopsy.last_lines[-3:]) == ["one", "three", "two"]


def test_an_autopsy_between_two_restarts_tells_the_exit_code_too(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", Program(listens=(), ends_with=3))).start()

    def seen_while_restarting() -> int | None:
        """Asked before and after, because it does not stay so for long."""
        before = made.until("web", "restarting")
        autopsy = stage.engine.autopsy(before.id)
        return autopsy.exit_code if made.the("web").state == "restarting" else 0

    assert eventually(seen_while_restarting) == 3


def test_an_autopsy_of_the_living_has_no_exit_code(stage: Stage) -> None:
    container = _started(stage, SERVES)
    autopsy = stage.engine.autopsy(container.id)
    assert (autopsy.exit_code, autopsy.restarts, autopsy.last_lines) == (None, 0, ())


def test_an_autopsy_keeps_the_last_twenty_lines(stage: Stage) -> None:
    lines = tuple(f"line {number}" for number in range(30))
    made = create(stage, service_of(stage, "web", Program(listens=(), out=lines))).start()
    _texts(stage, made, "web", 30)
    assert stage.engine.autopsy(made.the("web").id).last_lines == lines[-20:]


# Ports


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_published_port_is_on_loopback_and_taken(stage: Stage) -> None:
    port = Port(published=_free_port(), target=8080)
    made = create(stage, service_of(stage, "web", SERVES, port=port))
    assert stage.engine.port_is_free(port.published)
    made.start()
    assert made.the("web").ports == {8080: port.published}
    assert not stage.engine.port_is_free(port.published)
    assert eventually(lambda: stage.engine.answers(made.the("web"), port_of(8080)))


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_somebody_listens_on_cannot_be_published(stage: Stage, address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        taken = int(other.getsockname()[1])
        assert not stage.engine.port_is_free(taken)
        port = Port(published=taken, target=8080)
        made = create(stage, service_of(stage, "web", SERVES, port=port))
        with pytest.raises(PortTaken):
            made.start()
    assert made.start().the("web").is_running


def test_of_two_containers_on_one_port_the_second_is_refused(stage: Stage) -> None:
    port = Port(published=_free_port(), target=8080)
    first = create(stage, service_of(stage, "first", SERVES, port=port)).start()
    with pytest.raises(PortTaken):
        create(stage, service_of(stage, "second", SERVES, port=port)).start()
    assert first.the("first").is_running


# Logs


def _texts(stage: Stage, made: Made, service: str, lines: int) -> tuple[str, ...]:
    """All lines, once there are as many."""

    def found() -> tuple[str, ...]:
        return tuple(one.text for one in stage.engine.logs([made.the(service)], LogQuery()))

    eventually(lambda: len(found()) >= lines, what=f"{lines} lines of {service}")
    return found()


def test_logs_hold_the_lines_of_both_streams_in_order(stage: Stage) -> None:
    program = Program(listens=(), out=("one", "two", "three"), err=("four",))
    made = create(stage, service_of(stage, "web", program)).start()
    texts = _texts(stage, made, "web", 4)
    assert [text for text in texts if text != "four"] == ["one", "two", "three"]
    assert "four" in texts


def test_a_line_says_where_it_comes_from_and_when(stage: Stage) -> None:
    services = [
        service_of(stage, name, Program(listens=(), out=(f"from {name}",))) for name in ("a", "b")
    ]
    made = create(stage, *services).start()
    for name in ("a", "b"):
        _texts(stage, made, name, 1)
    lines = list(stage.engine.logs([made.the("a"), made.the("b")], LogQuery()))
    assert {(line.service, line.text) for line in lines} == {("a", "from a"), ("b", "from b")}
    assert all(line.time.startswith("20") for line in lines)
    assert [line.time for line in lines] == sorted(line.time for line in lines)


def test_a_tail_is_the_last_lines(stage: Stage) -> None:
    program = Program(listens=(), out=("one", "two", "three"))
    made = create(stage, service_of(stage, "web", program)).start()
    _texts(stage, made, "web", 3)
    for tail, expected in ((2, ["two", "three"]), (0, []), (9, ["one", "two", "three"])):
        found = stage.engine.logs([made.the("web")], LogQuery(tail=tail))
        assert [line.text for line in found] == expected


def test_following_ends_when_the_container_ends(stage: Stage) -> None:
    made = create(stage, service_of(stage, "web", Program(listens=(), out=("one", "two")))).start()
    _texts(stage, made, "web", 2)
    container = made.the("web")
    followed = stage.engine.logs([container], LogQuery(follow=True))
    assert [next(followed).text, next(followed).text] == ["one", "two"]
    stage.engine.stop([container.id])
    assert list(followed) == []


def test_the_logs_of_nobody_are_empty(stage: Stage) -> None:
    assert list(stage.engine.logs([], LogQuery(follow=True))) == []


def test_a_very_long_line_stays_one_line(stage: Stage) -> None:
    """The engine keeps it in pieces of 16 KiB, each with a time of its own."""
    program = Program(listens=(), out=("x" * 40_000,))
    made = create(stage, service_of(stage, "web", program)).start()
    assert _texts(stage, made, "web", 1) == ("x" * 40_000,)


# The build context


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "src").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM x\n")
    (folder / "src/a.txt").write_text("aaa")
    (folder / "src/link").symlink_to("a.txt")
    (folder / ".dockerignore").write_text("*.log\nsrc/secret\n# comment\n")
    return folder


def digest(stage: Stage, folder: Path, memory: dict[str, Any] | None = None) -> str:
    return stage.engine.context_digest(str(folder), "Dockerfile", {} if memory is None else memory)


def test_the_same_content_elsewhere_has_the_same_digest(
    stage: Stage, context: Path, tmp_path: Path
) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(context, copy, symlinks=True)
    assert digest(stage, context) == digest(stage, copy)


@pytest.mark.parametrize("name", ["debug.log", "src/secret", ".git/HEAD"])
def test_files_that_are_not_sent_do_not_count(stage: Stage, context: Path, name: str) -> None:
    before = digest(stage, context)
    (context / name).parent.mkdir(exist_ok=True)
    (context / name).write_text("x")
    assert digest(stage, context) == before


def _change_content(folder: Path) -> None:
    (folder / "src/a.txt").write_text("bbb")


def _change_mode(folder: Path) -> None:
    (folder / "src/a.txt").chmod(0o755)


def _change_link(folder: Path) -> None:
    (folder / "src/link").unlink()
    (folder / "src/link").symlink_to("b.txt")


def _add(folder: Path) -> None:
    (folder / "src/b.txt").touch()


def _rename(folder: Path) -> None:
    (folder / "src/a.txt").rename(folder / "src/b.txt")


def _add_folder(folder: Path) -> None:
    (folder / "empty").mkdir()


def _change_dockerfile(folder: Path) -> None:
    (folder / ".dockerignore").write_text("Dockerfile\n")
    (folder / "Dockerfile").write_text("FROM y\n")


@pytest.mark.parametrize(
    "change",
    [_change_content, _change_mode, _change_link, _add, _rename, _add_folder, _change_dockerfile],
    ids=lambda change: str(change.__name__).strip("_"),
)
def test_what_a_build_would_see_counts(stage: Stage, context: Path, change: Any) -> None:
    """With a memory of the state before: also a file that was changed within its size."""
    memory: dict[str, Any] = {}
    before = digest(stage, context, memory)
    assert digest(stage, context, memory) == before
    change(context)
    assert digest(stage, context, memory) != before
    assert digest(stage, context, memory) == digest(stage, context)


def test_a_dockerfile_may_have_an_ignore_file_of_its_own(stage: Stage, context: Path) -> None:
    (context / "Dockerfile.dockerignore").write_text("**/*.txt\n")
    before = digest(stage, context)
    _change_content(context)
    assert digest(stage, context) == before


def test_what_is_remembered_is_not_read_again(stage: Stage) -> None:
    """Shown by lying to it: in files that have not changed for long, the memory is believed."""
    folder = ROOT / "examples/02-todo"
    memory: dict[str, Any] = {}
    before = digest(stage, folder, memory)
    memory["files"]["todo.py"][0] = "remembered"
    assert eventually(lambda: digest(stage, folder, memory) != before)


def test_what_disappeared_is_forgotten(stage: Stage, context: Path) -> None:
    memory: dict[str, Any] = {}
    digest(stage, context, memory)
    (context / "src/a.txt").unlink()
    digest(stage, context, memory)
    assert "src/a.txt" not in memory["files"]


def test_a_name_that_is_no_text_is_still_a_name(stage: Stage, context: Path) -> None:
    before = digest(stage, context)
    with open(os.fsencode(context) + b"/caf\xe9", "wb") as file:  # noqa: PTH123
        file.write(b"x")
    assert digest(stage, context) != before
