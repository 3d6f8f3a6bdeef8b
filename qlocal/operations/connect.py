"""A way into a backing service: its own client, or an address for a client of the user's."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from qlocal.compose.attached import Attached, attach, in_uri
from qlocal.compose.given import Given
from qlocal.compose.naming import slug
from qlocal.compose.roster import PlacedService
from qlocal.engine import Engine, Session
from qlocal.errors import NotFound, QlocalError
from qlocal.operations._here import look
from qlocal.operations.project import Project, Request, given_of, open_project
from qlocal.services import Instance
from qlocal.workspace.record import load_record
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    placed: PlacedService
    instance: Instance
    attached: Attached | None


def connect(request: Request, store: Store, engine: Engine, name: str, session: Session) -> int:
    """The type's own client in the container, which has the credentials in its environment.
    `session.command` are more arguments for it. Returns its exit code.
    """
    target = _target(request, store, name)
    kind, service = target.placed.kind, target.placed.service
    if target.attached:
        raise QlocalError(
            f"`{service}` is attached: it runs at {target.attached.place}, and the client that "
            "qlocal would use is in the container of a server it runs itself",
            hint=f"`qlocal connect {service} --print-uri --show-secrets` is for a client of yours",
        )
    container = look(request, store, engine).running(service)
    if kind.client is None:
        raise QlocalError(
            f"there is no command-line client for {kind.type}",
            hint=f"`qlocal connect {service} --print-uri` is for a client of yours",
        )
    command = (*kind.client(target.instance), *session.command)
    return engine.exec(container.id, replace(session, command=command))


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a client on this machine finds it. `relays`: only as long as we live."""

    uri: str
    relays: bool


def open_address(
    request: Request,
    store: Store,
    engine: Engine,
    name: str,
    *,
    show: Callable[[Address], None],
    secrets: bool = False,
) -> None:
    """Hands `show` the URI, with user and password only where `secrets`. Returns at once where it
    is published or attached; else relays a port on loopback until Ctrl-C.
    """
    target = _target(request, store, name)

    def uri(host: str, port: int) -> str:
        instance = in_uri(replace(target.instance, host=host, port=port))
        kind = target.placed.kind
        return kind.uri(instance) if secrets else kind.uri_without_credentials(instance)

    if target.attached:
        there = uri(target.attached.host, target.attached.port)
        show(Address(uri=there, relays=False))
        return
    container = look(request, store, engine).running(target.placed.service)
    port = target.placed.kind.port
    if published := container.ports.get(port):
        show(Address(uri=uri("127.0.0.1", published), relays=False))
        return

    def opened(number: int) -> None:
        show(Address(uri=uri("127.0.0.1", number), relays=True))

    engine.forward(container, port, opened)


def _target(request: Request, store: Store, name: str) -> _Target:
    project = open_project(request, store)
    record = load_record(project.drawer)
    if record is None:
        error = NotFound(f"nothing has been started for branch `{project.environment.branch}`")
        error.hint = "`qlocal up` starts it"
        raise error
    placed = _placed(project, name)
    given: Given = given_of(project, record)
    return _Target(
        placed=placed,
        instance=given.instance(placed),
        attached=attach(placed, given.outside),
    )


def _placed(project: Project, name: str) -> PlacedService:
    services = project.roster.services
    for placed in services:
        if name in (placed.service, placed.declared.name) or slug(name) == placed.service:
            return placed
    for application in project.roster.applications:
        if name in (application.service, application.name):
            raise QlocalError(
                f"`{name}` is an application, and `connect` is for backing services",
                hint=f"`qlocal shell {application.service}` opens a shell in it",
            )
    raise NotFound(
        f"there is no backing service `{name}` in this environment",
        known=tuple(placed.service for placed in services),
    )
