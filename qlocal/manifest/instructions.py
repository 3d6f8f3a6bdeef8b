"""A Dockerfile's lines → instructions: continued lines joined, comments and heredocs left out."""

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][\w-]*)\s*=\s*(.+?)\s*$")
_HEREDOC = re.compile(r"""<<(-?)(['"]?)([A-Za-z_]\w*)\2""")
_WITH_HEREDOC = frozenset(("RUN", "COPY", "ADD"))


@dataclass(frozen=True, slots=True)
class Instruction:
    """`word` is in upper case; `rest` is one line; `line` counts from 1."""

    word: str
    rest: str
    line: int


def read_instructions(text: str) -> tuple[tuple[Instruction, ...], str]:
    """The instructions, and the image of a `# syntax=` directive."""
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    directives, first = _directives(lines)
    escape = directives.get("escape", "\\")
    found: list[Instruction] = []
    number = first
    while number < len(lines):
        start = number
        joined, number = _joined(lines, number, escape)
        word, _, rest = joined.strip().replace("\t", " ").partition(" ")
        if not word:
            continue
        word = word.upper()
        found.append(Instruction(word, rest.strip(), start + 1))
        if word in _WITH_HEREDOC:
            number = _after_heredocs(lines, number, rest)
    return tuple(found), directives.get("syntax", "")


def _directives(lines: list[str]) -> tuple[dict[str, str], int]:
    """Parser directives stand before everything else, also before empty lines."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        matched = _DIRECTIVE.match(line.strip())
        name = matched[1].lower() if matched else ""
        if not matched or name in found or name not in ("syntax", "escape", "check"):
            return found, number
        found[name] = matched[2]
    return found, len(lines)


def _joined(lines: list[str], number: int, escape: str) -> tuple[str, int]:
    """One instruction from a line on, and the number of the line after it."""
    parts: list[str] = []
    while number < len(lines):
        line = lines[number].rstrip()
        number += 1
        if line.lstrip().startswith("#") or (parts and not line):
            continue
        if not line.endswith(escape):
            parts.append(line)
            break
        parts.append(line[: -len(escape)])
    return "".join(parts), number


def _after_heredocs(lines: list[str], number: int, rest: str) -> int:
    for dash, _, word in _HEREDOC.findall(rest):
        end = number
        while end < len(lines) and (lines[end].lstrip("\t") if dash else lines[end]) != word:
            end += 1
        if end < len(lines):
            number = end + 1
    return number
