"""Log lines of several containers, in the order in which they arrive."""

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qlocal.engine import LogLine, LogQuery
from qlocal.engine.failures import translated
from qlocal.plan.facts import Container

if TYPE_CHECKING:
    import docker

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
    lines: queue.Queue[LogLine | None] = queue.Queue(_MOST_WAITING)

    def pump(container: Container) -> None:
        try:
            for line in _lines(client, container, query):
                lines.put(line)
        finally:
            lines.put(None)

    for container in containers:
        threading.Thread(target=pump, args=(container,), daemon=True).start()
    open_streams = len(containers)
    while open_streams:
        line = lines.get()
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
    time, _, text = raw.decode("utf-8", "replace").partition(" ")
    return LogLine(service=container.service, text=text.rstrip("\r"), time=time)
