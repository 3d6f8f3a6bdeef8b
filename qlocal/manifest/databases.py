"""The keys of `databases` and `brokers`."""

import re
from collections.abc import Callable
from typing import Literal

from qlocal.errors import Severity
from qlocal.manifest.cursor import Cursor, nearest
from qlocal.manifest.document import Log, shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import Scalar
from qlocal.manifest.model import BackingService
from qlocal.manifest.values import NAME, SIZE, any_case, measured
from qlocal.services import catalogue

Section = Literal["databases", "brokers"]
QOVERY_TYPES: dict[Section, tuple[str, ...]] = {
    "databases": (
        "postgresql",
        "mysql",
        "mariadb",
        "mongodb",
        "redis",
        "memcached",
        "elasticsearch",
        "cassandra",
    ),
    "brokers": ("rabbitmq", "kafka"),
}
"""Types that a manifest may name, whether or not qlocal runs them; the catalogue adds its own."""

_OTHER_WORDS = {
    "postgres": "postgresql",
    "pg": "postgresql",
    "psql": "postgresql",
    "mongo": "mongodb",
    "maria": "mariadb",
    "elastic": "elasticsearch",
    "opensearch": "elasticsearch",
    "memcache": "memcached",
    "rabbit": "rabbitmq",
    "amqp": "rabbitmq",
}
_VERSION = r"^\s*\w[\w.-]{0,127}\s*$"


def known_types(section: Section) -> tuple[str, ...]:
    """Every type that may stand in a section."""
    ours = [it.type for it in catalogue().values() if it.section == section]
    return tuple(dict.fromkeys((*QOVERY_TYPES[section], *ours)))


def _type(section: Section) -> Scalar[str]:
    noun = {"databases": "database", "brokers": "broker"}[section]
    known = known_types(section)

    def convert(text: str, at: Cursor) -> str | Fault:
        word = text.lower()
        if word == "documentdb" and section == "databases":
            at.warn("`documentdb` is read as `mongodb`", "write `mongodb`")
            return "mongodb"
        if word in known:
            return word
        other: Section = "brokers" if section == "databases" else "databases"
        if word in known_types(other):
            message = f"`{shown(text)}` is not a {noun}"
            return Fault(message, f"move the entry to `{other}`")
        near = _OTHER_WORDS.get(word, "")
        near = near if near in known else nearest(word, known)
        listed = ", ".join(f"`{name}`" for name in known)
        hint = f"did you mean `{near}`?" if near else f"the types are {listed}"
        return Fault(f"unknown {noun} type `{shown(text)}`", hint)

    accepted = (*known, "documentdb") if section == "databases" else known
    words = "|".join(any_case(word) for word in accepted)
    json = {"type": "string", "pattern": rf"^\s*({words})\s*$"}
    return Scalar(expected=f"a {noun} type", convert=convert, json=json)


def _version(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001
    if re.match(_VERSION, text, re.ASCII):
        return text
    return Fault("", "write a number such as `16` or `11.5`, or `latest`")


def _backup_window(found: re.Match[str], at: Cursor) -> tuple[int, int] | Fault:  # noqa: ARG001
    return int(found[1]), int(found[2])


NAME_KEY = Key(
    name="name", kind=NAME, says="Name, part of its variables", required=True, example="name: my-db"
)
VERSION = Key(
    name="version",
    kind=Scalar(
        expected="a version",
        convert=_version,
        json={
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "boolean"},
                {"type": "string", "pattern": r"^\s*[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\s*$"},
            ]
        },
    ),
    says="Version; the newest when absent or `latest`",
)
BACKUP_WINDOW = Key(
    name="backup_window",
    kind=measured(
        r"^\s*([01]?\d|2[0-4])h?\s*-\s*([01]?\d|2[0-4])h?\s*$",
        "two hours of the day such as `01-05`",
        "write `01-05`",
        _backup_window,
    ),
    says="Hours in which a backup may be made",
    later="backups are made by `qlocal backup`",
)
SIZE_KEY = Key(
    name="size",
    kind=SIZE,
    says="Size, such as `20GiB`",
    later="a volume takes what it needs of the disk",
)


def _builder(section: Section, type_key: Key[str]) -> Callable[[Record], BackingService]:
    def build(record: Record) -> BackingService:
        kind, version = record.get(type_key) or "", record.get(VERSION) or ""
        _doubt_version(record, kind, version)
        return BackingService(
            name=record.get(NAME_KEY) or "",
            type=kind,
            version=version,
            section=section,
            backup_window=record.get(BACKUP_WINDOW),
            size=record.get(SIZE_KEY) or 0,
            where=record.where,
        )

    return build


def _doubt_version(record: Record, kind: str, version: str) -> None:
    """Warn about a version whose first number no known version has."""
    service = catalogue().get(kind)
    if service is None or version in ("", "latest"):
        return
    majors = list(dict.fromkeys(known.split(".")[0] for known in service.versions))
    if version.split(".", maxsplit=1)[0].split("-", maxsplit=1)[0] not in majors:
        message = f"`{shown(version)}` is no version of {kind} that qlocal knows"
        listed = ", ".join(f"`{major}`" for major in majors)
        record.cursor(VERSION).warn(message, f"it is tried as it stands; known are {listed}")


def section_of(section: Section) -> MapOf[BackingService]:
    """One entry of `databases` or `brokers`."""
    noun = {"databases": "database", "brokers": "broker"}[section]
    example = {"databases": "type: postgresql", "brokers": "type: rabbitmq"}[section]
    type_key = Key(
        name="type",
        kind=_type(section),
        says=f"Which {noun}",
        required=True,
        example=example,
    )
    return MapOf(
        keys=(type_key, NAME_KEY, VERSION, BACKUP_WINDOW, SIZE_KEY),
        build=_builder(section, type_key),
        elsewhere=dict.fromkeys(
            ("config", "user", "username", "password", "port", "host", "storage_size"),
            "delete it; qlocal makes the credentials, and hands them over in variables",
        ),
    )


def variable_part(name: str) -> str:
    """How a name appears in the names of variables."""
    return re.sub(r"[^a-zA-Z0-9]+", "_", name).upper()


def check_names(services: tuple[BackingService, ...], log: Log) -> None:
    """Two services whose variables would have the same names."""
    seen: dict[str, BackingService] = {}
    for service in services:
        part = variable_part(service.name)
        first = seen.setdefault(part, service)
        if first is service or not service.name or not service.type:
            continue
        place = (service.where.line, service.where.column)
        message = f"two databases are called `{shown(service.name)}`"
        if first.name != service.name:
            names = f"`{shown(first.name)}` and `{shown(service.name)}`"
            message = f"{names} give variables of the same names (`…_{part}_…`)"
        if first.type == service.type:
            log.add(place, message, "give one of them another name")
        else:
            hint = "their variables are told apart by type; better give one another name"
            log.add(place, message, hint, Severity.WARNING)
