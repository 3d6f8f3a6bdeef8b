"""A program on our own stdin and stdout, and the signals meant for it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

OURS = """
import os, sys
from qlocal.process import attach

def deliver(number):
    print("deliver", number, flush=True)
    return {delivers}

code = attach(["sh", "-c", sys.argv[1]], deliver=deliver, owns_terminal=False, grace=0.5)
print("ended", code, flush=True)
"""


def start(script: str, delivers: str = "True") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OURS.format(delivers=delivers), script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
def test_the_exit_code_is_the_programs(script: str, code: int) -> None:
    out, _ = start(script).communicate(timeout=20)
    assert out == f"ended {code}\n"


def test_our_stdin_and_stdout_are_the_programs() -> None:
    out, _ = start("cat").communicate("some\nlines", timeout=20)
    assert out == "some\nlinesended 0\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_goes_to_whoever_can_deliver_it_and_not_to_the_program(number: int) -> None:
    child = start("echo ready; read end; echo $end")
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    os.killpg(child.pid, number)
    assert child.stdout.readline() == f"deliver {number}\n"
    if number == signal.SIGTERM:
        assert child.stdout.readline() == "deliver 9\n"
    out, _ = child.communicate("still here\n", timeout=20)
    assert out == "still here\nended 0\n"


def test_a_signal_that_finds_nobody_at_first_is_sent_again(tmp_path: Path) -> None:
    child = start("echo ready; read end", delivers=f"os.path.exists({str(tmp_path / 'up')!r})")
    assert child.stdout
    child.stdout.readline()
    child.send_signal(signal.SIGHUP)
    for _ in range(2):
        assert child.stdout.readline() == "deliver 1\n"
    (tmp_path / "up").touch()
    out, _ = child.communicate("\n", timeout=20)
    assert out.endswith("ended 0\n")


def test_a_signal_that_finds_nobody_at_all_ends_the_program_we_talk_through() -> None:
    child = start("echo ready; exec sleep 60", delivers="False")
    assert child.stdout
    child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=20)
    assert out.endswith("ended 143\n")
