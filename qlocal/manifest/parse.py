"""`.qovery.yml` → `Manifest`, or every problem at once."""

from dataclasses import replace

from qlocal.errors import Severity
from qlocal.manifest.application import APPLICATION, ApplicationPart
from qlocal.manifest.cursor import Cursor
from qlocal.manifest.databases import check_names, section_of
from qlocal.manifest.document import Log, Node, Parsed, read_document
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import Anything, ListOf
from qlocal.manifest.model import Manifest, Router
from qlocal.manifest.routers import ROUTER, check_routers
from qlocal.manifest.storage import ROOT_STORAGE, check_storages
from qlocal.manifest.tasks import CI, TASK

__all__ = ["Parsed", "parse_manifest"]

APPLICATION_KEY = Key(
    name="application",
    kind=APPLICATION,
    says="The application of this repository",
    required=True,
    old=("app",),
    example="application:` with `name` and `project",
)
DATABASES = Key(
    name="databases",
    kind=ListOf(item=section_of("databases")),
    says="Databases of the environment",
)
BROKERS = Key(
    name="brokers", kind=ListOf(item=section_of("brokers")), says="Brokers of the environment"
)
ROUTERS = Key(name="routers", kind=ListOf(item=ROUTER), says="URLs and what answers on them")
ROOT_STORAGES = Key(
    name="storage", kind=ROOT_STORAGE, says="Volumes, an older place for `application.storage`"
)
TASKS = Key(
    name="scheduled_tasks",
    kind=ListOf(item=TASK),
    says="What to call or run at certain times",
    later="nothing is started by a clock",
)
CI_KEY = Key(name="ci", kind=CI, says="Tests of the application", later="no command runs them")
QOVERY = Key(
    name="qovery",
    kind=Anything(),
    says="Key of the project at Qovery",
    ignored="a project needs no registration here",
)
NETWORK = Key(
    name="network",
    kind=Anything(),
    says="Predecessor of `routers`",
    ignored="`routers` took its place",
)


def _manifest(record: Record) -> Manifest | None:
    part = record.get(APPLICATION_KEY)
    databases, brokers = record.get(DATABASES) or (), record.get(BROKERS) or ()
    check_names((*databases, *brokers), record.at.log)
    if part is None:
        return None
    routers = record.get(ROUTERS) or ()
    if part.routes and not routers:
        where = part.routes[0].where
        routers = (Router(name="main", routes=part.routes, where=where),)
    check_routers(routers, record.at.log)
    storages = (*part.application.storage, *(record.get(ROOT_STORAGES) or ()))
    check_storages(storages, record.cursor(APPLICATION_KEY))
    _check_private(record, part, routers)
    return Manifest(
        application=replace(part.application, storage=storages),
        databases=databases,
        brokers=brokers,
        routers=routers,
        scheduled_tasks=record.get(TASKS) or (),
        test_commands=record.get(CI_KEY) or (),
        where=record.where,
    )


def _check_private(record: Record, part: ApplicationPart, routers: tuple[Router, ...]) -> None:
    """An explicit `publicly_accessible: false` wins over routes, which is worth a word."""
    application = part.application
    if application.publicly_accessible is not False:
        return
    for router in routers:
        for route in router.routes:
            if route.application.lower() == application.name.lower():
                record.at.log.add(
                    (route.where.line, route.where.column),
                    f"`{application.name}` has a route but `publicly_accessible: false`, "
                    "so it gets no URL",
                    "delete `publicly_accessible: false`, or the route",
                    Severity.WARNING,
                )


ROOT = MapOf(
    keys=(
        APPLICATION_KEY,
        DATABASES,
        BROKERS,
        ROUTERS,
        ROOT_STORAGES,
        TASKS,
        CI_KEY,
        QOVERY,
        NETWORK,
    ),
    build=_manifest,
    elsewhere={
        **dict.fromkeys(
            ("environment", "environment_variables", "env", "variables"),
            "variables go in `.env`, or in `qlocal env set`",
        ),
        "version": "delete it; the format has no version",
        "services": "databases go in `databases`, brokers in `brokers`",
        "build": "the Dockerfile is named by `application.dockerfile`",
        "resources": "they are `application.cpu` and `application.ram`",
        "name": "indent it under `application:`",
        "project": "indent it under `application:`",
        "applications": "one file describes one application, under `application`",
    },
)


def parse_manifest(data: bytes, path: str) -> Parsed[Manifest]:
    """Read a manifest of any generation. `path` is only used to say where."""
    log = Log(path)
    root = read_document(data, log, what="a manifest")
    if root is None:
        return log.parsed(None)
    if root.kind == "null":
        log.add((1, 1), "the file is empty, expected a manifest", "`qlocal init` writes one")
        return log.parsed(None)
    return log.parsed(ROOT.read(Cursor(node=root, log=log)))


def project_in(data: bytes) -> str:
    """The project that a manifest names, whatever else is wrong with it; "" when none is told."""
    root = read_document(data, Log(""), what="a manifest")
    for name in ("application", "app"):
        application = _child(root, name)
        project = _child(application, "project")
        if project is not None and project.kind == "text":
            return project.text
    return ""


def _child(node: Node | None, name: str) -> Node | None:
    if node is None or node.kind != "map":
        return None
    return next((value for key, value in node.pairs if key.text == name), None)
