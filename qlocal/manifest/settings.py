"""`qlocal.yml`: what Qovery's file has no word for. Every key is optional."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qlocal.errors import Where
from qlocal.manifest.cursor import Cursor
from qlocal.manifest.document import Log, Parsed, read_document, shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import ListOf, Pairs, Scalar, Schema
from qlocal.manifest.values import BOOLEAN, HOST, PORT, TEXT, number, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A service that runs elsewhere. Values may be `$NAME`; `port` None is the type's own."""

    host: str
    port: int | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    where: Where | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """By the name in the manifest: another image, a port published on loopback, or an own server
    in place of the one qlocal would start.
    """

    image: str = ""
    publish: bool = False
    attach: Attachment | None = None
    where: Where | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSettings:
    """By `application.name`: what Qovery's file has no key for.

    `replicas` is by branch pattern, first match counts; `hooks` are shell commands by moment;
    `watch` are path patterns.
    """

    command: tuple[str, ...] = ()
    health_path: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)
    hooks: Mapping[str, str] = field(default_factory=dict)
    watch: tuple[str, ...] = ()
    where: Where | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Somewhere to send logs to."""

    url: str
    where: Where | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`images` maps any image reference, of a service or of a FROM line, to another one."""

    domain: str = "localhost"
    images: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, ServiceSettings] = field(default_factory=dict)
    applications: Mapping[str, ApplicationSettings] = field(default_factory=dict)
    drains: tuple[Drain, ...] = ()


_IMAGE_PATTERN = r"^\s*[A-Za-z0-9][A-Za-z0-9._/:@-]{0,300}\s*$"


def _image(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)

    return text if re.match(_IMAGE_PATTERN, text) else Fault("", "write it like `redis:7`")


IMAGE = Scalar(
    expected="an image reference",
    convert=_image,
    json={"type": "string", "pattern": _IMAGE_PATTERN},
)


def _health_path(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)
    if fault := one_line(text):
        return fault
    if not text.startswith("/"):
        return Fault(f"found `{shown(text)}`, expected a path", f"write `/{shown(text)}`")
    return text


HOST_KEY = Key(
    name="host", kind=TEXT, says="Host of the server", required=True, example="host: db.example"
)
PORT_KEY = Key(name="port", kind=PORT, says="Port of the server")
USERNAME = Key(name="username", kind=TEXT, says="User name")
PASSWORD = Key(name="password", kind=TEXT, says="Password, better as `$NAME` of a variable")
DATABASE = Key(name="database", kind=TEXT, says="Name of the database")


def _attachment(record: Record) -> Attachment:
    return Attachment(
        host=record.get(HOST_KEY) or "",
        port=record.get(PORT_KEY),
        username=record.get(USERNAME) or "",
        password=record.get(PASSWORD) or "",
        database=record.get(DATABASE) or "",
        where=record.where,
    )


IMAGE_KEY = Key(name="image", kind=IMAGE, says="Image to run instead of the official one")
PUBLISH = Key(name="publish", kind=BOOLEAN, says="Publish the port on the loopback interface")
ATTACH = Key(
    name="attach",
    kind=MapOf(keys=(HOST_KEY, PORT_KEY, USERNAME, PASSWORD, DATABASE), build=_attachment),
    says="Use a server that runs elsewhere",
)


def _service(record: Record) -> ServiceSettings:
    return ServiceSettings(
        image=record.get(IMAGE_KEY) or "",
        publish=record.get(PUBLISH) or False,
        attach=record.get(ATTACH),
        where=record.where,
    )


SERVICE = MapOf(keys=(IMAGE_KEY, PUBLISH, ATTACH), build=_service)
COUNT = number("a number from 0 to 100", 0, 100, r"^\s*0*(100|[1-9]?\d)\s*$")
BY_BRANCH = Pairs(value=COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replicas:
    """A number for all branches, or one for each pattern of branch names."""

    def read(self, at: Cursor) -> Mapping[str, int] | None:
        if at.node.kind == "map":
            return BY_BRANCH.read(at)
        count = COUNT.read(at)
        return None if count is None else {"*": count}

    def schema(self) -> Schema:
        return {"anyOf": [COUNT.schema(), BY_BRANCH.schema()]}


COMMAND = Key(name="command", kind=ListOf(item=TEXT), says="Command instead of the image's own")
PATH = Key(
    name="path",
    kind=Scalar(
        expected="a path", convert=_health_path, json={"type": "string", "pattern": r"^\s*/"}
    ),
    says="Path that answers 200 when healthy",
)


def _health(record: Record) -> str:
    return record.get(PATH) or ""


HEALTH = Key(
    name="health", kind=MapOf(keys=(PATH,), build=_health), says="How to tell that it is healthy"
)
REPLICAS = Key(
    name="replicas",
    kind=_Replicas(),
    says="How many containers, by branch pattern",
    later="every application has one container",
)
HOOKS = Key(
    name="hooks", kind=Pairs(value=TEXT), says="Commands to run at a moment", later="none is run"
)
WATCH = Key(
    name="watch",
    kind=ListOf(item=TEXT),
    says="Paths whose changes matter",
    later="no file is watched",
)


def _application(record: Record) -> ApplicationSettings:
    return ApplicationSettings(
        command=record.get(COMMAND) or (),
        health_path=record.get(HEALTH) or "",
        replicas=record.get(REPLICAS) or {},
        hooks=record.get(HOOKS) or {},
        watch=record.get(WATCH) or (),
        where=record.where,
    )


APPLICATION = MapOf(keys=(COMMAND, HEALTH, REPLICAS, HOOKS, WATCH), build=_application)
URL = Key(name="url", kind=TEXT, says="Where to send logs", required=True, example="url: …")


def _drain(record: Record) -> Drain:
    return Drain(url=record.get(URL) or "", where=record.where)


DOMAIN = Key(name="domain", kind=HOST, says="Base domain of the URLs, `localhost` by default")
IMAGES = Key(
    name="images", kind=Pairs(value=IMAGE), says="Any image, of a service or of a FROM → another"
)
SERVICES = Key(name="services", kind=Pairs(value=SERVICE), says="By the name in the manifest")
APPLICATIONS = Key(name="applications", kind=Pairs(value=APPLICATION), says="By `application.name`")
DRAINS = Key(
    name="drains",
    kind=ListOf(item=MapOf(keys=(URL,), build=_drain)),
    says="Where to send logs",
    later="logs stay where they are",
)


def _settings(record: Record) -> Settings:
    return Settings(
        domain=record.get(DOMAIN) or "localhost",
        images=record.get(IMAGES) or {},
        services=record.get(SERVICES) or {},
        applications=record.get(APPLICATIONS) or {},
        drains=record.get(DRAINS) or (),
    )


SETTINGS = MapOf(
    keys=(DOMAIN, IMAGES, SERVICES, APPLICATIONS, DRAINS),
    build=_settings,
    elsewhere=dict.fromkeys(
        ("application", "databases", "brokers", "routers"),
        "it goes in `.qovery.yml`",
    ),
)


def parse_settings(data: bytes, path: str) -> Parsed[Settings]:
    """Read `qlocal.yml`; an empty file is all defaults. `path` is only used to say where."""
    log = Log(path)
    root = read_document(data, log, what="qlocal.yml")
    if root is None:
        return log.parsed(None)
    if root.kind == "null":
        return log.parsed(Settings())
    return log.parsed(SETTINGS.read(Cursor(node=root, log=log)))
