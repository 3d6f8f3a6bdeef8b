"""What an environment remembers, with whatever it lacks drawn: passwords, ports."""

import secrets
import string
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from qlocal.compose.naming import short_digest
from qlocal.compose.roster import PlacedService, Roster
from qlocal.engine import Engine
from qlocal.errors import WorkspaceError
from qlocal.operations.project import Project
from qlocal.services import Credentials
from qlocal.workspace.record import Record, load_record, save_record
from qlocal.workspace.store import Store

_LETTERS = string.ascii_letters + string.digits
_FIRST_PORT, _PORTS = 20_000, 12_000  # below the range from which systems draw ports themselves


def remember(
    project: Project, store: Store, engine: Engine, *, saves: bool = False, new_ports: bool = False
) -> Record:
    """With `saves`, what was drawn is on disk before anything is made with it, and no two
    environments draw the same port; without, nothing is written at all.
    """
    record = load_record(project.drawer) or Record(
        environment=project.environment, created=datetime.now(UTC).isoformat(timespec="seconds")
    )
    credentials = dict(record.credentials)
    for placed in project.roster.created.services:
        credentials.setdefault(placed.service, _draw_credentials(placed))
    roots = [placed.source.root for placed in project.roster.applications]
    known = tuple(dict.fromkeys((*record.roots, *roots)))
    record = replace(record, credentials=credentials, roots=known)
    if not saves:
        return replace(record, ports=_ports(project, record, store, engine, new=new_ports))
    identity = store.identity()
    with store.locked() if _lacks_ports(project, record, new=new_ports) else nullcontext():
        ports = _ports(project, record, store, engine, new=new_ports)
        record = replace(record, ports=ports, store=identity, probes_early=engine.probes_early)
        if record != load_record(project.drawer):
            save_record(project.drawer, record)
    return record


def ports_wanted(roster: Roster) -> tuple[str, ...]:
    """Public applications that listen, and backing services that qlocal.yml publishes."""
    return tuple(
        placed.service for placed in roster.applications if placed.is_public and placed.port
    ) + tuple(placed.service for placed in roster.created.services if placed.settings.publish)


def _draw_credentials(placed: PlacedService) -> Credentials:
    """Letters and digits only: safe in every URI, shell and configuration file."""
    return Credentials(
        username=placed.kind.username,
        password="".join(secrets.choice(_LETTERS) for _ in range(24)),
        database=placed.kind.default_database.format(name=placed.declared.name),
    )


def _lacks_ports(project: Project, record: Record, *, new: bool) -> bool:
    return new or any(service not in record.ports for service in ports_wanted(project.roster))


def _ports(
    project: Project, record: Record, store: Store, engine: Engine, *, new: bool
) -> dict[str, int]:
    """The same environment gets the same ports on every machine where they are free. What other
    applications of the environment have, they keep.
    """
    wanted = ports_wanted(project.roster)
    ports = {
        service: port for service, port in record.ports.items() if not (new and service in wanted)
    }
    if all(service in ports for service in wanted):
        return ports
    taken = {*_ports_of_others(project, store), *record.ports.values()}
    for service in wanted:
        if service in ports:
            continue
        first = int(short_digest(project.environment.name, service, length=8), 16)
        candidates = (_FIRST_PORT + (first + offset) % _PORTS for offset in range(_PORTS))
        port = next(one for one in candidates if one not in taken and engine.port_is_free(one))
        ports[service] = port
        taken.add(port)
    return ports


def _ports_of_others(project: Project, store: Store) -> set[int]:
    """A damaged record of another environment is that one's trouble, not this one's."""
    found: set[int] = set()
    for drawer in store.drawers():
        if drawer.path == project.drawer.path:
            continue
        try:
            record = load_record(drawer)
        except WorkspaceError:
            continue
        found |= set(record.ports.values()) if record else set()
    return found
