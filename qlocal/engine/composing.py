"""The door to `docker compose`, through python-on-whales: building images, making containers."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from qlocal.engine import ComposeFile, Event, Kind, Report
from qlocal.engine.failures import from_text
from qlocal.errors import BuildFailed, EngineError, Failure

_KEPT = 400  # lines of a build's output that are held for the error


_NOISE = "--progress is a global compose flag"


def _lines(output: Iterable[tuple[str, bytes]]) -> Iterable[str]:
    """Of a line that was rewritten in place (carriage return), only how it ended."""
    for _, raw in output:
        for line in raw.decode("utf-8", "replace").split("\n"):
            last = line.rstrip().rpartition("\r")[2]
            if last.strip() and not last.startswith(_NOISE):
                yield last


def _compose(file: ComposeFile):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from python_on_whales import DockerClient

    client = DockerClient(compose_files=[file.path], compose_project_name=file.project)
    return client.compose


def build(file: ComposeFile, services: Sequence[str], report: Report) -> None:
    """Raises BuildFailed; the whole output is in the events."""
    from python_on_whales.exceptions import DockerException

    kept: list[str] = []
    try:
        output = _compose(file).build(list(services), progress="plain", stream_logs=True)
        for line in _lines(output):
            kept = [*kept[1 - _KEPT :], line]
            report(Event(kind=Kind.PROGRESS, subject="build", text=line))
    except DockerException as error:
        raise _build_failure(services, kept, error.stderr or "") from error


def _build_failure(services: Sequence[str], kept: list[str], said: str) -> EngineError:
    text = "\n".join([*kept, *said.splitlines()])
    general = from_text(text, "building")
    if type(general) is not EngineError or "disk is full" in general.message:
        return general
    service = services[0] if len(services) == 1 else _blamed(services, kept)
    failure = Failure(
        service=service,
        phase="build",
        what=_why(kept) or general.message,
        evidence=tuple(_tail(kept)),
        next=("mend the Dockerfile, then `qlocal up`",),
    )
    return BuildFailed(f"building `{service}` failed", failure=failure)


def _blamed(services: Sequence[str], kept: list[str]) -> str:
    for line in reversed(kept):
        for service in services:
            if f"[{service} " in line:
                return service
    return ", ".join(services)


def _why(kept: list[str]) -> str:
    for line in reversed(kept):
        if "failed to solve:" in line:
            return line.split("failed to solve:", 1)[1].strip()
    return ""


def _tail(kept: list[str], most: int = 25) -> list[str]:
    """The last lines the failing step wrote; the summary BuildKit repeats below is left out."""
    ends = (
        number
        for number, (line, next_line) in enumerate(pairwise(kept))
        if line.startswith("------") and next_line.lstrip().startswith("> [")
    )
    return kept[: next(ends, len(kept))][-most:]


def create(file: ComposeFile, services: Sequence[str], report: Report) -> None:
    """Make the containers of these services anew, none of them started."""
    from python_on_whales.exceptions import DockerException

    kept: list[str] = []
    try:
        output = _compose(file).up(
            list(services),
            detach=True,
            start=False,
            force_recreate=True,
            no_build=True,
            pull="never",
            dependencies=False,
            stream_logs=True,
        )
        for line in _lines(output):
            kept = [*kept[-49:], line]
            report(Event(kind=Kind.PROGRESS, subject="create", text=line.strip()))
    except DockerException as error:
        text = "\n".join([*kept, *(error.stderr or "").splitlines()])
        raise from_text(text, "creating the containers") from error
