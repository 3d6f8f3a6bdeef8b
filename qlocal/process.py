"""The one door to other programs. Arguments are a list, never a shell string; secrets never go in.

Not for the pure packages; `engine/` and `workspace/` both need it, and neither knows the other.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_AGAIN = 0.1  # seconds after which a signal that found nobody is sent once more
_ATTEMPTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """`code` is 127 when the program does not exist, 124 when it ran out of time."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def run(
    arguments: Sequence[str],
    *,
    timeout: float = 60,
    cwd: str | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Finished:
    """Run to the end and keep what it said; never raises for what the program did."""
    try:
        done = subprocess.run(
            list(arguments),
            capture_output=True,
            check=False,
            cwd=cwd,
            env=dict(environment) if environment is not None else None,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            timeout=timeout,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        return Finished(code=127, out="", err=f"{arguments[0]}: command not found")
    except PermissionError as error:
        return Finished(code=126, out="", err=str(error))
    except subprocess.TimeoutExpired:
        return Finished(code=124, out="", err=f"{arguments[0]}: no end after {timeout:g} s")
    return Finished(code=done.returncode, out=done.stdout, err=done.stderr)


def stream(
    arguments: Sequence[str],
    on_line: Callable[[str], None],
    *,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run to the end, handing over each line (both streams, in order) as it comes.

    `out` of the result holds the last 200 lines.
    """
    kept: list[str] = []
    try:
        child = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        return Finished(code=127, out="", err=f"{arguments[0]}: command not found")
    except PermissionError as error:
        return Finished(code=126, out="", err=str(error))
    assert child.stdout is not None  # noqa: S101 (PIPE was asked for)
    with child:
        for line in child.stdout:
            on_line(line.rstrip("\n"))
            kept = [*kept[-199:], line.rstrip("\n")]
    return Finished(code=child.returncode, out="\n".join(kept), err="")


_detached: list[subprocess.Popen[bytes]] = []  # never waited for, so never to be collected


def start_detached(arguments: Sequence[str], *, log: str) -> int:
    """Start a daemon that outlives us and owns no terminal; returns its process id."""
    with open(log, "ab") as sink:  # noqa: PTH123
        child = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    _detached.append(child)
    return child.pid


def attach(
    arguments: Sequence[str],
    *,
    deliver: Callable[[int], bool],
    owns_terminal: bool,
    files: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    grace: float = 10,
) -> int:
    """Run on our own stdin, stdout and stderr to the end; returns its exit code, 128 + n where
    signal n ended it.

    Signals sent to us meanwhile go to `deliver`, in a thread of its own, until it says that they
    arrived; a SIGTERM that ends nothing within `grace` seconds is followed by SIGKILL. Without
    `owns_terminal`, Ctrl-C reaches us and not the program. `files` stay open.
    """
    signals: SimpleQueue[int] = SimpleQueue()
    relays = not owns_terminal and _is_terminal(0)
    with _caught(signals.put):
        child = subprocess.Popen(
            list(arguments),
            stdin=subprocess.PIPE if relays else None,
            env=dict(environment) if environment is not None else None,
            pass_fds=tuple(files),
            process_group=None if owns_terminal else 0,
        )
        if relays:
            threading.Thread(target=_relay, args=(child,), daemon=True).start()
        passing = threading.Thread(
            target=_pass_on, args=(signals, child, deliver, grace), daemon=True
        )
        passing.start()
        code = child.wait()
    return 128 - code if code < 0 else code


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False


@contextmanager
def _caught(put: Callable[[int], None]) -> Iterator[None]:
    """Only the main thread may; elsewhere signals do what they always did."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, lambda number, _: put(number)) for one in _PASSED_ON}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _relay(child: subprocess.Popen[bytes]) -> None:
    """What is typed → the program, which is not in the terminal's foreground and may not read."""
    assert child.stdin is not None  # noqa: S101 (PIPE was asked for)
    with suppress(OSError), child.stdin as pipe:
        while data := os.read(0, 65536):
            pipe.write(data)
            pipe.flush()


def _pass_on(
    signals: SimpleQueue[int],
    child: subprocess.Popen[bytes],
    deliver: Callable[[int], bool],
    grace: float,
) -> None:
    while True:
        number = signals.get()
        _insist(number, child, deliver)
        if number == signal.SIGTERM and not _ends(child, grace):
            _insist(signal.SIGKILL, child, deliver)


def _insist(number: int, child: subprocess.Popen[bytes], deliver: Callable[[int], bool]) -> None:
    """A signal that nobody can be found for ends the program that we talk through."""
    for _ in range(_ATTEMPTS):
        if deliver(number) or _ends(child, _AGAIN):
            return
    child.send_signal(number)


def _ends(child: subprocess.Popen[bytes], within: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.wait(within)
    return child.returncode is not None
