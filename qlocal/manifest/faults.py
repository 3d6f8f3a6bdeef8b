"""What the YAML parser complains about, said in the words of somebody who edits a file."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem before it knows its file. `line` 0 is the whole file."""

    message: str
    hint: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Where the parser stopped, where it had begun, and the lines around."""

    problem: str
    context: str
    line: int
    column: int
    start_line: int
    start_column: int
    lines: tuple[str, ...]

    def text(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    @property
    def here(self) -> str:
        return self.text(self.line)

    @property
    def rest(self) -> str:
        return self.here[self.column - 1 :].strip()

    def above(self, line: int) -> int:
        """The nearest line above with something in it, 0 when there is none."""
        for number in range(line - 1, 0, -1):
            stripped = self.text(number).strip()
            if stripped and not stripped.startswith("#"):
                return number
        return 0


def explain(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """The parser's error in words, at the place a person would look at."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    start = error.context_mark or mark
    scene = _Scene(
        problem=str(error.problem or error),
        context=str(error.context or ""),
        line=line,
        column=column,
        start_line=start.line + 1 if start else line,
        start_column=start.column + 1 if start else column,
        lines=tuple(re.split(r"\r\n|\r|\n", text)),
    )
    if (tab := _tab(scene)) is not None:
        return tab
    for pattern, say in _SAYINGS:
        if re.search(pattern, f"{scene.context}; {scene.problem}"):
            return say(scene)
    return Fault(f"not YAML: {scene.problem}", "compare with the lines above", line, column)


def _tab(scene: _Scene) -> Fault | None:
    indent = re.match(r"[ ]*\t", scene.here)
    if indent is None:
        return None
    message = "a tab where YAML expects spaces"
    hint = "delete it" if scene.here.strip() == "---" else "indent with spaces"
    return Fault(message, hint, scene.line, indent.end())


def _key_without_colon(scene: _Scene) -> Fault:
    line, column = scene.start_line, scene.start_column
    text = scene.text(line)[column - 1 :].strip()
    if re.match(r"-[^\s-]", text):
        hint = f"write `- {text[1:]}`"
        return Fault(f"`{_short(text)}` has no space after the dash", hint, line, column)
    if text.startswith(('"', "'")):
        message = f"`{_short(text)}` stands alone, expected `key: value` or `- {_short(text)}`"
        return Fault(message, "put a dash and a space before it", line, column)
    message = f"`{_short(text)}` has no `:` after it, expected `key: value`"
    return Fault(message, "put a colon and a space after the key", line, column)


def _second_colon(scene: _Scene) -> Fault:
    above = scene.above(scene.line)
    line = scene.line
    before = scene.text(above)
    column = _indent(scene.here) + 1
    has_value = re.search(r":\s+[^\s#]", before)
    if above and _indent(scene.here) > _indent(before) and has_value:
        message = "this line is indented deeper than the one above, which already has a value"
        return Fault(
            message, f"indent it by {_spaces(_indent(before))}, like the one above", line, column
        )
    if above and ":" not in before and not before.strip().startswith("-"):
        key = before.strip()
        message = f"`{_short(key)}` has no `:` after it, expected `key: value`"
        hint = "put a colon and a space after the key"
        return Fault(message, hint, above, _indent(before) + 1)
    message = "a second `: ` in one line, expected one `key: value`"
    return Fault(message, "put the value in quotes", line, scene.column)


def _misplaced(scene: _Scene) -> Fault:
    """The parser expected the next key or dash and found something else."""
    line, column = scene.line, scene.column
    before = scene.here[: column - 1].rstrip()
    if before.endswith(('"', "'")):
        message = f"`{_short(scene.rest)}` follows the closing quote, expected the end of the line"
        return Fault(message, "delete it, or move it inside the quotes", line, column)
    if scene.rest.startswith(('"', "'")) and not before:
        message = f"`{_short(scene.rest)}` stands alone, expected `- {_short(scene.rest)}`"
        return Fault(message, "put a dash and a space before it", line, column)
    if scene.rest.startswith("- "):
        message = "a list item where a key is expected"
        hint = "indent it like the other items of its list"
        return Fault(message, hint, line, column)
    return _misindented(scene)


