"""What single values may be: names, ports, sizes, durations, hosts, paths."""

import re
from collections.abc import Callable
from typing import TypeVar

from qlocal.manifest.cursor import Cursor, nearest
from qlocal.manifest.document import shown
from qlocal.manifest.faults import Fault
from qlocal.manifest.kinds import Scalar, Schema

T = TypeVar("T")

LONGEST = 200
LONGEST_TEXT = 4000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SHELL = re.compile(r"\$(?!\{\w+\})|`")
_PLACEHOLDER = re.compile(
    r"\$\{\w+\}|\{\{.*\}\}|^<.*>$|^CHANGE_?-?ME$|^GIVE_A_NAME|^your[-_ ]", re.IGNORECASE
)
_INNER = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]"
_ALNUM = r"[A-Za-z0-9\u00aa-\u1fff\u2c00-\uffff]"
PLAIN = {"type": ["string", "number", "boolean"], "maxLength": LONGEST_TEXT}
PLAIN_PATTERN = rf"^(?=.*\S){_INNER}*$"
_NAME = rf"^(?=.*{_ALNUM})(?:[^\u0000-\u001f\u007f-\u009f\u2028\u2029$`]|\$\{{\w+\}}){{1,200}}$"
_WORD = rf"(?=\S*{_ALNUM})(?:[^\s\u0000-\u001f\u007f-\u009f$`]|\$\{{\w+\}}){{1,200}}"


def one_line(text: str) -> Fault | None:
    """Refuse text that is not one line of reasonable length."""
    if found := _CONTROL.search(text):
        what = "a line break" if found.group() in "\n\r\x85\u2028\u2029" else "a control character"
        return Fault(f"`{shown(text)}` holds {what}, expected one line", "write it on one line")
    if len(text) > LONGEST_TEXT:
        message = f"a text of {len(text)} characters, expected at most {LONGEST_TEXT}"
        return Fault(message, "shorten it")
    if not text:
        return Fault("found empty text, expected a value", "write one, or delete the line")
    return None


def _text(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001 (the shape of a converter)
    return one_line(text) or text


TEXT = Scalar(expected="text", convert=_text, json={**PLAIN, "pattern": PLAIN_PATTERN})
"""One line of any text."""


def _reference(text: str, at: Cursor) -> str | Fault:  # noqa: ARG001
    if fault := one_line(text):
        return fault
    if len(text) > LONGEST:
        message = f"a name of {len(text)} characters, expected at most {LONGEST}"
        return Fault(message, "shorten it")
    if found := _SHELL.search(text):
        sign = "a backtick" if found.group() == "`" else "a `$`"
        message = f"found '{shown(text)}' with {sign}, expected a name"
        return Fault(message, "use letters, digits and `-`; nothing in a name is ever expanded")
    if not any(char.isalnum() for char in text):
        return Fault(f"`{shown(text)}` has no letter or digit, expected a name", "use some")
    return text


def _name(text: str, at: Cursor) -> str | Fault:
    name = _reference(text, at)
    if isinstance(name, str) and _PLACEHOLDER.search(name):
        at.warn(f"`{shown(text)}` looks like a placeholder of a template", "write your own name")
    return name


NAME = Scalar(expected="a name", convert=_name, json={**PLAIN, "pattern": _NAME})


REFERENCE = Scalar(expected="a name", convert=_reference, json={**PLAIN, "pattern": _NAME})
"""The name of something that is named elsewhere."""


def number(expected: str, least: int, most: int, pattern: str) -> Scalar[int]:
    """A whole number in a range, quoted or not."""

    def convert(text: str, at: Cursor) -> int | Fault:  # noqa: ARG001
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        return Fault("", f"write a number from {least} to {most}")

    json = {
        "anyOf": [
            {"type": "integer", "minimum": least, "maximum": most},
            {"type": "string", "pattern": pattern},
        ]
    }
    return Scalar(expected=expected, convert=convert, json=json)


PORT = number(
    "a port from 1 to 65535",
    1,
    65535,
    r"^\s*0*([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])\s*$",
)
PERCENT_PATTERN = r"^\s*0*(100|[1-9]?\d)\s*%?\s*$"
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}


def _boolean(text: str, at: Cursor) -> bool | Fault:  # noqa: ARG001
    value = _BOOLEANS.get(text.lower())
    return Fault("", "write `true` or `false`") if value is None else value


BOOLEAN = Scalar(
    expected="`true` or `false`",
    convert=_boolean,
    json={
        "anyOf": [
            {"type": "boolean"},
            {
                "type": "string",
                "pattern": r"^\s*([Tt][Rr][Uu][Ee]|[Yy]([Ee][Ss])?|[Oo][Nn]"
                r"|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]?|[Oo][Ff][Ff])\s*$",
            },
        ]
    },
)


def measured(
    pattern: str,
    expected: str,
    hint: str,
    take: Callable[[re.Match[str], Cursor], T | Fault],
    *,
    bare: Schema | None = None,
) -> Scalar[T]:
    """A number with a unit, recognised by one pattern that the schema uses too.

    `bare` is the schema of the number alone, where that has a meaning.
    """
    matcher = re.compile(pattern, re.ASCII)

    def convert(text: str, at: Cursor) -> T | Fault:
        found = matcher.match(text)
        return take(found, at) if found else Fault("", hint)

    text = {"type": "string", "pattern": pattern}
    return Scalar(
        expected=expected, convert=convert, json={"anyOf": [bare, text]} if bare else text
    )


