"""Reads every file that describes a project and says all that is wrong with them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qlocal.errors import NotFound, Problem, Severity, Where
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.dotenv import parse_dotenv
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.project import check_project, check_settings, without_dockerfile
from qlocal.manifest.settings import Settings, parse_settings
from qlocal.workspace import files

_SKIPPED = frozenset(("node_modules", "vendor", "target", "dist", "build", "venv", "__pycache__"))
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file. `manifest` is None for files of other kinds and for manifests with an error."""

    path: str
    manifest: Manifest | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """`across` are the problems between files."""

    files: tuple[Checked, ...]
    across: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        every = [problem for file in self.files for problem in file.problems]
        return tuple(sorted((*every, *self.across), key=lambda problem: problem.position))

    @property
    def is_valid(self) -> bool:
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def validate(paths: Sequence[str] = (), directory: str = ".") -> Validation:
    """Check files, and folders with everything below them; without paths, where we stand.

    Raises NotFound when there is nothing to check.
    """
    found: dict[Path, None] = {}
    for path in _asked(paths, directory):
        found |= dict.fromkeys(_manifests(path))
    checked: list[Checked] = []
    together: list[Manifest] = []
    for path in found:
        results = _check(path, directory)
        checked += results
        if path.name == files.MANIFEST:
            together += [it.manifest for it in results if it.manifest]
    return Validation(files=tuple(checked), across=check_project(together))


def _asked(paths: Sequence[str], directory: str) -> Iterator[Path]:
    here = Path(directory).absolute()
    if not paths:
        yield here if any(_walk(here)) else files.find_manifest(directory)
    for path in paths:
        if not (here / path).exists():
            raise NotFound(f"there is no `{path}`")
        yield Path(os.path.normpath(here / path))


def _manifests(path: Path) -> tuple[Path, ...]:
    """The file itself, or the manifests below a folder; a folder of other names is a collection."""
    if not path.is_dir():
        return (path,)
    found = tuple(_walk(path)) or tuple(sorted(path.glob("*.yml")))
    if found:
        return found
    error = NotFound(f"there is no `{files.MANIFEST}` in {path} or below it")
    close = [it.name for it in path.glob("*qovery.y*ml")]
    error.hint = f"rename `{close[0]}`" if close else "`qlocal init` writes one"
    raise error


def _walk(folder: Path) -> Iterator[Path]:
    base = len(folder.parts)
    for current, folders, names in os.walk(folder):
        deep = len(Path(current).parts) - base >= _DEEPEST
        kept = [it for it in folders if it not in _SKIPPED and not it.startswith(".")]
        folders[:] = [] if deep else sorted(kept)
        if files.MANIFEST in names:
            yield Path(current) / files.MANIFEST


def _check(path: Path, directory: str) -> list[Checked]:
    """A file by its name; beside a manifest also what belongs to it."""
    if path.name == files.SETTINGS:
        return [_check_settings(path, directory)[0]]
    if path.name == files.DOTENV:
        return [_check_dotenv(path, directory)]
    shown = files.shown(path, directory)
    parsed = parse_manifest(files.read(path), shown)
    manifest, problems = parsed.value, list(parsed.problems)
    if path.name != files.MANIFEST:
        return [Checked(path=shown, manifest=manifest, problems=tuple(problems))]
    others = []
    settings_path, dotenv_path = path.parent / files.SETTINGS, path.parent / files.DOTENV
    if settings_path.is_file():
        checked, settings = _check_settings(settings_path, directory)
        if manifest and settings:
            strange = check_settings(settings, manifest)
            checked = Checked(path=checked.path, problems=(*checked.problems, *strange))
        others.append(checked)
    if dotenv_path.is_file():
        others.append(_check_dotenv(dotenv_path, directory))
    if manifest:
        problems += _check_dockerfile(path.parent, manifest, directory)
    return [Checked(path=shown, manifest=manifest, problems=tuple(problems)), *others]


def _check_settings(path: Path, directory: str) -> tuple[Checked, Settings | None]:
    shown = files.shown(path, directory)
    parsed = parse_settings(files.read(path), shown)
    return Checked(path=shown, problems=parsed.problems), parsed.value


def _check_dotenv(path: Path, directory: str) -> Checked:
    shown = files.shown(path, directory)
    data = files.read(path)
    try:
        problems = parse_dotenv(data.decode(), shown).problems
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        where = Where(path=shown, line=line, column=1)
        problems = (Problem(where=where, message=message, hint="save the file as UTF-8"),)
    return Checked(path=shown, problems=problems)


def _check_dockerfile(root: Path, manifest: Manifest, directory: str) -> list[Problem]:
    application = manifest.application
    path = root / application.dockerfile
    if not path.is_file():
        return [without_dockerfile(application, _dockerfiles(root))]
    dockerfile = read_dockerfile(files.read(path).decode("utf-8", "replace"))
    shown = files.shown(path, directory)
    if dockerfile.broken:
        where = Where(path=shown, line=1, column=1)
        hint = "start it with `FROM` and an image"
        return [Problem(where=where, message=dockerfile.broken, hint=hint)]
    if application.port or application.private_ports:
        return []
    where = application.where
    if len(dockerfile.exposed) > 1:
        ports = ", ".join(f"`{port}`" for port in dockerfile.exposed)
        message = f"{shown} exposes {ports}; the last, `{dockerfile.port}`, gets the URL"
        hint = "add `port` under `application` to choose another"
        return [Problem(where=where, message=message, hint=hint, severity=Severity.INFO)]
    routed = any(
        route.application.lower() == application.name.lower()
        for router in manifest.routers
        for route in router.routes
    )
    if not dockerfile.exposed and (routed or application.publicly_accessible):
        message = f"neither `port` nor EXPOSE in {shown} says where it listens, so it gets no URL"
        hint = "add `port: 8080` under `application`, or `EXPOSE 8080` to the Dockerfile"
        return [Problem(where=where, message=message, hint=hint, severity=Severity.WARNING)]
    return []


def _dockerfiles(root: Path) -> list[str]:
    """What looks like a Dockerfile in the folder and one below."""
    found = [*root.glob("[Dd]ocker[Ff]ile*"), *root.glob("*/[Dd]ocker[Ff]ile*")]
    kept = (it.relative_to(root) for it in sorted(found) if it.is_file())
    return [str(it) for it in kept if it.parts[0] not in _SKIPPED]