def _misindented(scene: _Scene) -> Fault:
    line, column = scene.line, scene.column
    indents = sorted(
        {0} | {_indent(scene.text(n)) for n in range(1, line) if scene.text(n).strip()}
    )
    have = _indent(scene.here)
    if have not in indents:
        fits = " or ".join(str(n) for n in indents if abs(n - have) <= 4) or "0"
        message = f"this line is indented by {_spaces(have)}, the lines above by {fits}"
        return Fault(message, "give it the indentation of the keys it belongs with", line, column)
    if "-" in scene.problem or "block collection" in scene.context:
        message = f"`{_short(scene.rest)}` stands among the items of a list, expected `- `"
        hint = "indent it under the item above, or put a dash before it"
        return Fault(message, hint, line, column)
    message = f"`{_short(scene.rest)}` does not fit here, expected a key of the map above"
    return Fault(message, "check the indentation and the quotes of the lines above", line, column)


def _open_quote(scene: _Scene) -> Fault:
    line, column = scene.start_line, scene.start_column
    quoted = scene.text(line)[column - 1 :].rstrip()
    if quoted.startswith('"') and quoted.endswith('\\"'):
        message = f"`{_short(quoted)}` is not closed: the backslash escapes the last quote"
        hint = f"write it in single quotes: `'{_short(quoted[1:-1])}'`"
        return Fault(message, hint, line, column)
    return Fault("a quote is opened here and never closed", "close it", line, column)


def _escape(scene: _Scene) -> Fault:
    message = "a backslash in double quotes starts an escape, and this one is unknown"
    return Fault(message, "use single quotes, or double the backslash", scene.line, scene.column)


def _bare_character(scene: _Scene) -> Fault:
    char = scene.rest[:1]
    message = f"a value cannot start with `{char}` unless it is quoted"
    return Fault(message, f'write `"{_short(scene.rest)}"`', scene.line, scene.column)


def _bare_reference(scene: _Scene) -> Fault:
    line, column = scene.start_line, scene.start_column
    text = scene.text(line)[column - 1 :].strip()
    message = f"a value cannot start with `{text[:1]}` unless it is quoted"
    return Fault(message, f'write `"{_short(text)}"`', line, column)


def _open_bracket(scene: _Scene) -> Fault:
    line, column = scene.start_line, scene.start_column
    char = scene.text(line)[column - 1 : column]
    wants = {"[": "]", "{": "}"}.get(char, "]")
    message = f"`{char}` is opened here and not closed, expected `,` or `{wants}`"
    return Fault(message, f"close it with `{wants}`, or put the value in quotes", line, column)


def _after_end(scene: _Scene) -> Fault:
    message = "text after the end of the document"
    dots = scene.text(scene.above(scene.line)).startswith("...")
    hint = "delete the `...` line above" if dots else "delete it, or write it as `key: value`"
    return Fault(message, hint, scene.line, scene.column)


def _block_text(scene: _Scene) -> Fault:
    message = f"`{_short(scene.rest)}` follows `|` or `>`, expected the end of the line"
    hint = "put the text on the next line, or the value in quotes"
    return Fault(message, hint, scene.line, scene.column)


def _nothing(scene: _Scene) -> Fault:
    message = f"`{_short(scene.rest) or 'the end of the file'}` where a value is expected"
    return Fault(message, "check the brackets and quotes", scene.line, scene.column)


_SAYINGS: tuple[tuple[str, Callable[[_Scene], Fault]], ...] = (
    (r"could not find expected ':'", _key_without_colon),
    (r"mapping values are not allowed", _second_colon),
    (r"quoted scalar; .*(end of stream|document separator|document indicator)", _open_quote),
    (r"unknown escape|escape sequence|hexadecimal", _escape),
    (r"cannot start any token|directive", _bare_character),
    (r"scanning an? (alias|anchor)", _bare_reference),
    (r"',' or '[\]}]'", _open_bracket),
    (r"document start", _after_end),
    (r"block scalar", _block_text),
    (r"block mapping|block collection|expected key|'-' indicator", _misplaced),
    (r"node content", _nothing),
)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= 40 else f"{clean[:37]}..."