_SOME = {"type": "number", "exclusiveMinimum": 0, "maximum": 999_999}
_WHOLE = {"type": "integer", "minimum": 1, "maximum": 999_999}


def _positive(value: int) -> int | Fault:
    return value if value > 0 else Fault("", "write more than 0")


def _cpu(found: re.Match[str], at: Cursor) -> int | Fault:
    value = float(found[1]) * (1 if found[2] else 1000)
    if value > 64_000:
        hint = f"write `{found[1]}m` for thousandths of a CPU"
        at.warn(f"`{shown(found[0].strip())}` is more CPUs than most machines have", hint)
    return _positive(round(value))


CPU = measured(
    r"^\s*(?=.*[1-9])(\d{1,6}(?:\.\d{1,3})?)\s*(m?)\s*$",
    "CPUs (`1`) or thousandths of one (`256m`)",
    "write `1` or `256m`",
    _cpu,
    bare=_SOME,
)
_RAM_UNITS = {"m": 1, "g": 1024}


def _ram(found: re.Match[str], at: Cursor) -> int | Fault:
    if not found[2]:
        at.warn(f"`{found[1]}` has no unit and is read as MB", f"write `{found[1]}MB`")
    value = round(float(found[1]) * _RAM_UNITS[(found[2] or "m")[0].lower()])
    return _positive(value)


RAM = measured(
    r"^\s*(?=.*[1-9])(\d{1,6}(?:\.\d{1,3})?)\s*([MmGg](?:[Ii]?[Bb]?))?\s*$",
    "memory such as `512MB` or `1GB`",
    "write `512MB` or `1GB`",
    _ram,
    bare=_SOME,
)
_GB = {"m": 1 / 1024, "g": 1, "t": 1024}


def _gigabytes(found: re.Match[str], at: Cursor) -> int | Fault:  # noqa: ARG001
    value = float(found[1]) * _GB[(found[2] or "g")[0].lower()]
    return _positive(max(1, round(value)) if value else 0)


SIZE = measured(
    r"^\s*(?=.*[1-9])(\d{1,6}(?:\.\d{1,3})?)\s*([MmGgTt](?:[Ii]?[Bb]?))?\s*$",
    "a size such as `10GB` or `1TB`",
    "write `10GB`",
    _gigabytes,
    bare=_SOME,
)


def _seconds(found: re.Match[str], at: Cursor) -> int | Fault:  # noqa: ARG001
    return _positive(int(found[1]) * (60 if found[2] == "m" else 1))


SECONDS = measured(
    r"^\s*(?=.*[1-9])(\d{1,6})\s*([sm]?)\s*$",
    "a time such as `30s` or `2m`",
    "write seconds (`90s`) or minutes (`2m`)",
    _seconds,
    bare=_WHOLE,
)


def choice(expected: str, names: tuple[str, ...], others: dict[str, str]) -> Scalar[str]:
    """One word of a list, case ignored; `others` are accepted for one of them, with a warning."""

    def convert(text: str, at: Cursor) -> str | Fault:
        word = text.lower()
        if word in names:
            return word
        if word in others:
            at.warn(f"`{shown(text)}` is read as `{others[word]}`", f"write `{others[word]}`")
            return others[word]
        near = nearest(word, names)
        listed = ", ".join(f"`{name}`" for name in names)
        return Fault("", f"did you mean `{near}`?" if near else f"write one of {listed}")

    words = "|".join(any_case(word) for word in (*names, *others))
    json = {"type": "string", "pattern": rf"^\s*({words})\s*$"}
    return Scalar(expected=expected, convert=convert, json=json)


def any_case(word: str) -> str:
    """JSON Schema has no flag for it."""
    return "".join(
        f"[{char.upper()}{char}]" if char.isalpha() else re.escape(char) for char in word
    )


_HOST_PATTERN = (
    r"^\s*(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\s*$"
)
_HOST = re.compile(_HOST_PATTERN, re.ASCII)


def _host(text: str, at: Cursor) -> str | Fault:
    if len(text) <= 253 and _HOST.fullmatch(text):
        return text.lower()
    bare = re.sub(r"^\w+://|[/:].*$", "", text)
    if bare != text and _HOST.fullmatch(bare):
        return Fault("", f"write `{bare}`, without scheme, port and path")
    if _PLACEHOLDER.search(text):
        at.warn(f"`{shown(text)}` looks like a placeholder of a template", "write your own domain")
    return Fault("", "write it like `api.example.com`; letters outside ASCII in punycode")


HOST = Scalar(
    expected="a host name",
    convert=_host,
    json={**PLAIN, "maxLength": 260, "pattern": _HOST_PATTERN},
)


def _words(text: str, at: Cursor) -> tuple[str, ...] | Fault:
    if len(text) > LONGEST_TEXT:
        return Fault(f"a text of {len(text)} characters, expected names", "write a list")
    names = [_reference(part, at) for part in text.split()]
    faults = [name for name in names if isinstance(name, Fault)]
    if faults or not names:
        return faults[0] if faults else Fault("found empty text, expected names", "delete it")
    return tuple(name for name in names if isinstance(name, str))


WORDS = Scalar(
    expected="names",
    convert=_words,
    json={**PLAIN, "pattern": rf"^\s*{_WORD}(\s+{_WORD})*\s*$"},
)
"""Names with spaces between: one document wrote a list as a folded string."""
