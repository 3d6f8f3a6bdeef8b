"""The one door to other programs. Arguments are a list, never a shell string; secrets never go in.

Not for the pure packages; `engine/` and `workspace/` both need it, and neither knows the other.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


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
