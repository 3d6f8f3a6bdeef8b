"""Where a service is found from this machine."""

from qlocal.engine import Engine
from qlocal.errors import QlocalError
from qlocal.operations._here import default_application, look
from qlocal.operations.project import Request
from qlocal.operations.status import status
from qlocal.workspace.store import Store


def url(request: Request, store: Store, engine: Engine, name: str) -> str:
    """Of the application without a name. Raises QlocalError where it has none or does not run."""
    here = look(request, store, engine)
    container = here.running(name or default_application(request, store, here))
    service = container.service
    for one in status(request, store, engine).services:
        if one.service == service and one.url:
            return one.url
    raise QlocalError(
        f"`{service}` has no URL: nothing of it is published on this machine",
        hint="`publicly_accessible: true` and a `port` give an application one, `publish: true` "
        "in qlocal.yml a backing service",
    )
