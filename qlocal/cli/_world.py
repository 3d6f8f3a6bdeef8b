"""The engine and the store a command works with. Only here is decided which."""

from qlocal.engine import Engine, connect
from qlocal.workspace.store import Store, default_home


def store() -> Store:
    return Store(home=default_home())


def engine() -> Engine:
    return connect()
