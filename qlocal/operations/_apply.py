"""Performs a plan and decides nothing: every `if` about the world was made in `plan/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import quote

from qlocal.compose.project import to_yaml
from qlocal.compose.translate import Translation
from qlocal.engine import ComposeFile, Engine, Event, Kind, Report
from qlocal.errors import BuildFailed, Failure, PortTaken
from qlocal.operations._ready import await_ready
from qlocal.operations._remove import remove_containers
from qlocal.plan.steps import (
    AwaitReady,
    BuildImage,
    Create,
    CreateVolume,
    Plan,
    Recreate,
    Remove,
    Start,
    Step,
)
from qlocal.workspace.store import Drawer

COMPOSE_FILE = "compose.yaml"
SECRETS_FILE = "secrets.yaml"
PARTS_FILE = "parts.json"
BUILD_LOG = "build.log"

_SHORTEST_SECRET = 4  # a shorter one would hide half of every line


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a plan is performed. `containers` is asked again after containers were made."""

    engine: Engine
    drawer: Drawer
    translation: Translation
    report: Report

    @property
    def file(self) -> ComposeFile:
        return ComposeFile(
            path=str(self.drawer.path / COMPOSE_FILE),
            project=self.translation.project.name,
        )

    def container_ids(self, services: list[str]) -> list[str]:
        found = self.engine.containers(self.translation.project.name)
        return [container.id for container in found if container.service in services]


def write_compose_files(drawer: Drawer, translation: Translation) -> None:
    drawer.write_text(COMPOSE_FILE, to_yaml(translation.project.document()))
    drawer.write_text(SECRETS_FILE, to_yaml(translation.project.secrets_document()))


def apply(plan: Plan, site: Site) -> None:
    """Steps of one kind that stand together are done together. Stops at the first that fails."""
    for kind, steps in groupby(plan.steps, key=_kind):
        _APPLY[kind](list(steps), site)


def _kind(step: Step) -> type[Step]:
    return Create if isinstance(step, Recreate) else type(step)


def _services(steps: list[Step]) -> list[str]:
    return [step.target for step in steps]


def _say(site: Site, kind: Kind, steps: list[Step], text: str) -> None:
    site.report(Event(kind=kind, subject=", ".join(_services(steps)), text=text))


def _build(steps: list[Step], site: Site) -> None:
    for step in steps:
        site.report(Event(kind=Kind.STEP, subject=step.target, text=f"building ({step.cause})"))
    hidden = _build_secrets(site.translation)
    with site.drawer.open_log(BUILD_LOG) as log:

        def report(event: Event) -> None:
            text = _masked(event.text, hidden)
            log.write(text + "\n")
            site.report(replace(event, text=text))

        try:
            site.engine.build(site.file, _services(steps), report)
        except BuildFailed as error:
            path = str(site.drawer.path / BUILD_LOG)
            raise _fit_to_show(error, path, hidden) from error
    _say(site, Kind.DONE, steps, "built")


def _build_secrets(translation: Translation) -> tuple[str, ...]:
    """What an ARG line brings into a build; BuildKit prints commands with it filled in."""
    values = {
        argument.value
        for service in translation.project.services
        if service.build
        for argument in service.build.arguments
        if argument.secret and len(argument.value) >= _SHORTEST_SECRET
    }
    every = values | {quote(value, safe="") for value in values}
    # A password is part of a URI that holds it: the longer one first.
    return tuple(sorted(every, key=len, reverse=True))


def _masked(text: str, hidden: tuple[str, ...]) -> str:
    for secret in hidden:
        text = text.replace(secret, "<hidden>")
    return text


def _fit_to_show(error: BuildFailed, path: str, hidden: tuple[str, ...]) -> BuildFailed:
    message = _masked(error.message, hidden)
    failure = error.failure
    if failure is None:
        return BuildFailed(message, hint=error.hint)
    shown = replace(
        failure,
        what=_masked(failure.what, hidden),
        evidence=tuple(_masked(line, hidden) for line in failure.evidence),
        next=(*failure.next, f"the whole output: {path}"),
    )
    return BuildFailed(message, failure=shown)


def _create_volumes(steps: list[Step], site: Site) -> None:
    for step in steps:
        assert isinstance(step, CreateVolume)  # noqa: S101 (grouped by kind)
        site.engine.create_volume(step.volume, site.translation.given.environment_labels)


def _create(steps: list[Step], site: Site) -> None:
    for step in steps:
        site.report(Event(kind=Kind.STEP, subject=step.target, text=f"{step.verb}: {step.cause}"))
    site.engine.create(site.file, _services(steps), site.report)
    parts: Mapping[str, object] = site.drawer.read(PARTS_FILE).get("parts", {})
    made = set(_services(steps))
    now = {one.name: one.parts() for one in site.translation.project.services if one.name in made}
    site.drawer.write(PARTS_FILE, {"parts": {**parts, **now}})


def _start(steps: list[Step], site: Site) -> None:
    _say(site, Kind.STEP, steps, "starting")
    try:
        site.engine.start(site.container_ids(_services(steps)))
    except PortTaken as error:
        raise _port_taken(error, _services(steps), site) from error


def _port_taken(error: PortTaken, services: list[str], site: Site) -> PortTaken:
    """The engine says that a port is taken, not for which service, nor by whom."""
    for service in site.translation.project.services:
        if service.name in services and service.port:
            port = service.port.published
            if site.engine.port_is_free(port):
                continue
            owner = site.engine.owner_of_port(port) or "another program"
            return PortTaken(
                f"port {port} of `{service.name}` is taken",
                failure=Failure(
                    service=service.name,
                    phase="start",
                    what=f"port {port} on 127.0.0.1 is taken by {owner}",
                    evidence=(error.message,),
                    next=(
                        "stop that program, then `qlocal up`",
                        "or `qlocal up --new-ports`, which changes the URLs",
                    ),
                ),
            )
    return error


def _await_ready(steps: list[Step], site: Site) -> None:
    await_ready(site.engine, site.translation, _services(steps), site.report)


def _remove(steps: list[Step], site: Site) -> None:
    remove_containers(steps, site.engine, site.report)


_APPLY: Mapping[type[Step], Callable[[list[Step], Site], None]] = {
    BuildImage: _build,
    CreateVolume: _create_volumes,
    Create: _create,
    Start: _start,
    AwaitReady: _await_ready,
    Remove: _remove,
}
