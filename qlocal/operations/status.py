"""What runs in one environment."""

from dataclasses import dataclass

from qlocal.compose.naming import (
    LABEL_APPLICATION,
    LABEL_REQUESTED,
    LABEL_TYPE,
    LABEL_VERSION,
    Environment,
)
from qlocal.engine import Engine
from qlocal.operations._attached import attached_services
from qlocal.operations.project import Request, identify
from qlocal.plan.facts import Container
from qlocal.workspace.record import load_record
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """`kind` is application or the type of the backing service; `requested` is the image asked
    for where a stand-in runs, else "". One that runs elsewhere has the state `attached`.
    """

    service: str
    kind: str
    version: str
    requested: str
    state: str
    health: str
    status: str
    url: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusResult:
    environment: Environment
    services: tuple[ServiceStatus, ...]


def status(request: Request, store: Store, engine: Engine) -> StatusResult:
    environment = identify(request, store)
    record = load_record(store.drawer(environment.name))
    ports = record.ports if record else {}
    found = [
        _status(container, ports.get(container.service, 0))
        for container in engine.containers(environment.name)
    ]
    if found:
        attached = attached_services(store.drawer(environment.name))
        found += [_elsewhere(name, one["type"], one["place"]) for name, one in attached.items()]
    found.sort(key=lambda one: (one.kind != "application", one.service))
    return StatusResult(environment=environment, services=tuple(found))


def _elsewhere(service: str, kind: str, place: str) -> ServiceStatus:
    return ServiceStatus(
        service=service,
        kind=kind,
        version="",
        requested="",
        state="attached",
        health="",
        status=f"attached to {place}",
        url="",
        container="",
    )


def _status(container: Container, port: int) -> ServiceStatus:
    is_application = LABEL_APPLICATION in container.labels
    listens = port and container.is_running
    scheme = "http" if is_application else container.labels.get(LABEL_TYPE, "tcp")
    return ServiceStatus(
        service=container.service,
        kind="application" if is_application else container.labels.get(LABEL_TYPE, ""),
        # An application inherits the labels of the image it is built from.
        version="" if is_application else container.labels.get(LABEL_VERSION, ""),
        requested=container.labels.get(LABEL_REQUESTED, ""),
        state=container.state,
        health=container.health,
        status=container.status,
        url=f"{scheme}://127.0.0.1:{port}" if listens else "",
        container=container.name,
    )
