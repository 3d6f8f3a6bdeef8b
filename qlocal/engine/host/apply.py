"""Perform the steps of a set-up; every decision was made before."""

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qlocal.engine.host import apt
from qlocal.engine.host.daemon import start_daemon
from qlocal.engine.host.distribution import APT_INSTALL
from qlocal.engine.host.setup import InstallPackages, StartDaemon, Step, WriteFile
from qlocal.errors import EngineError, EngineUnavailable
from qlocal.process import Finished, run, stream

Report = Callable[[str], None]

LOCK = "/run/qlocal-engine.lock"

_LOCK_PATIENCE = 300  # seconds
_CONFIGURE = ("dpkg", "--force-confdef", "--force-confold", "--configure", "-a")
# The user's own configuration files win; another apt at work is waited for.
_OPTIONS = (
    "-o",
    f"DPkg::Lock::Timeout={_LOCK_PATIENCE}",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
)
_WORTH_SHOWING = re.compile(r"(Need to get|Get:|Setting up|Err:|[EW]:)")


def apply(step: Step, report: Report) -> None:
    """Each step may be done again, whatever an interrupted one left."""
    match step:
        case WriteFile():
            _write(step, report)
        case InstallPackages():
            _install(step, report)
        case StartDaemon():
            start_daemon(with_systemd=step.with_systemd, report=report)


@contextmanager
def one_at_a_time(path: str, report: Report) -> Iterator[None]:
    """Hold the machine's lock; the kernel lets go of it with the process, however it ends."""
    with Path(path).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another `qlocal doctor --fix` is at work, waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(step: WriteFile, report: Report) -> None:
    """By a file beside it and a rename; apt ignores the name it has before."""
    path = Path(step.path)
    report(f"writing {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    has_login = apt.without_logins(step.content) != step.content
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(step.content, encoding="utf-8")
    fresh.chmod(0o600 if has_login else 0o644)
    fresh.replace(path)


def _install(step: InstallPackages, report: Report) -> None:
    environment = {
        **os.environ,
        "DEBIAN_FRONTEND": "noninteractive",
        "NEEDRESTART_SUSPEND": "1",
        "LC_ALL": "C.UTF-8",
    }

    def show(line: str) -> None:
        if _WORTH_SHOWING.match(line):
            report(f"  {apt.without_logins(line)}")

    # Configures what an interrupted installation left, before which apt refuses to work.
    _when_unlocked(lambda: run(_CONFIGURE, environment=environment, timeout=600), report)
    report("apt-get update")
    # One source that fails, of many, fails it all; whether that matters the next command shows.
    update = ["apt-get", *_OPTIONS, "update"]
    _when_unlocked(lambda: stream(update, show, environment=environment), report)
    report(f"apt-get install {' '.join(step.packages)}")
    program, *arguments = APT_INSTALL.split()
    done = stream([program, *_OPTIONS, *arguments, *step.packages], show, environment=environment)
    if not done.ok:
        said = "\n".join(f"  {line}" for line in done.out.splitlines()[-8:])
        failure = EngineUnavailable if "docker.io" in step.packages else EngineError
        raise failure(
            f"apt-get could not install {' '.join(step.packages)}\n{apt.without_logins(said)}",
            hint="read what apt says, then run the same command again",
        )


def _when_unlocked(act: Callable[[], Finished], report: Report) -> None:
    """Repeat while somebody else installs: another apt, or the dpkg of one that was killed.

    (For these two commands apt and dpkg do not wait themselves.)
    """
    deadline = time.monotonic() + _LOCK_PATIENCE
    done = act()
    if not _is_locked(done):
        return
    report("another installation is at work, waiting for it to end")
    while _is_locked(done) and time.monotonic() < deadline:
        time.sleep(1)
        done = act()


def _is_locked(done: Finished) -> bool:
    return not done.ok and bool(re.search(r"locked by|[Cc]ould not get lock", done.out + done.err))
