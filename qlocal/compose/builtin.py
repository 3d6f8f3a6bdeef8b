"""The variables the platform sets: PORT, QOVERY_BRANCH_NAME, QOVERY_DATABASE_…, QOVERY_ROUTER_…

QOVERY_APPLICATION_COMMIT_SHA is not among them: with it, every commit would replace every
container, whatever it changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from qlocal.compose.attached import attach, in_uri
from qlocal.compose.given import Given
from qlocal.compose.json_b64 import Described, describe_services, json_b64
from qlocal.compose.naming import variable_name
from qlocal.compose.roster import PlacedApplication, PlacedService, Roster
from qlocal.compose.variables import Scope, Variable
from qlocal.errors import Problem, Severity, Where
from qlocal.services import Instance

LOOPBACK = "127.0.0.1"


def urls(roster: Roster, given: Given) -> dict[str, str]:
    """Where a browser on this machine finds the public applications that listen."""
    found = {placed.service: _url(placed, given) for placed in roster.applications}
    return {service: url for service, url in found.items() if url}


def _url(placed: PlacedApplication, given: Given) -> str:
    port = given.ports.get(placed.service)
    return f"http://{LOOPBACK}:{port}" if port and placed.port and placed.is_public else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What is the same for every application of an environment, made once for all of them."""

    instances: Mapping[str, Instance] = field(repr=False)
    variables: Mapping[str, Variable]
    described: Described


def shared_by_all(roster: Roster, given: Given, *, from_host: bool = False) -> Shared:
    """`from_host`: as a process outside the containers reaches the same services."""
    instances = {one.service: instance(one, given, from_host=from_host) for one in roster.services}
    found: dict[str, Variable] = {}
    for one in _common(roster, given, instances, from_host=from_host):
        found.setdefault(one.name, one)
    return Shared(
        instances=instances,
        variables={name: found[name] for name in sorted(found)},
        described=describe_services(roster, given, instances),
    )


def platform_variables(
    roster: Roster, given: Given, placed: PlacedApplication, shared: Shared | None = None
) -> Mapping[str, Variable]:
    """By name: those of the environment, and those that differ from one application to the next."""
    shared = shared or shared_by_all(roster, given)
    own = {one.name: one for one in _own(given, placed, shared)}
    return {**shared.variables, **own}


def instance(placed: PlacedService, given: Given, *, from_host: bool) -> Instance:
    """A published port is the only way in from outside; without one, it stays as containers find
    it.
    """
    it = given.instance(placed)
    if not from_host:
        return it
    if there := attach(placed, given.outside):
        return replace(it, host=there.host)
    port = given.ports.get(placed.service)
    return replace(it, host=LOOPBACK, port=port) if port else it


def _own(given: Given, placed: PlacedApplication, shared: Shared) -> Iterator[Variable]:
    application = placed.source.manifest.application
    # An image that sets PORT itself means it: what it exposes may be a server in front of that.
    if placed.port and "PORT" not in placed.source.dockerfile.environment:
        where = application.where_port or application.where
        yield _variable("PORT", str(placed.port), where)
    yield _variable(
        "QOVERY_JSON_B64",
        json_b64(given, placed, shared.described),
        application.where,
        secret=True,
    )
    # Two applications may each have a storage of one name: everybody sees its own.
    yield from _storage(placed)


def _common(
    roster: Roster, given: Given, instances: dict[str, Instance], *, from_host: bool
) -> Iterator[Variable]:
    yield _variable("QOVERY_BRANCH_NAME", given.environment.branch)
    yield _variable("QOVERY_IS_PRODUCTION", "true" if given.is_production else "false")
    for service in roster.services:
        yield from _backing(service, instances[service.service])
    for placed in roster.applications:
        yield from _application(placed, given, from_host=from_host)
        yield from _storage(placed)
    yield from _routers(roster, given)


def _variable(
    name: str, value: str, where: Where | None = None, *, secret: bool = False
) -> Variable:
    return Variable(name=name, value=value, scope=Scope.BUILT_IN, secret=secret, where=where)


