"""A one-off: a process of its own in an application's image, variables, volumes and network."""

from collections.abc import Sequence
from dataclasses import dataclass

from qlocal.compose.naming import LABEL_RUN, slug
from qlocal.compose.roster import PlacedApplication
from qlocal.engine import Engine, OneOff, Report, Session
from qlocal.errors import NotFound
from qlocal.operations._runs import own_run
from qlocal.operations.project import Project, Request, open_project
from qlocal.operations.up import Options, UpResult, up
from qlocal.plan.one_off import Part
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`words` are an application's name, where the first is one, and the command; `session` is
    how it is run. Without `removes` its container stays until `down`.
    """

    words: tuple[str, ...]
    session: Session
    removes: bool = True


def run(request: Request, store: Store, engine: Engine, wish: Wish, report: Report) -> int:
    """Returns the process's exit code. Whatever `up` would make and start for the backing services
    is made and started first, and the image is built; the applications stay as they are.
    """
    project = open_project(request, store)
    placed, command = split(wish.words, project.roster.applications)
    done = up(request, store, engine, Options(part=_part(project, placed)), report)
    with own_run(project.drawer) as name:
        container = engine.create_one_off(_one_off(done, placed.service, command, (wish, name)))
        try:
            return engine.attend(container, tty=wish.session.tty)
        finally:
            engine.stop([container])
            if wish.removes:
                engine.remove(containers=[container])


def split(
    words: Sequence[str], applications: Sequence[PlacedApplication]
) -> tuple[PlacedApplication, tuple[str, ...]]:
    """The application and the command. Before `--` stands an application, and only one."""
    for placed in applications:
        if words and words[0] in (placed.name, placed.service):
            rest = tuple(words[1:])
            return placed, rest[1:] if rest[:1] == ("--",) else rest
    if tuple(words[1:2]) == ("--",):
        raise NotFound(
            f"there is no application `{words[0]}` here",
            known=tuple(placed.service for placed in applications),
        )
    return applications[0], tuple(words)


def _part(project: Project, placed: PlacedApplication) -> Part:
    backing = (one.service for one in project.roster.created.services)
    return Part(running=frozenset(backing), made=frozenset({placed.service}))


def _one_off(
    done: UpResult, service: str, command: tuple[str, ...], wished: tuple[Wish, str]
) -> OneOff:
    wish, name = wished
    session = wish.session
    return OneOff(
        name=f"{done.environment}-{slug(service)}-run-{name}",
        project=done.translation.project,
        service=done.translation.project.service(service),
        session=Session(
            command=command,
            tty=session.tty,
            user=session.user,
            directory=session.directory,
            variables=session.variables,
        ),
        labels={LABEL_RUN: name if wish.removes else ""},
    )
