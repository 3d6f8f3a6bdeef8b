"""What an environment remembers: drawn once, then the same on every run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qlocal.compose.given import Image
from qlocal.compose.naming import Environment
from qlocal.services import Credentials
from qlocal.workspace.store import Drawer, damaged

_FILE = "record.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`credentials` and `ports` go by service name, `images` by the reference asked for;
    `roots` are the folders of its applications, `probes_early` what the engine could do.
    """

    environment: Environment
    credentials: Mapping[str, Credentials] = field(default_factory=dict, repr=False)
    ports: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, Image] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    created: str = ""
    store: str = ""
    probes_early: bool = True


def load_record(drawer: Drawer) -> Record | None:
    """None before the first `up`. Raises WorkspaceError."""
    raw = drawer.read(_FILE)
    if not raw:
        return None
    try:
        return _record(raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(drawer.path / _FILE, f"{error} is missing or odd") from error


def _record(raw: dict[str, Any]) -> Record:
    return Record(
        environment=Environment(project=raw["project"], branch=raw["branch"]),
        credentials={name: Credentials(**one) for name, one in raw["credentials"].items()},
        ports=raw["ports"],
        images={one["requested"]: Image(**one) for one in raw["images"]},
        roots=tuple(raw["roots"]),
        created=raw["created"],
        store=raw["store"],
        probes_early=raw["probes_early"],
    )


def save_record(drawer: Drawer, record: Record) -> None:
    drawer.write(_FILE, _raw(record))


def _raw(record: Record) -> dict[str, Any]:
    return {
        "project": record.environment.project,
        "branch": record.environment.branch,
        "credentials": {
            name: {"username": one.username, "password": one.password, "database": one.database}
            for name, one in record.credentials.items()
        },
        "ports": dict(record.ports),
        "images": [
            {"requested": one.requested, "reference": one.reference, "version": one.version}
            for one in record.images.values()
        ],
        "roots": list(record.roots),
        "created": record.created,
        "store": record.store,
        "probes_early": record.probes_early,
    }
