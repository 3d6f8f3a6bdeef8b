"""Who listens on a TCP port of this machine, as `/proc` tells it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from qlocal.engine.host.facts import Port

_LISTENING = "0A"


def look_at_ports(numbers: Iterable[int], *, proc: Path = Path("/proc")) -> tuple[Port, ...]:
    tables = [_text(proc / "net" / name) for name in ("tcp", "tcp6")]
    if not any(tables):
        return tuple(Port(number=number, is_free=None) for number in numbers)
    return tuple(_look(number, "\n".join(tables), proc) for number in numbers)


def owner_of(number: int) -> str:
    """`nginx (pid 812)`, or nothing where the port is free or its owner hidden."""
    (port,) = look_at_ports([number])
    return f"{port.owner} (pid {port.pid})" if port.pid else ""


def listening_inodes(table: str, number: int) -> frozenset[str]:
    """The sockets that listen on a port, out of `/proc/net/tcp` or `tcp6`."""
    rows = (line.split() for line in table.splitlines())
    return frozenset(
        row[9]
        for row in rows
        if len(row) > 9
        and row[3] == _LISTENING
        and row[1].rpartition(":")[2].lower() == f"{number:04x}"
    )


def _look(number: int, table: str, proc: Path) -> Port:
    inodes = listening_inodes(table, number)
    if not inodes:
        return Port(number=number, is_free=True)
    pid = _owner(inodes, proc)
    if pid is None:
        return Port(number=number, is_free=False)
    return Port(
        number=number, is_free=False, owner=_text(proc / pid / "comm").strip(), pid=int(pid)
    )


def _owner(inodes: frozenset[str], proc: Path) -> str | None:
    """The first process that holds one of these sockets; without root only our own are seen."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        if wanted.intersection(_open_files(process / "fd")):
            return process.name
    return None


def _open_files(folder: Path) -> Iterator[str]:
    """What a process holds open, as far as it may be seen and still is."""
    with suppress(OSError):
        for link in folder.iterdir():
            with suppress(OSError):
                yield str(link.readlink())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
