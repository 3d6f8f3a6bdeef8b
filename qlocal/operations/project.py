"""From the folder we stand in to a translation: read, draw what must be drawn, translate."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qlocal.compose.given import Given
from qlocal.compose.naming import Environment, short_digest
from qlocal.compose.roster import PlacedService, Roster, Source, take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.engine import Engine
from qlocal.errors import ManifestError, Problem, Severity, Where
from qlocal.manifest.dockerfile import Dockerfile, read_dockerfile
from qlocal.manifest.dotenv import Entry, parse_dotenv
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.settings import Settings, parse_settings
from qlocal.services import Credentials
from qlocal.workspace import files, git
from qlocal.workspace.record import Record, load_record
from qlocal.workspace.store import Drawer, Store

_LETTERS = string.ascii_letters + string.digits
_FIRST_PORT, _PORTS = 20_000, 12_000  # below the range from which systems draw ports themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line says about where and which. `file` and `branch` may be ""."""

    directory: str = "."
    file: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Files read and names given; nothing drawn and nobody asked yet."""

    environment: Environment
    is_production: bool
    roster: Roster
    drawer: Drawer
    problems: tuple[Problem, ...] = ()


def open_project(request: Request, store: Store) -> Project:
    """Raises ManifestError with everything wrong in all files, NotFound without a manifest."""
    path = files.find_manifest(request.directory, request.file)
    problems: list[Problem] = []
    source = _read_source(path, request, problems)
    if source is None or any(one.severity is Severity.ERROR for one in problems):
        raise ManifestError(problems)
    roster = take_roster((source,))
    checkout = git.read_checkout(str(path.parent))
    application = source.manifest.application
    branch = git.branch_of(checkout, asked=request.branch)
    environment = Environment(project=application.project, branch=branch)
    return Project(
        environment=environment,
        is_production=git.is_production(branch, application.production_branches, checkout),
        roster=roster,
        drawer=store.drawer(environment.name),
        problems=tuple(problems),
    )


def identify(request: Request, store: Store) -> Environment:
    """Which environment, even where the manifest has become unreadable since its `up`.

    Raises ManifestError when neither the file nor a record tells.
    """
    path = files.find_manifest(request.directory, request.file)
    branch = git.branch_of(git.read_checkout(str(path.parent)), asked=request.branch)
    parsed = parse_manifest(files.read(path), files.shown(path, request.directory))
    if parsed.value is not None:
        return Environment(project=parsed.value.application.project, branch=branch)
    for drawer in store.drawers():
        record = load_record(drawer)
        if record and str(path.parent) in record.roots and record.environment.branch == branch:
            return record.environment
    raise ManifestError(parsed.problems)


def _read_source(path: Path, request: Request, problems: list[Problem]) -> Source | None:
    root = path.parent
    parsed = parse_manifest(files.read(path), files.shown(path, request.directory))
    problems += parsed.problems
    settings = _settings(root, request, problems)
    dotenv = _dotenv(root, request, problems)
    if parsed.value is None:
        return None
    return Source(
        manifest=parsed.value,
        settings=settings,
        dockerfile=_dockerfile(root, parsed.value, problems),
        dotenv=dotenv,
        root=str(root),
    )


def _settings(root: Path, request: Request, problems: list[Problem]) -> Settings:
    path = root / files.SETTINGS
    data = files.read_if_there(path)
    if data is None:
        return Settings()
    parsed = parse_settings(data, files.shown(path, request.directory))
    problems += parsed.problems
    return parsed.value or Settings()


def _dotenv(root: Path, request: Request, problems: list[Problem]) -> tuple[Entry, ...]:
    path = root / files.DOTENV
    data = files.read_if_there(path)
    if data is None:
        return ()
    parsed = parse_dotenv(data.decode("utf-8", "replace"), files.shown(path, request.directory))
    problems += parsed.problems
    return parsed.value or ()


def _dockerfile(root: Path, manifest: Manifest, problems: list[Problem]) -> Dockerfile:
    application = manifest.application
    data = files.read_if_there(root / application.dockerfile)
    if data is None:
        problems.append(
            Problem(
                where=application.where_dockerfile or application.where,
                message=f"there is no `{application.dockerfile}` in {root}",
                hint="write one beside the manifest, or name it with `application.dockerfile`",
            )
        )
        return Dockerfile()
    dockerfile = read_dockerfile(data.decode("utf-8", "replace"))
    if not (application.port or application.private_ports or dockerfile.port):
        problems.append(_without_port(application.where, application.dockerfile))
    return dockerfile


def _without_port(where: Where, dockerfile: str) -> Problem:
    return Problem(
        where=where,
        message=f"neither `port` nor EXPOSE in `{dockerfile}` says where it listens, so it gets "
        "no URL",
        hint="add `port: 8080` under `application` if it serves HTTP",
        severity=Severity.INFO,
    )


def remember(project: Project, store: Store, engine: Engine, *, new_ports: bool = False) -> Record:
    """The record of the environment, with whatever it lacks drawn. Saves nothing."""
    record = load_record(project.drawer) or Record(
        environment=project.environment, created=datetime.now(UTC).isoformat(timespec="seconds")
    )
    credentials = dict(record.credentials)
    for placed in project.roster.services:
        credentials.setdefault(placed.service, _draw_credentials(placed))
    wanted = ports_wanted(project.roster)
    kept = {} if new_ports else record.ports
    ports = {service: port for service, port in kept.items() if service in wanted}
    if missing := [service for service in wanted if service not in ports]:
        with store.locked():
            ports |= _draw_ports(project, missing, store, engine)
    roots = tuple(placed.source.root for placed in project.roster.applications)
    return replace(record, credentials=credentials, ports=ports, roots=roots)


def ports_wanted(roster: Roster) -> tuple[str, ...]:
    """Public applications that listen, and backing services that qlocal.yml publishes."""
    return tuple(
        placed.service for placed in roster.applications if placed.is_public and placed.port
    ) + tuple(placed.service for placed in roster.services if placed.settings.publish)


def _draw_credentials(placed: PlacedService) -> Credentials:
    """Letters and digits only: safe in every URI, shell and configuration file."""
    return Credentials(
        username=placed.kind.username,
        password="".join(secrets.choice(_LETTERS) for _ in range(24)),
        database=placed.kind.default_database.format(name=placed.declared.name),
    )


def _draw_ports(
    project: Project, services: list[str], store: Store, engine: Engine
) -> dict[str, int]:
    """The same environment gets the same ports on every machine where they are free."""
    taken = {
        port
        for drawer in store.drawers()
        if drawer.path != project.drawer.path and (record := load_record(drawer))
        for port in record.ports.values()
    }
    drawn: dict[str, int] = {}
    for service in services:
        first = int(short_digest(project.environment.name, service, length=8), 16)
        for offset in range(_PORTS):
            port = _FIRST_PORT + (first + offset) % _PORTS
            if port not in taken and engine.port_is_free(port):
                drawn[service] = port
                taken.add(port)
                break
    return drawn


def translate_project(project: Project, record: Record, engine: Engine) -> Translation:
    """Reads the build contexts. Raises ManifestError when the translation found errors."""
    roster = replace(
        project.roster,
        applications=tuple(
            replace(
                placed,
                source=replace(placed.source, context=_context(project, placed.source, engine)),
            )
            for placed in project.roster.applications
        ),
    )
    translation = translate(
        roster,
        Given(
            environment=project.environment,
            is_production=project.is_production,
            credentials=record.credentials,
            ports=record.ports,
            images=record.images,
            early_probes=record.probes_early,
            store=record.store,
        ),
    )
    problems = (*project.problems, *translation.problems)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise ManifestError(problems)
    return replace(translation, problems=problems)


def _context(project: Project, source: Source, engine: Engine) -> str:
    name = f"context-{short_digest(source.root, length=12)}.json"
    memory: dict[str, Any] = project.drawer.read(name) if project.drawer.exists else {}
    before: Mapping[str, Any] = dict(memory)
    digest = engine.context_digest(source.root, source.manifest.application.dockerfile, memory)
    if project.drawer.exists and memory != before:
        project.drawer.write(name, memory)
    return digest
