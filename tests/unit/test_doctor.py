"""Looking, agreeing, doing, looking again."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qlocal.engine.host.apply import one_at_a_time
from qlocal.engine.host.facts import Answer, Client, Engine, Facts
from qlocal.engine.host.setup import InstallPackages, SetupPlan, StartDaemon, Step
from qlocal.errors import Refused
from qlocal.operations.doctor import doctor, fix
from tests.eventually import eventually
from tests.unit.engine.host.machines import (
    DEBIAN_12,
    DEBIAN_13,
    FEDORA,
    a_machine,
    stopped,
    with_engine,
)

BARE = a_machine(DEBIAN_13)


class Recorder:
    """Stands where steps are performed: writes them down."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, step: Step, report: Callable[[str], None]) -> None:
        self.steps.append(step)


def one_after_another(*looks: Facts) -> Callable[[], Facts]:
    """A machine that changes between two looks."""
    found: Iterator[Facts] = iter(looks)
    return lambda: next(found)


def agree(_: SetupPlan) -> bool:
    return True


def test_a_good_machine_is_well() -> None:
    result = doctor(observe=lambda: with_engine(BARE))
    assert result.exit_code == 0
    assert result.plan.is_done


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (BARE, 4),
        (stopped(BARE), 4),
        (a_machine(FEDORA), 4),
        (with_engine(BARE, engine="19.03.1"), 4),
        (replace(with_engine(BARE), engine=Engine(answer=Answer.NOWHERE, host="tcp://x:1")), 4),
        (replace(BARE, client=Client(), engine=Engine(answer=Answer.UNASKED)), 4),
        (with_engine(BARE, compose="2.17.2"), 1),
        (with_engine(BARE), 0),
    ],
    ids=["bare", "stopped", "fedora", "old", "nowhere", "no cli", "old compose", "good"],
)
def test_the_exit_code_tells_no_engine_from_other_errors(facts: Facts, code: int) -> None:
    assert doctor(observe=lambda: facts).exit_code == code


def test_fixing_does_what_was_agreed_to_and_looks_again(tmp_path: Path) -> None:
    recorder = Recorder()
    result = fix(
        consent=agree,
        report=lambda _: None,
        observe=one_after_another(BARE, BARE, with_engine(BARE)),
        perform=recorder,
        lock=str(tmp_path / "lock"),
    )
    install, start = recorder.steps
    assert isinstance(install, InstallPackages)
    assert isinstance(start, StartDaemon)
    assert result.applied == (install, start)
    assert result.exit_code == 0


def test_a_good_machine_asks_nobody_and_needs_no_lock() -> None:
    def consent(_: SetupPlan) -> bool:
        raise AssertionError("nothing is to be agreed to")

    result = fix(
        consent=consent,
        report=lambda _: None,
        observe=lambda: with_engine(BARE),
        perform=Recorder(),
        lock="/nowhere/lock",
    )
    assert result.exit_code == 0


def test_a_refusal_changes_nothing(tmp_path: Path) -> None:
    recorder = Recorder()
    with pytest.raises(Refused):
        fix(
            consent=lambda _: False,
            report=lambda _: None,
            observe=lambda: BARE,
            perform=recorder,
            lock=str(tmp_path / "lock"),
        )
    assert not recorder.steps


def test_without_root_nothing_is_tried_and_the_commands_are_in_the_result() -> None:
    recorder = Recorder()
    result = fix(
        consent=agree,
        report=lambda _: None,
        observe=lambda: a_machine(DEBIAN_12, is_root=False),
        perform=recorder,
        lock="/nowhere/lock",
    )
    assert not recorder.steps
    assert result.exit_code == 4
    assert "sudo apt-get update" in result.plan.commands


def test_what_another_did_meanwhile_is_not_done_again(tmp_path: Path) -> None:
    recorder = Recorder()
    result = fix(
        consent=agree,
        report=lambda _: None,
        observe=one_after_another(BARE, with_engine(BARE), with_engine(BARE)),
        perform=recorder,
        lock=str(tmp_path / "lock"),
    )
    assert not recorder.steps
    assert result.exit_code == 0


def test_what_nobody_agreed_to_is_not_done(tmp_path: Path) -> None:
    recorder = Recorder()
    with pytest.raises(Refused, match="changed meanwhile"):
        fix(
            consent=agree,
            report=lambda _: None,
            observe=one_after_another(stopped(BARE), BARE),
            perform=recorder,
            lock=str(tmp_path / "lock"),
        )
    assert not recorder.steps


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    said: list[str] = []
    entered: list[bool] = []

    def second() -> None:
        with one_at_a_time(lock, said.append):
            entered.append(True)

    with one_at_a_time(lock, said.append):
        waiting = threading.Thread(target=second)
        waiting.start()
        eventually(lambda: said, what="the second one says that it waits")
        assert not entered
    waiting.join(timeout=10)
    assert entered


def test_the_document_says_what_was_found_and_what_is_to_do() -> None:
    document = doctor(observe=lambda: stopped(BARE)).document()
    assert document["exit_code"] == 4
    assert document["applied"] == []
    assert document["to_do"] == {
        "steps": ["start the engine (dockerd, log in /var/log/dockerd.log): it is not running"],
        "commands": [],
        "because": "",
    }
    checks = document["checks"]
    assert isinstance(checks, list)
    assert checks[1] == {
        "name": "engine",
        "status": "error",
        "found": "installed, not running (nothing answers at unix:///var/run/docker.sock)",
        "needed": "Docker Engine 20.10 or later",
        "advice": "start it: `qlocal doctor --fix`",
    }
