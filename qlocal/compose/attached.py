"""A backing service that runs elsewhere: where programs find it, and as whom they come."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from qlocal.compose.roster import PlacedService
from qlocal.errors import Problem
from qlocal.manifest.settings import Attachment
from qlocal.services import Credentials, Instance

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 (names, not a socket)
_FROM_INSIDE = "host.docker.internal"
THIS_MACHINE = f"{_FROM_INSIDE}:host-gateway"  # a line of `extra_hosts`

_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def is_this_machine(host: str) -> bool:
    return host.lower() in _THIS_MACHINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """`host` is as the user says it. A container is a machine of its own, so where that is this
    machine, `address` is another name for it.
    """

    service: str
    type: str
    host: str
    port: int
    credentials: Credentials

    @property
    def address(self) -> str:
        return _FROM_INSIDE if is_this_machine(self.host) else self.host

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


def attach(placed: PlacedService, outside: Mapping[str, str]) -> Attached | None:
    """None for a service that qlocal creates. `outside` is what `$NAME` stands for; a user and a
    database that are not given are the type's usual ones.
    """
    given, kind = placed.settings.attach, placed.kind
    if given is None:
        return None
    has_login = kind.has_login(kind.requested(placed.declared.version))
    return Attached(
        service=placed.service,
        type=kind.type,
        host=_value(given.host, outside),
        port=given.port or kind.port,
        credentials=Credentials(
            username=_value(given.username, outside) or (kind.username if has_login else ""),
            password=_value(given.password, outside),
            database=_value(given.database, outside)
            or kind.default_database.format(name=placed.declared.name),
        ),
    )


def references(services: Iterable[PlacedService]) -> frozenset[str]:
    """The names of the variables that attachments refer to."""
    found = (one.settings.attach for one in services if one.settings.attach)
    return frozenset(name for one in found for text in _texts(one) if (name := _name(text)))


def problems(services: Iterable[PlacedService], outside: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(
            where=one.where or placed.declared.where,
            message=f"`{placed.declared.name}` is attached with `${name}`, which is not set",
            hint=f"`export {name}=…`, or set it in `.env`",
        )
        for placed in services
        if (one := placed.settings.attach)
        for name in sorted(references([placed]) - outside.keys())
    ]


def in_uri(it: Instance) -> Instance:
    """With credentials as a URI spells them: those of others hold any character."""
    credentials = Credentials(
        username=quote(it.credentials.username, safe=""),
        password=quote(it.credentials.password, safe=""),
        database=quote(it.credentials.database, safe=""),
    )
    return replace(it, credentials=credentials)


def _texts(one: Attachment) -> tuple[str, ...]:
    return (one.host, one.username, one.password, one.database)


def _name(text: str) -> str:
    """A value is a reference as a whole or not at all: passwords have dollars."""
    match = _REFERENCE.fullmatch(text.strip())
    return (match[1] or match[2]) if match else ""


def _value(text: str, outside: Mapping[str, str]) -> str:
    name = _name(text)
    return outside.get(name, "") if name else text
