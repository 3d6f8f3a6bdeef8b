"""How an application becomes ready, is replaced and is told about: three maps of `application`."""

import re
from typing import Literal, cast

from qlocal.manifest.cursor import Cursor
from qlocal.manifest.faults import Fault
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import Scalar
from qlocal.manifest.model import Notification, ReadyCheck, UpgradeStrategy
from qlocal.manifest.values import PLAIN, PORT, TEXT, choice, measured, one_line

_URL_PATTERN = r"^\s*(?:\w+://[^/:\s]+(?::(\d{1,5}))?(/\S*)?|(/\S*))\s*$"
_URL = re.compile(_URL_PATTERN, re.ASCII)


def _url(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)
    if fault := one_line(text):
        return fault
    if _URL.match(text):
        return text
    return Fault("", "write `/health` or `http://localhost:8080/health`")


HTTP_URL = Key(
    name="http_url",
    kind=Scalar(
        expected="a path or URL",
        convert=_url,
        json={**PLAIN, "type": "string", "pattern": _URL_PATTERN},
    ),
    says="Path or URL that answers 200 when ready",
)
CHECK_PORT = Key(name="port", kind=PORT, says="Port of the check; the application's by default")
CHECK_COMMAND = Key(name="command", kind=TEXT, says="Command that exits 0 when ready")


def _ready_check(record: Record) -> ReadyCheck:
    url, command = record.get(HTTP_URL), record.get(CHECK_COMMAND)
    port = record.get(CHECK_PORT)
    if not record.has(HTTP_URL) and not record.has(CHECK_COMMAND):
        record.at.problem("a ready check without `http_url` or `command`", "add one of them")
    if url and command:
        record.cursor(CHECK_COMMAND).problem(
            "a ready check has either `http_url` or `command`", "delete one of the two"
        )
    path = ""
    if url and (found := _URL.match(url)):
        path = found[2] or found[3] or "/"
        port = port or (int(found[1]) if found[1] else None)
    return ReadyCheck(http_path=path, port=port, command=command or "", where=record.where)


READY_CHECK = MapOf(
    keys=(HTTP_URL, CHECK_PORT, CHECK_COMMAND),
    build=_ready_check,
    rules={
        "oneOf": [
            {"anyOf": [{"required": ["http_url"]}, {"required": ["http-url"]}]},
            {"required": ["command"]},
        ]
    },
)

STRATEGY = Key(
    name="type",
    kind=choice("a strategy", ("blue-green", "ramped", "recreate"), {"rolling-upgrade": "ramped"}),
    says="How a new version replaces the old one",
)


def _percentage(found: re.Match[str], at: Cursor) -> int | Fault:  # noqa: ARG001
    value = int(found[1])
    return value if value <= 100 else Fault("", "write at most `100%`")


PERCENT = measured(
    r"^\s*0*(100|\d{1,2})\s*%?\s*$",
    "a percentage such as `25%`",
    "write `25%`",
    _percentage,
    bare={"type": "integer", "minimum": 0, "maximum": 100},
)
MAX_UNAVAILABLE = Key(name="max_unavailable", kind=PERCENT, says="Share that may be missing")
MAX_SURGE = Key(name="max_surge", kind=PERCENT, says="Share that may be there in addition")


def _upgrade_strategy(record: Record) -> UpgradeStrategy:
    unavailable, surge = record.get(MAX_UNAVAILABLE), record.get(MAX_SURGE)
    kind = cast("Literal['blue-green', 'ramped', 'recreate']", record.get(STRATEGY) or "blue-green")
    return UpgradeStrategy(
        type=kind,
        max_unavailable=25 if unavailable is None else unavailable,
        max_surge=25 if surge is None else surge,
        where=record.where,
    )


UPGRADE_STRATEGY = MapOf(keys=(STRATEGY, MAX_UNAVAILABLE, MAX_SURGE), build=_upgrade_strategy)

MEDIUM = Key(
    name="type",
    kind=choice("`slack` or `email`", ("slack", "email"), {}),
    says="Where to send it",
    required=True,
    example="type: slack",
)
CHANNEL = Key(name="channel", kind=TEXT, says="Slack channel")
DESTINATION = Key(name="destination", kind=TEXT, says="E-mail address")


def _notification(record: Record) -> Notification:
    medium = cast("Literal['slack', 'email']", record.get(MEDIUM) or "slack")
    wanted = CHANNEL if medium == "slack" else DESTINATION
    if record.get(MEDIUM) and not record.has(wanted):
        record.at.problem(f"`{wanted.name}` is missing", f"add `{wanted.name}: …`")
    return Notification(type=medium, target=record.get(wanted) or "", where=record.where)


NOTIFICATION = MapOf(
    keys=(MEDIUM, CHANNEL, DESTINATION),
    build=_notification,
    rules={
        "if": {"properties": {"type": {"pattern": "^\\s*[Ss]"}}},
        "then": {"required": ["channel"]},
        "else": {"required": ["destination"]},
    },
)
