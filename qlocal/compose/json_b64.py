"""QOVERY_JSON_B64: the application as the platform's API described it, for its old SDKs.

They read `databases[].{type,name,fqdn,port,username,password,version}`. No clock is in it, and no
identifier is drawn, so that it changes only when what it says does.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qlocal.compose.attached import in_uri
from qlocal.compose.given import Given
from qlocal.compose.naming import short_digest
from qlocal.compose.roster import PlacedApplication, PlacedService, Roster
from qlocal.manifest.model import Storage
from qlocal.services import Instance

# Only these bytes become `+` or `/`. Escaped in JSON, the text reads the same in the URL-safe
# alphabet, which the SDK for Go expects.
_ESCAPED = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in ">?~\x7f"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The environment's services as JSON: the same in the description of every application."""

    databases: str = field(repr=False)
    brokers: str = field(repr=False)
    total_databases: int
    total_brokers: int


def describe_services(roster: Roster, given: Given, instances: Mapping[str, Instance]) -> Described:
    by_section: dict[str, list[dict[str, Any]]] = {"databases": [], "brokers": []}
    for one in roster.services:
        described = _service(one, given, instances[one.service])
        by_section[one.declared.section].append(described)
    return Described(
        databases=_text(by_section["databases"]),
        brokers=_text(by_section["brokers"]),
        total_databases=len(by_section["databases"]),
        total_brokers=len(by_section["brokers"]),
    )


def json_b64(given: Given, placed: PlacedApplication, described: Described) -> str:
    text = _text(_application(given, placed, described))
    # Keys that no name can be mistaken for: a name's quotes would be escaped.
    text = text.replace('"databases":null', f'"databases":{described.databases}', 1)
    text = text.replace('"brokers":null', f'"brokers":{described.brokers}', 1)
    return b64encode(text.encode("ascii")).decode("ascii")


def _text(document: object) -> str:
    return json.dumps(document, separators=(",", ":")).translate(_ESCAPED)


def _application(given: Given, placed: PlacedApplication, described: Described) -> dict[str, Any]:
    storage = [_storage(one, placed, given) for one in placed.source.manifest.application.storage]
    databases, brokers = described.total_databases, described.total_brokers
    found: dict[str, Any] = {
        "id": _id(given, "application", placed.name),
        "object_type": "Application",
        "name": placed.name,
        "status": "LIVE",
        "fqdn": placed.service,
        "environment": {
            "id": _id(given, "environment"),
            "object_type": "Environment",
            "name": given.environment.branch,
        },
        "databases": None,
        "brokers": None,
        "storage": storage,
        "total_services": databases + brokers + len(storage),
        "total_databases": databases,
        "total_brokers": brokers,
        "total_storage": len(storage),
        "total_unknown": 0,
    }
    if placed.port:
        found["private_port"] = placed.port
    public = given.ports.get(placed.service)
    if public and placed.port:
        found["public_port"] = public
        found["connection_uri"] = f"http://127.0.0.1:{public}"
    return found


def _service(placed: PlacedService, given: Given, it: Instance) -> dict[str, Any]:
    category = "DATABASE" if placed.declared.section == "databases" else "BROKER"
    return {
        "id": _id(given, category, placed.declared.name, placed.kind.type),
        "object_type": "Service",
        "category": category,
        "name": placed.declared.name,
        "type": placed.kind.type.upper(),
        "version": placed.kind.requested(placed.declared.version),
        "fqdn": it.host,
        "port": it.port,
        "username": it.credentials.username,
        "password": it.credentials.password,
        "connection_uri": placed.kind.uri(in_uri(it)),
        "status": "LIVE",
    }


def _storage(storage: Storage, placed: PlacedApplication, given: Given) -> dict[str, Any]:
    return {
        "id": _id(given, "STORAGE", placed.name, storage.name),
        "object_type": "Service",
        "category": "STORAGE",
        "name": storage.name,
        "type": storage.type.upper(),
        "mount_point": storage.mount_point,
        "disk_size_in_mb": storage.size * 1024,
        "status": "LIVE",
    }


def _id(given: Given, *parts: str) -> str:
    environment = given.environment
    return short_digest(environment.project, environment.branch, *parts, length=32)
