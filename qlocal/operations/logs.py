"""The log lines of an environment's services."""

import re
import time
from collections.abc import Iterator, Sequence

from qlocal.engine import Engine, LogLine, LogQuery
from qlocal.errors import NotFound, UsageError
from qlocal.operations.project import Request, identify
from qlocal.workspace.store import Store


def logs(
    request: Request, store: Store, engine: Engine, services: Sequence[str], query: LogQuery
) -> tuple[Iterator[LogLine], tuple[str, ...]]:
    """The lines, and the services they come from. Raises NotFound for a service nobody knows."""
    environment = identify(request, store)
    containers = engine.containers(environment.name)
    known = tuple(sorted({container.service for container in containers}))
    if not containers:
        error = NotFound(f"nothing has been started for branch `{environment.branch}`")
        error.hint = "`qlocal up` starts it"
        raise error
    for service in services:
        if service not in known:
            raise NotFound(f"there is no service `{service}` in this environment", known=known)
    chosen = [one for one in containers if not services or one.service in services]
    return engine.logs(chosen, query), tuple(sorted({one.service for one in chosen}))


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def since_age(age: str) -> int | None:
    """`5m` → the Unix time five minutes ago; "" → None. Raises UsageError."""
    if not age:
        return None
    match = re.fullmatch(r"(\d+)([smhd])", age)
    if not match:
        raise UsageError(f"`{age}` is not an age", hint="write it like 30s, 5m, 2h or 1d")
    return int(time.time()) - int(match[1]) * _SECONDS[match[2]]
