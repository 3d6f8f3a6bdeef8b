"""The keys of `application`."""

from dataclasses import dataclass
from typing import Any

from qlocal.errors import Where
from qlocal.manifest.deployment import NOTIFICATION, READY_CHECK, UPGRADE_STRATEGY
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import Anything, ListOf, OneOrMany
from qlocal.manifest.model import Application, Route
from qlocal.manifest.paths import DOCKERFILE, PATHS
from qlocal.manifest.storage import STORAGE
from qlocal.manifest.values import BOOLEAN, CPU, NAME, PORT, RAM, SECONDS, TEXT, WORDS

PATH = Key(name="path", kind=PATHS, says="Path", required=True, example="path: /")


def _legacy_paths(record: Record) -> tuple[str, ...]:
    return record.get(PATH) or ()


NAME_KEY = Key(
    name="name",
    kind=NAME,
    says="Name of the application, unique in its project",
    required=True,
    example="name: my-application",
)
PROJECT = Key(
    name="project",
    kind=NAME,
    says="Applications with the same project share their environments",
    required=True,
    example="project: my-project",
)
ORGANIZATION = Key(
    name="organization",
    kind=TEXT,
    says="Organization that owns the project",
    ignored="on one machine nobody else owns a project of that name",
)
PUBLIC = Key(
    name="publicly_accessible",
    kind=BOOLEAN,
    says="Whether the application has an URL; one that is named in a route has one anyway",
)
PORT_KEY = Key(
    name="port", kind=PORT, says="Port the application listens on, when EXPOSE does not say so"
)
PRIVATE_PORT = Key(
    name="private_port",
    kind=OneOrMany(item=PORT),
    says="Old form of `port`",
    old=("private_ports",),
)
DOCKERFILE_KEY = Key(
    name="dockerfile", kind=DOCKERFILE, says="Path of the Dockerfile, from the root"
)
CPU_KEY = Key(name="cpu", kind=CPU, says="CPUs (`1`) or thousandths of one (`256m`)")
RAM_KEY = Key(name="ram", kind=RAM, says="Memory, such as `512MB` or `1GB`")
START_TIMEOUT = Key(
    name="start_timeout",
    kind=SECONDS,
    says="Time the application may take to start, such as `30s` or `2m`",
    old=("start_time_delay",),
)
DEPENDS_ON = Key(
    name="depends_on",
    kind=OneOrMany(item=WORDS),
    says="Applications of the project that start before this one",
)
STORAGES = Key(name="storage", kind=ListOf(item=STORAGE), says="Volumes of the application")
READY_CHECK_KEY = Key(
    name="ready_check", kind=READY_CHECK, says="How to tell that the application is ready"
)
BRANCHES = OneOrMany(item=TEXT)
ACTIVE_ENVIRONMENTS = Key(
    name="active_environments",
    kind=BRANCHES,
    says="Only these branches have an environment",
    later="every branch may have an environment",
)
PRODUCTION_BRANCHES = Key(
    name="production_branches",
    kind=BRANCHES,
    says="Branches whose environment is the production",
    old=("production_branch",),
)
UPGRADE_KEY = Key(
    name="upgrade_strategy",
    kind=UPGRADE_STRATEGY,
    says="How a new version replaces the old one",
    later="a new version replaces the old one at once",
)
NOTIFICATIONS = Key(
    name="notification",
    kind=ListOf(item=NOTIFICATION),
    says="Whom to tell about deployments",
    later="nothing is sent",
    old=("notifications",),
)
LEGACY_ROUTES = Key(
    name="routes",
    kind=ListOf(item=MapOf(keys=(PATH,), build=_legacy_paths)),
    says="Old form of `routers`",
)
PUBLIC_PORTS = Key(name="public_ports", kind=Anything(), says="Old form of `port`")
_HERE = "everything runs on this machine"
IGNORED: tuple[Key[Any], ...] = (
    Key(name="cloud_region", kind=Anything(), says="Cloud and region", ignored=_HERE),
    Key(name="region", kind=Anything(), says="Cloud and region", ignored=_HERE),
    Key(
        name="public_port",
        kind=Anything(),
        says="Port of the URL",
        ignored="URLs are served by the router, on its own port",
    ),
    Key(name="cache", kind=Anything(), says="CDN", ignored="there is no CDN on this machine"),
    Key(
        name="nfs",
        kind=Anything(),
        says="Shared network storage",
        ignored="no volume is shared between applications; `storage` gives one of its own",
    ),
    *(
        Key(
            name=name,
            kind=Anything(),
            says="Branches whose data is copied from the production",
            ignored="`qlocal fork` copies data when asked",
        )
        for name in ("restrict_replicated_branch", "production_replicated_branch")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPart:
    """What `application` says; `routes` are those of the time before routers."""

    application: Application
    routes: tuple[Route, ...] = ()


def _application(record: Record) -> ApplicationPart:
    name = record.get(NAME_KEY) or ""
    if record.has(PUBLIC_PORTS):
        record.cursor(PUBLIC_PORTS).warn(
            "`public_ports` is ignored: examples of it disagree on which number is which",
            "write `port` with the port the application listens on",
            at=record.cursor(PUBLIC_PORTS).key,
        )
    application = Application(
        name=name,
        project=record.get(PROJECT) or "",
        organization=record.get(ORGANIZATION) or "",
        publicly_accessible=record.get(PUBLIC),
        port=record.get(PORT_KEY),
        private_ports=record.get(PRIVATE_PORT) or (),
        dockerfile=record.get(DOCKERFILE_KEY) or "Dockerfile",
        cpu=record.get(CPU_KEY),
        ram=record.get(RAM_KEY),
        start_timeout=record.get(START_TIMEOUT),
        depends_on=_depends_on(record, name),
        storage=record.get(STORAGES) or (),
        ready_check=record.get(READY_CHECK_KEY),
        active_environments=record.get(ACTIVE_ENVIRONMENTS) or (),
        production_branches=record.get(PRODUCTION_BRANCHES) or (),
        upgrade_strategy=record.get(UPGRADE_KEY),
        notifications=record.get(NOTIFICATIONS) or (),
        where=record.where,
        where_dockerfile=_value_where(record, DOCKERFILE_KEY),
        where_port=_value_where(record, PORT_KEY),
        where_depends_on=_value_where(record, DEPENDS_ON),
    )
    return ApplicationPart(application=application, routes=_legacy_routes(record, name))


def _value_where(record: Record, key: Key[Any]) -> Where | None:
    return record.cursor(key).value_where if record.has(key) else None


def _depends_on(record: Record, name: str) -> tuple[str, ...]:
    words = tuple(word for entry in record.get(DEPENDS_ON) or () for word in entry)
    if name.lower() in {word.lower() for word in words}:
        message = f"`{name}` cannot start before itself"
        record.cursor(DEPENDS_ON).problem(message, f"delete `{name}` from the list")
    return tuple(dict.fromkeys(words))


def _legacy_routes(record: Record, name: str) -> tuple[Route, ...]:
    paths = tuple(path for entry in record.get(LEGACY_ROUTES) or () for path in entry)
    if not paths:
        return ()
    where = record.cursor(LEGACY_ROUTES).where
    return (Route(application=name, paths=paths, where=where),)


APPLICATION = MapOf(
    keys=(
        NAME_KEY,
        PROJECT,
        ORGANIZATION,
        PUBLIC,
        PORT_KEY,
        PRIVATE_PORT,
        DOCKERFILE_KEY,
        CPU_KEY,
        RAM_KEY,
        START_TIMEOUT,
        DEPENDS_ON,
        STORAGES,
        READY_CHECK_KEY,
        ACTIVE_ENVIRONMENTS,
        PRODUCTION_BRANCHES,
        UPGRADE_KEY,
        NOTIFICATIONS,
        LEGACY_ROUTES,
        PUBLIC_PORTS,
        *IGNORED,
    ),
    build=_application,
    elsewhere={
        **dict.fromkeys(
            ("environment_variables", "environment", "env", "variables"),
            "variables go in `.env`, or in `qlocal env set`",
        ),
        **dict.fromkeys(
            ("command", "cmd", "health_check", "healthcheck", "hooks"),
            "it goes in `qlocal.yml`, under `applications`",
        ),
        **dict.fromkeys(
            ("instances", "replicas"), "`replicas` goes in `qlocal.yml`, under `applications`"
        ),
        **dict.fromkeys(("memory", "mem"), "memory is `ram: 512MB`"),
        **dict.fromkeys(("build_mode", "buildpacks"), "write a Dockerfile; it is found by itself"),
        "databases": "indent it like `application`, not inside it",
        "brokers": "indent it like `application`, not inside it",
        "routers": "indent it like `application`, not inside it",
    },
)
