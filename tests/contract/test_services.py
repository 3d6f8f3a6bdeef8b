"""What qlocal promises of every type of backing service, asked of real containers.

A type whose image can be neither pulled nor stood in for is skipped by name; one that Debian
packages never is.
"""

import re
import uuid
from collections.abc import Iterator
from time import monotonic

import pytest

from qlocal.services import ServiceType, catalogue
from tests.contract.service_stage import WORK, Stage, Unavailable, staged

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

KEEPERS = tuple(name for name, kind in catalogue().items() if kind.data_path)


@pytest.fixture(scope="module", params=catalogue().values(), ids=lambda kind: str(kind.type))
def stage(
    engine_required: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """One container for all tests of a type; each writes to a table of its own."""
    kind: ServiceType = request.param
    try:
        with staged(kind, "", tmp_path_factory.mktemp(kind.type)) as found:
            yield found
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def keeper(stage: Stage) -> Stage:
    """Where there is something to lose."""
    if not stage.kind.data_path:
        pytest.skip(f"{stage.kind.type} keeps nothing")
    return stage


@pytest.fixture
def table() -> str:
    return f"kept_{uuid.uuid4().hex[:8]}"


def test_there_is_work_for_every_type_that_keeps_something() -> None:
    assert set(KEEPERS) == set(WORK)


def test_it_is_ready_by_its_probe(stage: Stage) -> None:
    assert stage.container.attrs["State"]["Health"]["Status"] == "healthy"
    assert stage.probe() == 0


def test_a_wrong_password_is_refused(stage: Stage) -> None:
    if not stage.kind.has_login(""):
        pytest.skip(f"{stage.kind.type} asks nobody for a password")
    wrong = stage.wrong_login()
    assert wrong
    assert stage.probe(wrong) != 0


def test_no_password_is_in_the_arguments_of_anything(stage: Stage) -> None:
    password = stage.it.credentials.password
    attributes = stage.container.attrs
    shown = [attributes["Path"], attributes["Args"], attributes["Config"]["Cmd"]]
    shown += [attributes["Config"]["Entrypoint"], attributes["Config"]["Healthcheck"]["Test"]]
    assert password not in str(shown)
    probe = list(stage.kind.probe(stage.it).command)
    seen: list[str] = []
    for _ in range(10):
        stage.container.exec_run(probe, detach=True)
        rows = stage.container.top(ps_args="-eo pid,args")["Processes"]
        seen += [" ".join(row) for row in rows]
    assert len(seen) >= 10
    assert not [line for line in seen if password in line]


def test_the_server_does_not_run_as_root(stage: Stage) -> None:
    rows = stage.container.top(ps_args="-eo pid,user:20,args")["Processes"]
    assert rows[0][1] not in ("root", "0"), rows


def test_what_was_written_is_there_after_a_restart(keeper: Stage, table: str) -> None:
    with keeper.writing(table) as writer:
        writer.under_way()
    before = keeper.count(table)
    assert before >= writer.committed
    keeper.container.restart(timeout=keeper.kind.stop_grace)
    keeper.await_ready()
    assert keeper.count(table) == before


def test_a_container_made_anew_finds_the_data(keeper: Stage, table: str) -> None:
    with keeper.writing(table) as writer:
        writer.under_way()
    before = keeper.count(table)
    keeper.container.stop(timeout=keeper.kind.stop_grace)
    keeper.container.remove(v=True)
    keeper.make()
    assert keeper.count(table) == before


def test_what_was_committed_survives_a_kill_during_writes(keeper: Stage, table: str) -> None:
    with keeper.writing(table) as writer:
        writer.under_way()
        keeper.container.kill()
        committed = writer.end()
    keeper.container.start()
    keeper.await_ready()
    assert keeper.count(table) >= committed
    if recovery := WORK[keeper.kind.type].recovery:
        assert re.search(recovery, keeper.log())


def test_a_stop_during_writes_is_in_time_and_leaves_nothing_to_repair(
    keeper: Stage, table: str
) -> None:
    with keeper.writing(table) as writer:
        writer.under_way()
        begun = monotonic()
        # As `docker stop` does it without further words: the container knows signal and grace.
        keeper.container.stop()
        took = monotonic() - begun
        committed = writer.end()
    assert took < keeper.kind.stop_grace
    # 137 would be a kill when the grace was over; some servers end by the signal they were sent.
    assert keeper.container.attrs["State"]["ExitCode"] in (0, 143)
    keeper.container.start()
    keeper.await_ready()
    assert keeper.count(table) >= committed
    if recovery := WORK[keeper.kind.type].recovery:
        assert not re.search(recovery, keeper.log())


def test_a_dump_can_be_restored(keeper: Stage, table: str) -> None:
    if not (keeper.kind.dump and keeper.kind.restore):
        pytest.skip(f"data of {keeper.kind.type} is copied with its volume")
    with keeper.writing(table) as writer:
        writer.under_way()
    before = keeper.count(table)
    dump = keeper.run(*keeper.kind.dump(keeper.it))
    with keeper.writing(f"{table}_later") as writer:
        writer.under_way()
    keeper.use(_forget(keeper, table))
    keeper.run(*keeper.kind.restore(keeper.it), stdin=dump)
    assert keeper.count(table) == before
    assert keeper.probe() == 0


def _forget(stage: Stage, table: str) -> str:
    words = {"redis": f"del {table}\n", "mongodb": f"db.{table}.drop()\n"}
    return words.get(stage.kind.type, f"delete from {table};\n")
