"""The user's files, found and read. Nothing here is ever written."""

import os
from collections.abc import Iterator
from pathlib import Path

from qlocal.errors import NotFound, WorkspaceError

MANIFEST = ".qovery.yml"
SETTINGS = "qlocal.yml"
DOTENV = ".env"
SKIPPED = frozenset(("node_modules", "vendor", "target", "dist", "build", "venv", "__pycache__"))
_DEEPEST = 6  # folders below the one that is searched
_LARGEST = 1_000_000  # bytes; the largest real manifest has under 500


def find_manifest(directory: str, asked: str = "") -> Path:
    """`asked`, else the nearest `.qovery.yml` from `directory` upwards, not past a git checkout.

    Raises NotFound.
    """
    start = Path(directory).absolute()
    if asked:
        path = start / asked
        if not path.is_file():
            raise NotFound(f"there is no file `{asked}`")
        return path
    for folder in (start, *start.parents):
        if (folder / MANIFEST).is_file():
            return folder / MANIFEST
        if (folder / ".git").exists():
            break
    error = NotFound(f"there is no `{MANIFEST}` in {start} or above it")
    error.hint = "`qlocal init` writes one"
    raise error


def find_manifests(directory: str, asked: str = "") -> tuple[Path, ...]:
    """The one asked for or nearest upwards; where there is none, all below: a repository may hold
    several applications. Raises NotFound.
    """
    try:
        return (find_manifest(directory, asked),)
    except NotFound:
        below = () if asked else tuple(manifests_below(Path(directory).absolute()))
        if not below:
            raise
        return below


def manifests_below(folder: Path) -> Iterator[Path]:
    base = len(folder.parts)
    for current, folders, names in os.walk(folder):
        deep = len(Path(current).parts) - base >= _DEEPEST
        kept = [it for it in folders if it not in SKIPPED and not it.startswith(".")]
        folders[:] = [] if deep else sorted(kept)
        if MANIFEST in names:
            yield Path(current) / MANIFEST


def read(path: Path) -> bytes:
    """At most a megabyte and one byte: enough for a parser to see that it is too much."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror}") from error


def read_if_there(path: Path) -> bytes | None:
    return read(path) if path.is_file() else None


def shown(path: Path, directory: str) -> str:
    """As the user would type it: relative to where they stand, where that is shorter."""
    try:
        return str(path.relative_to(Path(directory).absolute()))
    except ValueError:
        return str(path)