def _backing(placed: PlacedService, it: Instance) -> Iterator[Variable]:
    """As documented; `_VERSION` is as requested, even where a stand-in runs."""
    uri, bare = placed.kind.uri(in_uri(it)), placed.kind.uri_without_credentials(in_uri(it))
    values = {
        "NAME": placed.declared.name,
        "TYPE": placed.kind.type.upper(),
        "VERSION": placed.kind.requested(placed.declared.version),
        "HOST": it.host,
        "FQDN": it.host,
        "PORT": str(it.port),
        "USERNAME": it.credentials.username,
        "PASSWORD": it.credentials.password,
        "DATABASE": it.credentials.database,
        "CONNECTION_URI": uri,
        "CONNECTION_URI_WITHOUT_CREDENTIALS": bare,
    }
    secret = {"PASSWORD"} | ({"CONNECTION_URI"} if uri != bare else set())
    for suffix, value in values.items():
        name = variable_name(placed.variable_prefix, suffix)
        yield _variable(name, value, placed.declared.where, secret=suffix in secret)


def _application(placed: PlacedApplication, given: Given, *, from_host: bool) -> Iterator[Variable]:
    """`_HOSTNAME` is the name; `_HOST` is a URL without trailing slash, as programs that read it
    expect.
    """
    where = placed.source.manifest.application.where
    name, port = placed.service, placed.port
    if from_host and port and (published := given.ports.get(placed.service)):
        name, port = LOOPBACK, published
    yield _variable(variable_name("QOVERY_APPLICATION", placed.name, "HOSTNAME"), name, where)
    yield _variable(variable_name("QOVERY", placed.name, "HOSTNAME"), name, where)
    host = f"http://{name}:{port}" if port else f"http://{name}"
    yield _variable(variable_name("QOVERY_APPLICATION", placed.name, "HOST"), host, where)


def _storage(placed: PlacedApplication) -> Iterator[Variable]:
    """By the general rule for names; no program was ever seen to read them."""
    for one in placed.source.manifest.application.storage:
        values = {"NAME": one.name, "TYPE": one.type.upper(), "MOUNT_POINT": one.mount_point}
        if one.size:
            values["SIZE"] = f"{one.size}GB"
        for suffix, value in values.items():
            yield _variable(variable_name("QOVERY_STORAGE", one.name, suffix), value, one.where)


def _routers(roster: Roster, given: Given) -> Iterator[Variable]:
    """A router's URL is that of the first application it routes to. Some programs look for it by
    the name of their application too.
    """
    by_name = {placed.name.lower(): placed for placed in roster.applications}
    longer: list[Variable] = []
    for placed in roster.applications:
        for router in placed.source.manifest.routers:
            targets = (by_name.get(route.application.lower()) for route in router.routes)
            found = next((url for one in targets if one and (url := _url(one, given))), "")
            if not found:
                continue
            yield _variable(variable_name("QOVERY_ROUTER", router.name, "URL"), found, router.where)
            host = found.removeprefix("http://")
            yield _variable(variable_name("QOVERY_ROUTER", router.name, "HOST"), host, router.where)
            name = variable_name("QOVERY_ROUTER", placed.name, router.name, "URL")
            longer.append(_variable(name, found, router.where))
    yield from longer


def clashes(roster: Roster) -> list[Problem]:
    """Names that differ in the manifest and are one name among variables: the first has it."""
    found: list[Problem] = []
    taken: dict[str, str] = {}
    for placed in roster.applications:
        application = placed.source.manifest.application
        named = [("QOVERY_APPLICATION", application.name, application.where)]
        named += [(f"{placed.service} STORAGE", one.name, one.where) for one in application.storage]
        for category, name, where in named:
            key = variable_name(category, name)
            if taken.setdefault(key, name) == name:
                continue
            message = (
                f"`{name}` and `{taken[key]}` have the same variables, which are `{taken[key]}`'s"
            )
            hint = "give one of them a name that differs in letters or digits"
            found.append(
                Problem(where=where, message=message, hint=hint, severity=Severity.WARNING)
            )
    return found
