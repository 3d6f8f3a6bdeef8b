"""The keys of `routers`."""

from qlocal.errors import Severity
from qlocal.manifest.document import Log, shown
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import ListOf
from qlocal.manifest.model import CustomDomain, Route, Router
from qlocal.manifest.paths import PATHS
from qlocal.manifest.values import HOST, NAME, REFERENCE, TEXT

APPLICATION_NAME = Key(
    name="application_name",
    kind=REFERENCE,
    says="Application of the project that answers on these paths",
    required=True,
    example="application_name: my-application",
)
PATHS_KEY = Key(
    name="paths",
    kind=ListOf(item=PATHS, least=1),
    says="Prefixes (`/`, `/api/*`) or regular expressions",
    required=True,
    example="paths: ['/']",
)


def _route(record: Record) -> Route:
    paths = tuple(path for entry in record.get(PATHS_KEY) or () for path in entry)
    name = record.get(APPLICATION_NAME) or ""
    return Route(application=name, paths=paths, where=record.where)


ROUTE = MapOf(
    keys=(APPLICATION_NAME, PATHS_KEY),
    build=_route,
    elsewhere={"application": "did you mean `application_name`?", "path": "did you mean `paths`?"},
)
BRANCH = Key(name="branch", kind=TEXT, says="Branch whose environment has the domain")
DOMAIN = Key(
    name="domain",
    kind=HOST,
    says="Host name",
    required=True,
    example="domain: api.example.com",
)


def _custom_domain(record: Record) -> CustomDomain:
    return CustomDomain(
        domain=record.get(DOMAIN) or "", branch=record.get(BRANCH) or "", where=record.where
    )


CUSTOM_DOMAIN = MapOf(keys=(BRANCH, DOMAIN), build=_custom_domain)
NAME_KEY = Key(
    name="name",
    kind=NAME,
    says="Name; routers of one name in several applications are one router",
    required=True,
    example="name: main",
)
ROUTES = Key(
    name="routes",
    kind=ListOf(item=ROUTE, least=1),
    says="Which application answers where",
    required=True,
    example="routes:",
)
CUSTOM_DOMAINS = Key(
    name="custom_domains",
    kind=ListOf(item=CUSTOM_DOMAIN),
    says="Your own host names, by branch",
    later="URLs are ports on 127.0.0.1",
)
DNS = Key(
    name="dns",
    kind=HOST,
    says="Host name of the production branch, an older form",
    later="URLs are ports on 127.0.0.1",
)


def _router(record: Record) -> Router:
    domains = record.get(CUSTOM_DOMAINS) or ()
    if dns := record.get(DNS):
        where = record.cursor(DNS).where
        domains = (*domains, CustomDomain(domain=dns, production=True, where=where))
    return Router(
        name=record.get(NAME_KEY) or "",
        routes=record.get(ROUTES) or (),
        custom_domains=domains,
        where=record.where,
    )


ROUTER = MapOf(
    keys=(NAME_KEY, ROUTES, CUSTOM_DOMAINS, DNS),
    build=_router,
    elsewhere=dict.fromkeys(
        ("domain", "domains", "host"),
        "host names go in `custom_domains`, each with `branch` and `domain`",
    ),
)


def check_routers(routers: tuple[Router, ...], log: Log) -> None:
    """One path belongs to one route of a router; the first is kept."""
    seen: dict[tuple[str, str], Route] = {}
    names: dict[str, Router] = {}
    for router in routers:
        first_router = names.setdefault(router.name, router)
        if first_router is not router and router.name:
            place = (router.where.line, router.where.column)
            message = f"two routers are called `{shown(router.name)}` and are read as one"
            log.add(place, message, "join their routes", Severity.WARNING)
        for route in router.routes:
            for path in route.paths:
                first = seen.setdefault((router.name, path), route)
                if first is not route:
                    place = (route.where.line, route.where.column)
                    message = f"path `{shown(path)}` of router `{shown(router.name)}` is taken"
                    hint = f"the route in line {first.where.line} answers; delete one of the two"
                    log.add(place, message, hint, Severity.WARNING)
