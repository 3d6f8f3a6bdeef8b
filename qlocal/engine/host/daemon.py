"""Start the engine and wait until it answers."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from qlocal.engine.host.observe import SYSTEM_PATH
from qlocal.engine.host.setup import LOG
from qlocal.errors import EngineUnavailable
from qlocal.process import run, start_detached

_PATIENCE = 90.0  # seconds; a cold start takes 2, one that repairs its network or volumes more
_PACE = 0.2
_PID_FILES = {
    "/var/run/docker.pid": "dockerd",
    "/var/run/docker/containerd/containerd.pid": "containerd",
}


def start_daemon(*, with_systemd: bool, report: Callable[[str], None]) -> None:
    """Return when the engine answers; raises with the last lines of its log when it does not."""
    if answers():
        return
    if with_systemd:
        _start_unit(report)
        return
    for path, program in _PID_FILES.items():
        remove_stale_pid(Path(path), program, report=report)
    size = Path(LOG).stat().st_size if Path(LOG).exists() else 0
    pid = running_pid(Path("/var/run/docker.pid"), "dockerd")
    if pid:  # the package's own start script, or another person, was quicker
        report(f"waiting for the engine that is starting (pid {pid})")
    else:
        path = f"PATH={os.environ.get('PATH', '')}:{SYSTEM_PATH}"
        pid = start_detached(["env", "--chdir=/", path, "dockerd"], log=LOG)
        report(f"started the engine (pid {pid}, log in {LOG})")
    if not _wait(lambda: is_alive(pid), report):
        said = _last_lines(Path(LOG), since=size)
        raise EngineUnavailable(
            f"the engine does not answer; the last it said was\n{said}", hint=f"read `{LOG}`"
        )


def answers() -> bool:
    done = run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=10)
    return done.ok and bool(done.out.strip())


def is_alive(pid: int) -> bool:
    """False for a process that ended, also while nobody has taken note of it yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def running_pid(path: Path, program: str) -> int:
    """The process a pid file names, if it lives and is that program; else 0."""
    try:
        pid = int(path.read_text(encoding="ascii").strip())
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return 0
    return pid if name == program and is_alive(pid) else 0


def remove_stale_pid(path: Path, program: str, *, report: Callable[[str], None]) -> None:
    """Remove a pid file whose process is gone, or whose number now belongs to another program.

    dockerd trusts any living process of that number and then refuses to start, or waits in vain
    for a containerd that is none.
    """
    if path.exists() and not running_pid(path, program):
        report(f"removing {path}: no {program} runs under that number")
        path.unlink(missing_ok=True)


def _start_unit(report: Callable[[str], None]) -> None:
    report("systemctl enable --now docker")
    done = run(["systemctl", "enable", "--now", "docker"], timeout=_PATIENCE)
    if done.ok and _wait(lambda: True, report):
        return
    journal = run(["journalctl", "-u", "docker", "-n", "15", "--no-pager", "-o", "cat"], timeout=10)
    raise EngineUnavailable(
        f"the engine does not answer; the last it said was\n{journal.out or done.err}".rstrip(),
        hint="read `journalctl -u docker`",
    )


def _wait(is_worthwhile: Callable[[], bool], report: Callable[[str], None]) -> bool:
    """Poll until the engine answers; give up when time is over or waiting makes no sense."""
    start = time.monotonic()
    told = 0.0
    while not answers():
        waited = time.monotonic() - start
        if waited > _PATIENCE or not is_worthwhile():
            return answers()
        if waited - told >= 5:
            report(f"waiting for the engine to answer ({waited:.0f} s)")
            told = waited
        time.sleep(_PACE)
    return True


def _last_lines(path: Path, *, since: int) -> str:
    """The end of what this start added to the log."""
    try:
        with path.open("rb") as log:
            log.seek(since)
            lines = log.read().decode(errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return "\n".join(f"  {line}" for line in lines[-15:])
