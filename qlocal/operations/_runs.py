"""Which `qlocal run` still live: each holds a lock that dies with it, however it dies."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from qlocal.workspace.store import Drawer

_FOLDER = "runs"


@contextmanager
def own_run(drawer: Drawer) -> Iterator[str]:
    """A name for one run, held until it ends."""
    name = secrets.token_hex(6)
    own = Drawer(path=drawer.path / _FOLDER / name)
    with own.locked(lambda: None):
        try:
            yield name
        finally:
            own.delete()


def held_runs(drawer: Drawer) -> frozenset[str]:
    return frozenset(one.path.name for one in drawer.drawers(_FOLDER) if one.is_locked)


def forget_dead_runs(drawer: Drawer) -> None:
    """Their folders; to be called when their containers are gone."""
    for one in drawer.drawers(_FOLDER):
        if not one.is_locked:
            one.delete()
