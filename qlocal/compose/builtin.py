"""The variables the platform sets: QOVERY_BRANCH_NAME, QOVERY_DATABASE_…, QOVERY_ROUTER_…"""

from collections.abc import Iterator

from qlocal.compose.given import Given
from qlocal.compose.naming import variable_name
from qlocal.compose.roster import PlacedApplication, PlacedService, Roster
from qlocal.compose.variables import Scope, Variable, looks_secret
from qlocal.services import Instance


def urls(roster: Roster, given: Given) -> dict[str, str]:
    """Where a browser on this machine finds the public applications that listen."""
    found = {placed.service: _url(placed, given) for placed in roster.applications}
    return {service: url for service, url in found.items() if url}


def _url(placed: PlacedApplication, given: Given) -> str:
    port = given.ports.get(placed.service)
    return f"http://127.0.0.1:{port}" if port and placed.port and placed.is_public else ""


def platform_variables(roster: Roster, given: Given) -> tuple[Variable, ...]:
    """The same for every application of the environment."""
    values = dict(_values(roster, given))
    return tuple(
        Variable(name=name, value=value, scope=Scope.BUILT_IN, secret=looks_secret(name, value))
        for name, value in values.items()
    )


def _values(roster: Roster, given: Given) -> Iterator[tuple[str, str]]:
    yield "QOVERY_BRANCH_NAME", given.environment.branch
    yield "QOVERY_IS_PRODUCTION", "true" if given.is_production else "false"
    for service in roster.services:
        yield from _service_values(service, given.instance(service))
    for application in roster.applications:
        yield from _application_values(application)
    yield from _router_values(roster, given)


def _service_values(placed: PlacedService, it: Instance) -> Iterator[tuple[str, str]]:
    """As documented; `_VERSION` is as requested, even where a stand-in runs."""
    values = {
        "NAME": placed.declared.name,
        "TYPE": placed.kind.type.upper(),
        "VERSION": placed.kind.tag(placed.declared.version),
        "HOST": it.host,
        "FQDN": it.host,
        "PORT": str(it.port),
        "USERNAME": it.credentials.username,
        "PASSWORD": it.credentials.password,
        "DATABASE": it.credentials.database,
        "CONNECTION_URI": placed.kind.uri(it),
        "CONNECTION_URI_WITHOUT_CREDENTIALS": placed.kind.uri_without_credentials(it),
    }
    for suffix, value in values.items():
        yield f"{placed.variable_prefix}_{suffix}", value


def _application_values(placed: PlacedApplication) -> Iterator[tuple[str, str]]:
    """`_HOSTNAME` is the name; `_HOST` is a URL without trailing slash, as programs that read it
    expect.
    """
    yield variable_name("QOVERY_APPLICATION", placed.name, "HOSTNAME"), placed.service
    yield variable_name("QOVERY", placed.name, "HOSTNAME"), placed.service
    host = f"http://{placed.service}:{placed.port}" if placed.port else f"http://{placed.service}"
    yield variable_name("QOVERY_APPLICATION", placed.name, "HOST"), host


def _router_values(roster: Roster, given: Given) -> Iterator[tuple[str, str]]:
    """A router's URL is that of the first application it routes to."""
    by_name = {placed.name.lower(): placed for placed in roster.applications}
    for placed in roster.applications:
        for router in placed.source.manifest.routers:
            for route in router.routes:
                target = by_name.get(route.application.lower())
                if target and (found := _url(target, given)):
                    yield variable_name("QOVERY_ROUTER", router.name, "URL"), found
                    host = found.removeprefix("http://")
                    yield variable_name("QOVERY_ROUTER", router.name, "HOST"), host
                    break
