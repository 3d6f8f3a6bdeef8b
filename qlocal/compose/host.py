"""The same variables for a process on the host, which is in no network of the containers."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from qlocal.compose.builtin import LOOPBACK
from qlocal.compose.given import Given
from qlocal.compose.roster import PlacedApplication, PlacedService, Roster
from qlocal.compose.scopes import Scope, Variable
from qlocal.errors import Problem, Severity, Where

_HOST = re.compile(r"(.*?)(?:HOST|HOSTNAME|FQDN|SERVER|ADDR|ADDRESS)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How containers find something, and where it is on the loopback interface; `published` is 0
    where it is not there. `name` is that of the manifest.
    """

    service: str
    name: str
    names: tuple[str, ...]
    port: int
    published: int
    is_backing: bool = True
    where: Where


def doors(roster: Roster, given: Given) -> Iterator[Door]:
    """Of everything that listens in the environment."""
    for backing in roster.created.services:
        declared = backing.declared
        yield Door(
            service=backing.service,
            name=declared.name,
            names=_names(backing),
            port=backing.kind.port,
            published=given.ports.get(backing.service, 0),
            where=declared.where,
        )
    for placed in roster.applications:
        if placed.port:
            yield Door(
                service=placed.service,
                name=placed.name,
                names=_names(placed),
                port=placed.port,
                published=given.ports.get(placed.service, 0),
                is_backing=False,
                where=placed.source.manifest.application.where,
            )


def _names(placed: PlacedApplication | PlacedService) -> tuple[str, ...]:
    return (placed.service, placed.alias) if placed.alias else (placed.service,)


def closed(ways: Iterable[Door], own: str, drawn: Collection[str]) -> list[Problem]:
    """What a process on the host cannot reach, except the application it stands for. `drawn` are
    the services whose port the last `up` published.
    """
    found: list[Problem] = []
    for way in ways:
        if way.service == own or (way.published and way.service in drawn):
            continue
        message = f"`{way.name}` publishes no port, so a process on the host cannot reach it"
        hint = f"`services: {{{way.name}: {{publish: true}}}}` in qlocal.yml, then `qlocal up`"
        if way.published:
            message = f"the port of `{way.name}` is not published yet"
            hint = "`qlocal up` publishes it"
        elif not way.is_backing:
            hint = "`publicly_accessible: true` under its `application`, then `qlocal up`"
        found.append(
            Problem(where=way.where, message=message, hint=hint, severity=Severity.WARNING)
        )
    return found


def rewritten(variables: Iterable[Variable], ways: Iterable[Door]) -> tuple[Variable, ...]:
    """What users wrote by hand: `name:port` wherever it stands, `X_HOST` and its `X_PORT`."""
    open_ways = [one for one in ways if one.published]
    found = {one.name: one for one in variables}
    for name, one in tuple(found.items()):
        if one.scope is Scope.BUILT_IN:
            continue
        for way in open_ways:
            found[name] = replace(found[name], value=_with_places(found[name].value, way))
            if one.value in way.names and (match := _HOST.fullmatch(name)):
                found[name] = replace(one, value=LOOPBACK)
                sibling = found.get(f"{match[1]}PORT") or found.get(f"{match[1]}port")
                if sibling and sibling.value == str(way.port):
                    found[sibling.name] = replace(sibling, value=str(way.published))
    return tuple(found.values())


def _with_places(value: str, way: Door) -> str:
    names = "|".join(re.escape(name) for name in way.names)
    return re.sub(rf"(?<![\w.-])(?:{names}):{way.port}(?!\d)", f"{LOOPBACK}:{way.published}", value)
