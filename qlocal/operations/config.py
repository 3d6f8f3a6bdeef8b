"""The Compose file qlocal would run."""

from dataclasses import dataclass
from typing import Any

from qlocal.engine import Engine
from qlocal.errors import Problem
from qlocal.operations._apply import SECRETS_FILE
from qlocal.operations._memory import remember
from qlocal.operations.project import Request, open_project, translate_project
from qlocal.workspace.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigResult:
    """`document` is the file as data, without Compose's `$` escapes."""

    document: dict[str, Any]
    is_drawn: bool
    problems: tuple[Problem, ...]


def config(
    request: Request, store: Store, engine: Engine, *, show_secrets: bool = False
) -> ConfigResult:
    """Secrets stay in a file in $QLOCAL_HOME that the printed one extends; with `show_secrets`
    one file holds all. Asks the engine nothing.
    """
    project = open_project(request, store)
    translation = translate_project(project, remember(project, store, engine), engine)
    secrets_file = "" if show_secrets else str(project.drawer.path / SECRETS_FILE)
    return ConfigResult(
        document=translation.project.document(secrets_file=secrets_file),
        is_drawn=project.drawer.exists,
        problems=translation.problems,
    )
