"""Paths in a manifest, of the Dockerfile, of volumes, of routes; none can leave its place."""

import re

from qlocal.manifest.cursor import Cursor
from qlocal.manifest.document import shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.kinds import Scalar
from qlocal.manifest.values import PLAIN, one_line

_KERNEL = ("proc", "sys", "dev")
_MEANINGFUL = re.compile(r"\\|\.\*|\(|\[|^\^|\$$")
"""What makes a route's path a regular expression; else it is a prefix."""


def is_pattern(path: str) -> bool:
    """A route's path that is an anchored regular expression rather than a prefix."""
    return _MEANINGFUL.search(path) is not None


def _dockerfile(text: str, at: Cursor) -> str | Fault:
    if fault := one_line(text):
        return fault
    if "\\" in text:
        at.warn(f"`{shown(text)}` has backslashes, read as slashes", "write slashes")
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts:
        message = f"`{shown(text)}` leads out of the repository, expected a path inside it"
        return Fault(message, "write the path from the root of the repository, without `..`")
    if not parts:
        message = f"`{shown(text)}` is a folder, expected the path of a Dockerfile"
        return Fault(message, "write its name too, for instance `Dockerfile`")
    return "/".join(parts)


DOCKERFILE = Scalar(
    expected="the path of a Dockerfile",
    convert=_dockerfile,
    json={
        **PLAIN,
        "pattern": r"^(?!.*(^|[/\\])\s*\.\.\s*([/\\]|$))[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
        r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029/\\.\s]"
        r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$",
    },
)


def mount_point(text: str) -> str | Fault:
    """The path in the container, repeated and trailing slashes dropped."""
    if fault := one_line(text):
        return fault
    if not text.startswith("/"):
        plain = re.fullmatch(r"[\w./-]+", text) and ".." not in text
        hint = f"write `/{text}`" if plain else "write a path such as `/mnt/data`"
        return Fault(f"found `{shown(text)}`, expected an absolute path in the container", hint)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    odd = ".." if ".." in parts else "".join(re.findall(r"[:$`,]", text)[:1])
    if odd:
        message = f"`{shown(text)}` holds `{odd}`, expected a plain path"
        return Fault(message, "only the path in the container goes here")
    hint = "mount it where the application keeps its data, like `/mnt/data`"
    if not parts:
        message = "a volume cannot replace the whole file system, expected a folder"
        return Fault(message, hint)
    if parts[0] in _KERNEL:
        message = f"`/{parts[0]}` belongs to the kernel, expected a folder of the application"
        return Fault(message, hint)
    return "/" + "/".join(parts)


def _mount_point(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)
    return mount_point(text)


MOUNT_POINT = Scalar(
    expected="an absolute path in the container",
    convert=_mount_point,
    json={
        "type": "string",
        "pattern": r"^\s*/(?![/.]*(proc|sys|dev)\s*(/|$))(?!(.*/)?\.\.\s*(/|$))(?=.*[^/.\s])"
        r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029:$`,]*$",
    },
)


def _paths(text: str, at: Cursor) -> tuple[str, ...] | Fault:
    """One entry of `paths`; several in one text are taken apart."""
    if fault := one_line(text):
        return fault
    parts = tuple(text.split())
    if len(parts) > 1:
        at.warn(f"`{shown(text)}` reads as {len(parts)} paths", "write each on a line of its own")
    for part in parts:
        if fault := _path(part, at):
            return fault
    return parts


def _path(path: str, at: Cursor) -> Fault | None:
    if is_pattern(path):
        try:
            re.compile(path)
        except (re.error, OverflowError, RecursionError) as error:
            message = f"`{shown(path)}` is not a regular expression: {error}"
            return Fault(message, "escape special characters with a backslash, or write a prefix")
        return None
    if not path.startswith("/"):
        hint = f"write `/{shown(path)}`" if not path.startswith("http") else "write the path only"
        return Fault(f"found `{shown(path)}`, expected a path that starts with `/`", hint)
    if "*" in path[:-1]:
        message = f"`*` in the middle of `{shown(path)}` is taken literally"
        at.warn(message, "put it at the end, or write a regular expression (`.*`)")
    return None


_ONE = r"(?:[/^]\S*|\S*(?:\\|\.\*|\(|\[)\S*|\S*\$(?=\s|$))"
PATHS = Scalar(
    expected="a path",
    convert=_paths,
    json={"type": "string", "maxLength": 4000, "pattern": rf"^[ \t]*{_ONE}(?:[ \t]+{_ONE})*\s*$"},
)
