"""`.env`: the user's variables, read by python-dotenv's own parser; nothing is expanded here."""

import io
import re
from dataclasses import dataclass, field
from typing import Any

from qlocal.errors import Severity, Where
from qlocal.manifest.document import LARGEST, Log, Parsed, shown

_NAME = re.compile(r"[^\s=\x00-\x1f\x7f]+")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")
# Compose's way to say it, which the platform's reader of `.env` never knew.
_WITH_DEFAULT = re.compile(r"(?<!\\)\$\{[A-Za-z_]\w*:?[-?+]")
_PORTABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"\s*(?:export[^\S\r\n]+)?(?:'[^']+'|[^=#\s]+)\s*=[^\S\r\n]*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `$NAME` and `${NAME}` in `value` mean something only where `expands`; a backslash
    before the dollar is still there.
    """

    name: str
    value: str = field(repr=False)
    expands: bool = True
    where: Where = field(compare=False, repr=False)


def parse_dotenv(text: str, path: str) -> Parsed[tuple[Entry, ...]]:
    """Every entry in order, repeated names too: the last one counts."""
    # Costs 30 ms to import, and most projects have no such file.
    from dotenv.parser import parse_stream

    log = Log(path)
    if len(text) > LARGEST:
        message = f"the file is larger than {LARGEST // 1000} kB"
        log.add((0, 0), message, "keep variables only in it")
        return log.parsed(None)
    entries: list[Entry] = []
    for binding in parse_stream(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        entry = _entry(binding, log)
        if entry is not None:
            entries.append(entry)
    _remark_repeated(entries, log)
    return log.parsed(tuple(entries))


def _entry(binding: Any, log: Log) -> Entry | None:
    """The entry of a binding; None for a comment, an empty line, or a fault, which is reported."""
    written = binding.original.string
    skipped = written[: len(written) - len(written.lstrip())]
    line = binding.original.line + len(re.findall(r"\r\n|\r|\n", skipped))
    column = len(re.split(r"[\r\n]", skipped)[-1]) + 1
    place = (line, column)
    if binding.error:
        # Never the text itself: it may well be a password.
        quote = re.search(r"=\s*(['\"])", written)
        if quote:
            message = f"a value opens with `{quote[1]}` and is not closed, or text follows it"
            log.add(place, message, f"put the whole value between two `{quote[1]}`")
        else:
            log.add(place, "expected `NAME=value`", "write one variable a line, `#` for comments")
        return None
    if binding.key is None:
        return None
    # A line of a broken secret can pass for a name; only what looks like one is shown.
    name = f"`{binding.key}`" if _DOTTED.fullmatch(binding.key) else "this"
    if binding.value is None:
        log.add(place, "a line without `=`, expected `NAME=value`", "write `=` after the name")
        return None
    if not _NAME.fullmatch(binding.key) or "\x00" in binding.value:
        log.add(place, f"{name} cannot be the name of a variable", "use letters, digits and `_`")
        return None
    if not _PORTABLE.fullmatch(binding.key):
        message = f"{name} is a name that shells and some programs cannot read"
        log.add(place, message, "use letters, digits and `_`", Severity.WARNING)
    expands = _QUOTED.match(written) is None
    if expands and _WITH_DEFAULT.search(binding.value):
        message = f"{name} refers to a variable with a default, which stays as it is written"
        hint = "write the value itself, or put it in single quotes if it is meant literally"
        log.add(place, message, hint, Severity.WARNING)
    return Entry(
        name=binding.key,
        value=binding.value,
        expands=expands,
        where=Where(path=log.path, line=line, column=column),
    )


def _remark_repeated(entries: list[Entry], log: Log) -> None:
    lines: dict[str, int] = {}
    for entry in entries:
        if entry.name in lines:
            message = f"`{shown(entry.name)}` is given twice, this one counts"
            hint = f"delete line {lines[entry.name]}"
            log.add((entry.where.line, entry.where.column), message, hint, Severity.WARNING)
        lines[entry.name] = entry.where.line
