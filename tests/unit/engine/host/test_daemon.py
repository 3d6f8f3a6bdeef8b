"""Files that a daemon left behind."""

import os
from pathlib import Path

from qlocal.engine.host.daemon import is_alive, remove_stale_pid, running_pid

OURSELVES = Path(f"/proc/{os.getpid()}/comm")


def test_a_number_is_the_daemon_only_if_the_program_is(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert running_pid(pid_file, OURSELVES.read_text().strip()) == os.getpid()
    assert running_pid(pid_file, "dockerd") == 0


def test_a_file_of_a_daemon_that_runs_is_kept(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(str(os.getpid()))
    said: list[str] = []
    remove_stale_pid(pid_file, OURSELVES.read_text().strip(), report=said.append)
    assert pid_file.exists()
    assert not said


def test_a_file_whose_number_now_belongs_to_another_program_goes(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(str(os.getpid()))
    said: list[str] = []
    remove_stale_pid(pid_file, "dockerd", report=said.append)
    assert not pid_file.exists()
    assert said == [f"removing {pid_file}: no dockerd runs under that number"]


def test_half_a_file_is_a_stale_one(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text("")
    remove_stale_pid(pid_file, "dockerd", report=lambda _: None)
    assert not pid_file.exists()


def test_a_process_that_was_not_waited_for_yet_is_dead() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child)
    os.waitpid(child, 0)
    assert not is_alive(child)
    assert is_alive(os.getpid())
