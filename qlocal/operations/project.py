"""From the folder we stand in to a translation: read, draw what must be drawn, translate."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qlocal.compose.attached import references
from qlocal.compose.given import Given
from qlocal.compose.naming import Environment, short_digest
from qlocal.compose.roster import Roster, Source, take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.compose.variables import Variable, resolve
from qlocal.engine import Engine
from qlocal.errors import ManifestError, Problem, UsageError
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest, project_in
from qlocal.manifest.project import check_project
from qlocal.operations._reading import is_valid, read_application
from qlocal.workspace import files, git
from qlocal.workspace.record import Record, load_record
from qlocal.workspace.store import Drawer, Store
from qlocal.workspace.variables import load_variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line says about where and which. `file` and `branch` may be ""."""

    directory: str = "."
    file: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Files read and names given; nothing drawn and nobody asked yet. `variables` are those set by
    command, by application's service.
    """

    environment: Environment
    is_production: bool
    roster: Roster
    drawer: Drawer
    problems: tuple[Problem, ...] = ()
    variables: Mapping[str, tuple[Variable, ...]] = field(default_factory=dict, repr=False)


def open_project(request: Request, store: Store) -> Project:
    """Raises ManifestError with everything wrong in all files, NotFound without a manifest."""
    paths = files.find_manifests(request.directory, request.file)
    readings = [read_application(path, request.directory) for path in paths]
    manifests = [reading.manifest for reading in readings if reading.manifest]
    problems = [problem for reading in readings for problem in reading.problems]
    problems += check_project(manifests) if len(manifests) > 1 else ()
    sources = tuple(reading.source for reading in readings if reading.source)
    if len(sources) < len(readings) or not is_valid(problems):
        raise ManifestError(problems)
    checkout = git.read_checkout(str(paths[0].parent))
    branch = git.branch_of(checkout, asked=request.branch)
    environment = Environment(project=_one_project(manifests), branch=branch)
    roster = take_roster(sources)
    listed = tuple(one for it in manifests for one in it.application.production_branches)
    return Project(
        environment=environment,
        is_production=git.is_production(branch, listed, checkout),
        roster=roster,
        drawer=store.drawer(environment.name),
        problems=tuple(problems),
        variables={
            placed.service: load_variables(store, environment, placed.name)
            for placed in roster.applications
        },
    )


def _one_project(manifests: Sequence[Manifest]) -> str:
    """Raises UsageError when files of several were found below the folder."""
    projects = sorted({manifest.application.project for manifest in manifests})
    if len(projects) > 1:
        folders = ", ".join(f"`-C {Path(it.where.path).parent}`" for it in manifests)
        raise UsageError(
            f"the manifests here belong to several projects: {', '.join(projects)}",
            hint=f"choose one with {folders}",
        )
    return projects[0]


def identify(request: Request, store: Store, *, for_certain: bool = False) -> Environment:
    """Which environment, even where the manifest has errors: they do not keep anybody from stopping
    what runs. A file that does not even say its project is looked up among the records, unless it
    must be known `for_certain`.

    Raises ManifestError when nothing tells.
    """
    paths = files.find_manifests(request.directory, request.file)
    folder = str(paths[0].parent)
    branch = git.branch_of(git.read_checkout(folder), asked=request.branch)
    texts = [files.read(path) for path in paths]
    parsed = [
        parse_manifest(text, files.shown(path, request.directory))
        for text, path in zip(texts, paths, strict=True)
    ]
    if manifests := [one.value for one in parsed if one.value]:
        return Environment(project=_one_project(manifests), branch=branch)
    if project := next(filter(None, map(project_in, texts)), ""):
        return Environment(project=project, branch=branch)
    known = () if for_certain else tuple(_remembered(folder, branch, store))
    if len(known) == 1:
        return known[0]
    raise ManifestError([problem for one in parsed for problem in one.problems])


def _remembered(folder: str, branch: str, store: Store) -> Iterator[Environment]:
    for drawer in store.drawers():
        record = load_record(drawer)
        if record and folder in record.roots and record.environment.branch == branch:
            yield record.environment


def translate_project(
    project: Project, record: Record, engine: Engine, *, saves: bool = False
) -> Translation:
    """Reads the build contexts; with `saves`, what was read is remembered for the next time.

    Raises ManifestError when the translation found errors.
    """
    roster = replace(
        project.roster,
        applications=tuple(
            replace(
                placed,
                source=replace(
                    placed.source, context=_context(project, placed.source, engine, saves=saves)
                ),
            )
            for placed in project.roster.applications
        ),
    )
    translation = translate(roster, given_of(project, record))
    problems = (*project.problems, *translation.problems)
    if not is_valid(problems):
        raise ManifestError(problems)
    return replace(translation, problems=problems)


def given_of(project: Project, record: Record) -> Given:
    return Given(
        environment=project.environment,
        is_production=project.is_production,
        credentials=record.credentials,
        ports=record.ports,
        images=record.images,
        early_probes=record.probes_early,
        store=record.store,
        outside=_outside(project),
        variables=project.variables,
    )


def _outside(project: Project) -> dict[str, str]:
    """What attachments refer to: of the process's environment first, then of `.env`, then of what
    was set by command.
    """
    names = references(project.roster.services)
    found: dict[str, str] = {}
    for placed in project.roster.applications:
        resolved = resolve(project.variables.get(placed.service, ()), placed.source.dotenv)
        found |= {one.name: one.value for one in resolved.variables if one.name in names}
    return found | {name: os.environ[name] for name in names if name in os.environ}


def _context(project: Project, source: Source, engine: Engine, *, saves: bool) -> str:
    name = f"context-{short_digest(source.root, length=12)}.json"
    memory: dict[str, Any] = project.drawer.read(name)
    before: Mapping[str, Any] = dict(memory)
    digest = engine.context_digest(source.root, source.manifest.application.dockerfile, memory)
    if saves and memory != before:
        project.drawer.write(name, memory)
    return digest
