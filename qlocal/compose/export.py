"""Variables as text that a `.env` reader or a shell takes back to the very same values."""

import re
from collections.abc import Iterable

from qlocal.compose.scopes import Variable

_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTENV_NAME = re.compile(r"[^\s=#'\"\\]+")

# `eval $(qlocal env …)` without quotes around it splits at blanks, joins with single spaces, and
# takes `*`, `?` and `[` for patterns of file names. A quoted text without those survives.
_SURVIVES = re.compile(r"(?:[^\s*?\[\]\\\x00-\x20\x7f]| (?! ))*")
_MUST_GO = re.compile(r"[\s*?\[\]\\'\"%`$!\x00-\x20\x7f]")


def as_dotenv(variables: Iterable[Variable]) -> tuple[str, tuple[str, ...]]:
    """The text, and the names that no `.env` can hold."""
    lines, left_out = [], []
    for one in variables:
        if not _DOTENV_NAME.fullmatch(one.name):
            left_out.append(one.name)
            continue
        quoted = one.value.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{one.name}='{quoted}'\n")
    return "".join(lines), tuple(left_out)


def as_shell(variables: Iterable[Variable]) -> tuple[str, tuple[str, ...]]:
    """Statements for `eval $(…)` and for `.`, in any POSIX shell; and the names that no shell can
    hold.
    """
    lines, left_out = [], []
    for one in variables:
        if not _SHELL_NAME.fullmatch(one.name):
            left_out.append(one.name)
        elif _SURVIVES.fullmatch(one.value):
            quoted = one.value.replace("'", "'\\''")
            lines.append(f"export {one.name}='{quoted}';\n")
        else:
            # The dot keeps the newlines at the end, which `$(…)` would drop.
            lines.append(
                f"export {one.name}=\"$(printf '{_escaped(one.value)}.')\"; "
                f'{one.name}="${{{one.name}%.}}";\n'
            )
    return "".join(lines), tuple(left_out)


def _escaped(value: str) -> str:
    """For the format of `printf`, with nothing in it that a shell looks at."""
    text = _MUST_GO.sub(lambda it: "".join(f"\\{byte:03o}" for byte in it[0].encode()), value)
    return f"\\055{text[1:]}" if text.startswith("-") else text
