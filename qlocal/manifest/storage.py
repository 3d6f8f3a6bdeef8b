"""Volumes: the entries of `application.storage`, and of the older `storage` at the root."""

import re
from typing import Any

from qlocal.manifest.cursor import Cursor
from qlocal.manifest.document import shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import Anything, ListOf, Scalar
from qlocal.manifest.model import Storage
from qlocal.manifest.paths import MOUNT_POINT, mount_point
from qlocal.manifest.values import LONGEST, PLAIN, SIZE, choice, one_line

_DISKS = ("slow_hdd", "hdd", "ssd", "fast_ssd")
_TYPOS = {"sdd": "ssd", "fast_sdd": "fast_ssd", "slow_sdd": "slow_hdd"}
_REMOTE = ("object-storage", "object_storage", "nfs")


def _label(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)
    """A name; `/` was one in a published example, so no letter is asked for."""
    if fault := one_line(text):
        return fault
    if len(text) > LONGEST or re.search(r"\$\(|[`:,]|(^|/)\.\.(/|$)", text):
        return Fault(f"found `{shown(text)}`, expected a name", "use letters, digits and `-`")
    return text


NAME = Key(
    name="name",
    kind=Scalar(
        expected="a name",
        convert=_label,
        json={
            **PLAIN,
            "maxLength": LONGEST,
            "pattern": r"^(?!.*(\$\(|(^|/)\s*\.\.\s*(/|$)))(?=.*\S)"
            r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029`:,]*$",
        },
    ),
    says="Name of the volume, unique in the application",
    required=True,
    example="name: data",
)
TYPE = Key(
    name="type",
    kind=choice("a disk type", _DISKS, _TYPOS),
    says="Kind of disk; informational here",
)
SIZE_KEY = Key(
    name="size",
    kind=SIZE,
    says="Size, such as `10GB`",
    later="a volume takes what it needs of the disk",
)
MOUNT = Key(
    name="mount_point",
    kind=MOUNT_POINT,
    says="Where the application sees it; `/mnt/<name>` by default",
)


def _storage(record: Record) -> Storage:
    name = record.get(NAME) or ""
    mount = record.get(MOUNT)
    if mount is None and name and not record.has(MOUNT):
        default = mount_point(f"/mnt/{name}")
        if isinstance(default, Fault):
            record.cursor(NAME).problem(default.message, "add `mount_point: /mnt/data`")
        else:
            mount = default
    return Storage(
        name=name,
        mount_point=mount or "",
        type=record.get(TYPE) or "ssd",
        size=record.get(SIZE_KEY) or 0,
        where=record.where,
    )


STORAGE = MapOf(keys=(NAME, TYPE, SIZE_KEY, MOUNT), build=_storage)
_BUCKET: tuple[Key[Any], ...] = (
    Key(name="bucket", kind=Anything(), says="Bucket", ignored="there is no object storage yet"),
    Key(
        name="public_access",
        kind=Anything(),
        says="Public access",
        ignored="there is no object storage yet",
    ),
)
REMOTE_TYPE = Key(
    name="type", kind=choice("a storage type", (*_DISKS, *_REMOTE), _TYPOS), says="Kind of storage"
)


def _root_storage(record: Record) -> Storage | None:
    kind = record.get(REMOTE_TYPE) or "ssd"
    if kind in _REMOTE:
        what = "network storage" if kind == "nfs" else "object storage"
        record.cursor(REMOTE_TYPE).warn(
            f"{what} is not run by qlocal, so `{shown(record.get(NAME) or '')}` is left out",
            "use `application.storage` for a volume of the application",
        )
        return None
    return _storage(record)


ROOT_STORAGE = ListOf(
    item=MapOf(keys=(NAME, REMOTE_TYPE, SIZE_KEY, MOUNT, *_BUCKET), build=_root_storage)
)


def check_storages(storages: tuple[Storage, ...], at: Cursor) -> None:
    """Two volumes need two names and two places."""
    seen: dict[str, str] = {}
    for storage in storages:
        for what in {f"name `{storage.name}`", f"mount point `{storage.mount_point}`"}:
            if not what.endswith("``") and what in seen:
                at.log.add(
                    (storage.where.line, storage.where.column),
                    f"two volumes with the {what}",
                    "give one of them another",
                )
            seen[what] = storage.name
