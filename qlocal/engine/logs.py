"""Log lines of several containers, in the order in which they arrive."""

import queue
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qlocal.engine import LogLine, LogQuery
from qlocal.engine.failures import translated
from qlocal.errors import QlocalError
from qlocal.plan.facts import Container

if TYPE_CHECKING:
    import docker

_PIECE = 16_384  # bytes
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]{8,18}Z ")
_MOST_WAITING = 10_000  # lines read ahead before the reader waits for whoever prints


def read_logs(
    client: "docker.DockerClient", containers: Sequence[Container], query: LogQuery
) -> Iterator[LogLine]:
    """Without `follow`, lines are sorted by time over all containers."""
    if not query.follow:
        with translated("reading logs"):
            found = [line for container in containers for line in _lines(client, container, query)]
        yield from sorted(found, key=lambda line: line.time)
        return
    lines: queue.Queue[LogLine | QlocalError | None] = queue.Queue(_MOST_WAITING)

    def pump(container: Container) -> None:
        try:
            with translated("reading logs"):
                for line in _lines(client, container, query):
                    lines.put(line)
        except QlocalError as error:
            lines.put(error)
        finally:
            lines.put(None)

    for container in containers:
        threading.Thread(target=pump, args=(container,), daemon=True).start()
    open_streams = len(containers)
    while open_streams:
        line = lines.get()
        if isinstance(line, QlocalError):
            raise line
        if line is None:
            open_streams -= 1
        else:
            yield line


def _lines(
    client: "docker.DockerClient", container: Container, query: LogQuery
) -> Iterator[LogLine]:
    """A stream gives chunks, not lines; a line may span several and a chunk hold several."""
    stream = client.api.logs(
        container.id,
        stream=True,
        follow=query.follow,
        timestamps=True,
        tail="all" if query.tail is None else query.tail,
        since=query.since,
    )
    rest = b""
    for chunk in stream:
        *complete, rest = (rest + chunk).split(b"\n")
        for raw in complete:
            yield _line(container, raw)
    if rest:
        yield _line(container, rest)


def _line(container: Container, raw: bytes) -> LogLine:
    time, _, content = raw.partition(b" ")
    if len(content) > _PIECE:
        content = _joined(content)
    text = content.decode("utf-8", "replace").rstrip("\r")
    return LogLine(service=container.service, text=text, time=time.decode("ascii", "replace"))


def _joined(content: bytes) -> bytes:
    """The engine keeps a long line in pieces of 16 KiB and puts the time before each of them."""
    pieces = [content[:_PIECE]]
    position = _PIECE
    while position < len(content):
        if stamp := _STAMP.match(content, position):
            position = stamp.end()
        pieces.append(content[position : position + _PIECE])
        position += _PIECE
    return b"".join(pieces)
