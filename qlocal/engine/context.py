"""The build context as the builder would see it, as one digest.

Reading every file on every `up` would be slow, so what was read is remembered by size and times,
as git's index does; a file changed within the last two seconds of the look is read again.
"""

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from qlocal.errors import WorkspaceError

_SETTLED = 2_000_000_000  # nanoseconds after which a file's times can be trusted


def context_digest(root: str, dockerfile: str, memory: dict[str, Any]) -> str:
    """Names, modes, link targets and contents of everything `.dockerignore` lets through.

    The Dockerfile and `.dockerignore` themselves always count. Raises WorkspaceError for a file
    that cannot be read.
    """
    known: dict[str, list[Any]] = memory.get("files", {})
    seen: dict[str, list[Any]] = {}
    now = time.time_ns()
    digest = sha256()
    for name in sorted(_names(root, dockerfile)):
        path = f"{root}/{name}"
        try:
            entry = _entry(path, known.get(name), now)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise WorkspaceError(
                f"cannot read `{name}` of the build context: {error.strerror}",
                hint="make it readable, or leave it out with a line in .dockerignore",
            ) from error
        seen[name] = entry
        digest.update(f"{name}\0{entry[0]}\0".encode("utf-8", "surrogateescape"))
    memory["files"] = seen
    return digest.hexdigest()


def _names(root: str, dockerfile: str) -> set[str]:
    from docker.utils.build import exclude_paths

    # `.git` is no source: a commit alone must not rebuild.
    patterns = [".git", *_ignored(root, dockerfile), f"!{dockerfile}"]
    return {name for name in exclude_paths(root, patterns, dockerfile=dockerfile) if name}


def _ignored(root: str, dockerfile: str) -> list[str]:
    """`<Dockerfile>.dockerignore` wins over `.dockerignore`, as in BuildKit."""
    for name in (f"{dockerfile}.dockerignore", ".dockerignore"):
        path = Path(root, name)
        if path.is_file():
            lines = path.read_text("utf-8", errors="replace").lstrip("\ufeff").splitlines()
            return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return []


def _entry(path: str, known: list[Any] | None, now: int) -> list[Any]:
    """[digest, size, mtime, ctime, inode]"""
    status = os.lstat(path)
    stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    if known and known[1:] == stamp and now - max(stamp[1], stamp[2]) > _SETTLED:
        return known
    kind = status.st_mode & 0o170000
    mode = oct(status.st_mode & 0o777)
    if kind == 0o120000:
        content = sha256(os.fsencode(Path(path).readlink())).hexdigest()
    elif kind == 0o100000:
        with open(path, "rb") as file:  # noqa: PTH123 (a path of bytes or text alike)
            content = _sha256_of(file)
    else:
        content = ""
    return [f"{oct(kind)} {mode} {content}", *stamp]


def _sha256_of(file: Any) -> str:
    from hashlib import file_digest

    return file_digest(file, "sha256").hexdigest()
