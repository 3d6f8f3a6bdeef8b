"""What there is of an environment, found by the names people use."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from qlocal.compose.naming import LABEL_APPLICATION, Environment, slug
from qlocal.engine import Engine, Event, Kind, Report
from qlocal.errors import NotFound, QlocalError
from qlocal.operations._attached import attached_services
from qlocal.operations.project import Request, identify, open_project
from qlocal.plan.facts import Container
from qlocal.workspace.store import Drawer, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """`attached` are types and places of the services that run elsewhere."""

    environment: Environment
    containers: tuple[Container, ...]
    attached: Mapping[str, Mapping[str, str]]

    def container(self, name: str) -> Container:
        """By service, or by the name in the manifest. Raises NotFound with the known ones."""
        if not self.containers:
            error = NotFound(f"nothing has been started for branch `{self.environment.branch}`")
            error.hint = "`qlocal up` starts it"
            raise error
        for one in self.containers:
            if one.service in (name, slug(name)) or one.labels.get(LABEL_APPLICATION) == name:
                return one
        known = sorted({one.service for one in self.containers})
        if there := self.attached.get(slug(name)):
            raise NotFound(
                f"`{name}` is attached: it runs at {there['place']}, not here", known=known
            )
        raise NotFound(f"there is no service `{name}` in this environment", known=known)

    def running(self, name: str) -> Container:
        """Raises QlocalError where it is stopped."""
        found = self.container(name)
        if not found.is_running:
            raise QlocalError(
                f"`{found.service}` does not run ({found.state})",
                hint=f"`qlocal start {found.service}` starts it, `qlocal logs {found.service}` "
                "shows its last words",
            )
        return found


def look(request: Request, store: Store, engine: Engine) -> Here:
    environment = identify(request, store)
    return Here(
        environment=environment,
        containers=engine.containers(environment.name),
        attached=attached_services(store.drawer(environment.name)),
    )


def default_application(request: Request, store: Store, here: Here) -> str:
    """The only one there is, else the one whose manifest we stand beside."""
    found = {one.service for one in here.containers if LABEL_APPLICATION in one.labels}
    if len(found) == 1:
        return found.pop()
    return open_project(request, store).roster.applications[0].service


@contextmanager
def changing(environment: Environment, drawer: Drawer, report: Report) -> Iterator[None]:
    """While we change it, nobody else does."""

    def waiting() -> None:
        text = "another qlocal is changing this environment; waiting for it"
        report(Event(kind=Kind.STEP, subject=environment.name, text=text))

    with drawer.locked(waiting):
        yield
