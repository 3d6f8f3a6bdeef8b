"""What users may set by command: names as on the platform, values a program can be given."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qlocal.compose.resolution import ALIAS, LARGEST, REFERENCE
from qlocal.compose.scopes import Setting
from qlocal.errors import Problem, Severity
from qlocal.manifest.dotenv import Entry

_NAME = re.compile(r"[A-Za-z0-9_.]+")
_PORTABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Remark:
    """`severity` ERROR: it cannot be set."""

    message: str
    hint: str
    severity: Severity = Severity.ERROR


def remark_on(name: str, setting: Setting, built_in: Collection[str]) -> Remark | None:
    """A built-in variable may be overridden by its name; no other may start with `QOVERY_`, or a
    slip of the pen would pass for one. Real programs read names with dots, so they are let through.
    """
    if not _NAME.fullmatch(name):
        shown = f"`{name}`" if name.isprintable() and len(name) < 80 else "this"
        return Remark(f"{shown} cannot be the name of a variable", "use letters, digits and `_`")
    if name.startswith("__"):
        return Remark(f"`{name}` starts with `__`, which is reserved", "choose another name")
    if name.startswith("QOVERY_") and name not in built_in:
        return Remark(
            f"`{name}` starts with `QOVERY_` and is none of the built-in variables",
            "choose another name; `qlocal env` lists those that can be overridden",
        )
    if fault := _fault_of_value(name, setting.value):
        return fault
    if not _PORTABLE.fullmatch(name):
        return Remark(
            f"`{name}` is a name that shells and some programs cannot read",
            "use letters, digits and `_`, a letter first",
            Severity.WARNING,
        )
    return None


def _fault_of_value(name: str, value: str) -> Remark | None:
    if "\0" in value or not _is_text(value):
        return Remark(f"the value of `{name}` is not text", "encode it, for example with base64")
    if len(f"{name}={value}".encode()) > LARGEST:
        return Remark(
            f"the value of `{name}` is longer than the 128 kB that a program can be given",
            "put it in a file, and the file's path in the variable",
        )
    return None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def imported(entries: Iterable[Entry]) -> tuple[dict[str, Setting], list[Problem]]:
    """The entries of a `.env` as settings, and a warning for each reference that nobody replaces:
    outside `.env`, only a whole value can be one.
    """
    settings: dict[str, Setting] = {}
    problems: list[Problem] = []
    for entry in entries:
        whole = REFERENCE.fullmatch(entry.value) if entry.expands else None
        if whole and not whole[1]:
            settings[entry.name] = Setting(value=entry.value)
            continue
        value = _unescaped(entry.value) if entry.expands else entry.value
        settings[entry.name] = Setting(value=value, literal=bool(ALIAS.fullmatch(value)))
        if entry.expands and any(not it[1] for it in REFERENCE.finditer(entry.value)):
            message = f"`{entry.name}` refers to another variable inside its value, which stays as"
            problems.append(
                Problem(
                    where=entry.where,
                    message=f"{message} written: only a whole value can be an alias",
                    hint="keep it in `.env`, where such references are replaced",
                    severity=Severity.WARNING,
                )
            )
    return settings, problems


def _unescaped(text: str) -> str:
    return REFERENCE.sub(lambda it: it[0][1:] if it[1] else it[0], text)
