"""The keys of `scheduled-tasks` and `ci`."""

import re

from qlocal.manifest.cursor import Cursor
from qlocal.manifest.document import shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.keys import Key, MapOf, Record
from qlocal.manifest.kinds import ListOf, Scalar
from qlocal.manifest.model import ScheduledTask
from qlocal.manifest.values import NAME, TEXT

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:\*|(\w{1,3})(?:-(\w{1,3}))?)(?:/([1-9]\d{0,2}))?", re.ASCII)


def _cron(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (a converter)
    fields = text.split()
    if len(fields) != len(_FIELDS):
        message = f"`{shown(text)}` has {len(fields)} fields, expected 5"
        return Fault(message, "write minute, hour, day, month and weekday, like `0 3 * * *`")
    for written, (noun, least, most, names) in zip(fields, _FIELDS, strict=True):
        for part in written.split(","):
            if not _fits(part, least, most, names):
                message = f"`{shown(part)}` is no {noun} of a cron line"
                hint = f"write `*` or a number from {least} to {most}"
                return Fault(message, hint)
    return " ".join(fields)


def _fits(part: str, least: int, most: int, names: list[str]) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        return False
    ends = [_value(end, names) for end in found.groups()[:2] if end]
    return all(least <= end <= most for end in ends) and ends == sorted(ends)


def _value(text: str, names: list[str]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + (1 if names is _MONTHS else 0)
    return int(text) if text.isdigit() else -1


def _cron_pattern() -> str:
    """The same as an expression, but for ranges that run backwards."""
    numbers = (
        r"[0-5]?\d",
        r"([01]?\d|2[0-3])",
        r"(0?[1-9]|[12]\d|3[01])",
        rf"(0?[1-9]|1[0-2]|{'|'.join(_MONTHS)})",
        rf"([0-7]|{'|'.join(_DAYS)})",
    )
    fields = []
    for one in numbers:
        part = rf"(\*|{one}(-{one})?)(/[1-9]\d{{0,2}})?"
        fields.append(rf"{part}(,{part})*")
    return r"^\s*" + r"\s+".join(fields) + r"\s*$"


NAME_KEY = Key(
    name="name", kind=NAME, says="Name of the task", required=True, example="name: nightly"
)
CRON = Key(
    name="cron",
    kind=Scalar(
        expected="a cron line",
        convert=_cron,
        json={"type": "string", "pattern": _cron_pattern()},
    ),
    says="When: minute, hour, day, month, weekday",
    required=True,
    example="cron: '0 3 * * *'",
)
URL = Key(name="url", kind=TEXT, says="URL to call inside the network")
COMMAND = Key(name="command", kind=TEXT, says="Command to run in the application")


def _task(record: Record) -> ScheduledTask:
    both = record.has(URL) and record.has(COMMAND)
    if both:
        message = "a scheduled task has either `url` or `command`"
        record.cursor(COMMAND).problem(
            message, "delete one of the two", at=record.cursor(COMMAND).key
        )
    if not record.has(URL) and not record.has(COMMAND):
        record.at.problem("a scheduled task without `url` or `command`", "add one of them")
    return ScheduledTask(
        name=record.get(NAME_KEY) or "",
        cron=record.get(CRON) or "",
        url=record.get(URL) or "",
        command=record.get(COMMAND) or "",
        where=record.where,
    )


TASK = MapOf(
    keys=(NAME_KEY, CRON, URL, COMMAND),
    build=_task,
    rules={"oneOf": [{"required": ["url"]}, {"required": ["command"]}]},
)
COMMANDS = Key(name="commands", kind=ListOf(item=TEXT), says="Tests to run before a deployment")


def _ci(record: Record) -> tuple[str, ...]:
    return record.get(COMMANDS) or ()


CI = MapOf(keys=(COMMANDS,), build=_ci)
