"""A program in a container that runs."""

from dataclasses import replace

from qlocal.engine import Engine, Session
from qlocal.operations._here import default_application, look
from qlocal.operations.project import Request
from qlocal.workspace.store import Store

SHELL = ("sh", "-c", "if command -v bash >/dev/null; then exec bash; fi; exec sh")


def execute(request: Request, store: Store, engine: Engine, service: str, session: Session) -> int:
    """The program's exit code. Raises NotFound, or QlocalError where the service is stopped."""
    here = look(request, store, engine)
    return engine.exec(here.running(service).id, session)


def shell(request: Request, store: Store, engine: Engine, service: str, session: Session) -> int:
    """The better shell that the image has; without a service, in the application."""
    here = look(request, store, engine)
    container = here.running(service or default_application(request, store, here))
    return engine.exec(container.id, replace(session, command=SHELL))
