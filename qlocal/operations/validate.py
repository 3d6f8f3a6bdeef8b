"""Reads every file that describes a project and says all that is wrong with them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qlocal.errors import NotFound, Problem
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.project import check_project
from qlocal.operations._reading import (
    Checked,
    is_valid,
    read_application,
    read_dotenv,
    read_settings,
)
from qlocal.workspace import files


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
        return is_valid(self.problems)


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
        results, manifest = _check(path, directory)
        checked += results
        together += [manifest] if manifest else []
    return Validation(files=tuple(checked), across=check_project(together))


def _asked(paths: Sequence[str], directory: str) -> Iterator[Path]:
    here = Path(directory).absolute()
    if not paths:
        yield here if any(files.manifests_below(here)) else files.find_manifest(directory)
    for path in paths:
        if not (here / path).exists():
            raise NotFound(f"there is no `{path}`")
        yield Path(os.path.normpath(here / path))


def _manifests(path: Path) -> tuple[Path, ...]:
    """The file itself, or the manifests below a folder; a folder of other names is a collection."""
    if not path.is_dir():
        return (path,)
    found = tuple(files.manifests_below(path)) or tuple(sorted(path.glob("*.yml")))
    if found:
        return found
    error = NotFound(f"there is no `{files.MANIFEST}` in {path} or below it")
    close = [it.name for it in path.glob("*qovery.y*ml")]
    error.hint = f"rename `{close[0]}`" if close else "`qlocal init` writes one"
    raise error


def _check(path: Path, directory: str) -> tuple[tuple[Checked, ...], Manifest | None]:
    """A file by its name; beside a manifest also what belongs to it. The manifest is part of a
    project only under the name that makes it one.
    """
    if path.name == files.SETTINGS:
        return (read_settings(path, directory)[0],), None
    if path.name == files.DOTENV:
        return (read_dotenv(path, directory)[0],), None
    if path.name == files.MANIFEST:
        reading = read_application(path, directory)
        return reading.files, reading.manifest
    shown = files.shown(path, directory)
    parsed = parse_manifest(files.read(path), shown)
    return (Checked(path=shown, problems=parsed.problems),), None
