"""Backing services elsewhere: whether they answer, and where they did at the last `up`."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from qlocal.compose.attached import Attached
from qlocal.compose.translate import Translation
from qlocal.engine import Engine
from qlocal.errors import Failure, Unhealthy
from qlocal.workspace.store import Drawer

_FILE = "attached.json"


def check_attached(translation: Translation, engine: Engine, drawer: Drawer) -> None:
    """Raises Unhealthy with what was tried for each that does not answer; else remembers all."""
    attached = translation.attached
    if attached:
        with ThreadPoolExecutor() as pool:
            reasons = pool.map(lambda one: engine.why_unreachable(one.host, one.port), attached)
            failures = [
                _failure(one, reason)
                for one, reason in zip(attached, reasons, strict=True)
                if reason
            ]
        if failures:
            raise Unhealthy(failures)
    now = {one.service: {"type": one.type, "place": one.place} for one in attached}
    if now != drawer.read(_FILE).get("attached", {}):
        drawer.write(_FILE, {"attached": now})


def _failure(one: Attached, reason: str) -> Failure:
    return Failure(
        service=one.service,
        phase="attach",
        what=f"nothing answers at {one.place}, where qlocal.yml says that it runs",
        evidence=(reason,),
        next=(
            "start that server, or let it listen where containers reach it, then `qlocal up`",
            "or take `attach` out of qlocal.yml, and qlocal runs one itself",
        ),
    )


def attached_services(drawer: Drawer) -> Mapping[str, Mapping[str, str]]:
    """Of the last `up`: type and place, by service."""
    found: Mapping[str, Mapping[str, str]] = drawer.read(_FILE).get("attached", {})
    return found
