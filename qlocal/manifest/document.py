"""YAML text → nodes that know their line and column, within limits a hostile file cannot pass.

Nodes are made from the parser's events, never from its constructors: no tag is obeyed, every
scalar keeps the text that was written (`8.0` stays `8.0`), and depth, size and aliases are counted
while reading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import yaml

from qlocal.errors import Problem, Severity, Where
from qlocal.manifest.faults import Fault, explain

T = TypeVar("T")

LARGEST = 1_000_000
"""Bytes. Real manifests have less than a thousand."""

DEEPEST = 40
_LONGEST = 400  # characters of a message
MOST_NODES = 20_000
"""Counted with aliases written out."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CONFLICT = re.compile(r"^(<{7}|>{7})(?=[ \r\n]|$)", re.MULTILINE)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|seq|map|timestamp)|!")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[T]):
    """What a parser found: `value` is None exactly when there is an error among the problems."""

    value: T | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of the document. `text` is of a scalar, `items` of a list, `pairs` of a map.

    `weight` counts the nodes in it, aliases written out.
    """

    kind: Literal["null", "text", "list", "map"]
    line: int
    column: int
    text: str = ""
    items: tuple["Node", ...] = ()
    pairs: tuple[tuple["Node", "Node"], ...] = ()
    weight: int = 1

    @property
    def noun(self) -> str:
        """What to call it in a sentence."""
        if self.kind == "text":
            return f"`{shown(self.text)}`"
        return {"null": "nothing", "list": "a list", "map": "a map"}[self.kind]


def shown(text: str) -> str:
    """The user's text, short and harmless enough to stand in one line of a terminal."""
    return _printable(text if len(text) <= 60 else f"{text[:57]}...")


def _printable(text: str) -> str:
    """What would move the cursor or hide itself is written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


class Log:
    """Where the problems of one file are collected."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._problems: list[Problem] = []

    def add(
        self, place: tuple[int, int], message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        where = Where(path=self.path, line=place[0], column=place[1])
        self._problems.append(
            Problem(
                where=where,
                message=_printable(message[:_LONGEST]),
                hint=_printable(hint[:_LONGEST]),
                severity=severity,
            )
        )

    @property
    def crowded(self) -> bool:
        """So much is wrong that looking for the meant word of each would take seconds."""
        return len(self._problems) > 100

    def parsed(self, value: T | None) -> Parsed[T]:
        problems = tuple(sorted(dict.fromkeys(self._problems), key=lambda it: it.position))
        failed = any(it.severity is Severity.ERROR for it in problems)
        return Parsed(value=None if failed else value, problems=problems)


class _Unreadable(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read_document(data: bytes, log: Log, *, what: str) -> Node | None:
    """The root of the only document in a file; None where the file cannot be read as YAML.

    `what` names the file in a sentence: "a manifest". An empty file is a null node.
    """
    try:
        text = _decode(data, what)
        if text.startswith("\ufeff"):
            log.add(
                (1, 1),
                "the file starts with a byte-order mark, which other tools may choke on",
                "save it as UTF-8 without BOM",
                Severity.WARNING,
            )
            text = text[1:]
        _look_for_trouble(text)
        return _compose(text, log, what)
    except _Unreadable as error:
        fault = error.fault
    except yaml.MarkedYAMLError as error:
        fault = explain(error, text)
    log.add((fault.line, fault.column), fault.message, fault.hint)
    return None


def _decode(data: bytes, what: str) -> str:
    if len(data) > LARGEST:
        size = f"{LARGEST // 1000} kB"
        raise _Unreadable(
            Fault(f"the file is larger than {size}", f"{what} has a few hundred bytes; is it one?")
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unreadable(Fault("the file is UTF-16, expected UTF-8", "save it as UTF-8"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = _place(before, len(before))
        byte = data[error.start]
        raise _Unreadable(
            Fault(f"byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8", line, column)
        ) from None


def _look_for_trouble(text: str) -> None:
    """Refuse what a YAML parser would only complain about in its own words."""
    if found := _UNPRINTABLE.search(text):
        line, column = _place(text, found.start())
        raise _Unreadable(
            Fault(
                f"a control character (U+{ord(found.group()):04X}), expected text",
                "delete it; is this really a text file?",
                line,
                column,
            )
        )
    if found := _CONFLICT.search(text):
        line, column = _place(text, found.start())
        message = f"a git conflict marker `{found.group()}` was left in"
        hint = "keep one of the two sides and delete the `<<<<<<<`, `=======` and `>>>>>>>` lines"
        raise _Unreadable(Fault(message, hint, line, column))


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _compose(text: str, log: Log, what: str) -> Node:
    loader = _Loader(text)
    try:
        composer = _Composer(events=_events(loader))
        event = composer.advance()
        if isinstance(event, yaml.StreamEndEvent):
            return Node("null", 1, 1)
        root = composer.node(composer.advance(), 0)
        composer.advance()
        extra = composer.advance()
        if not isinstance(extra, yaml.StreamEndEvent):
            mark = extra.start_mark
            log.add(
                (mark.line + 1, mark.column + 1),
                "a second document starts here, expected one in the file",
                f"delete the `---` or move the rest to another file: {what} is one document",
            )
        return root
    finally:
        loader.dispose()


def _events(loader: Any) -> Iterator[Any]:
    while loader.check_event():
        yield loader.get_event()


@dataclass(slots=True, kw_only=True)
class _Composer:
    """Events → nodes, counting."""

    events: Iterator[Any]
    anchors: dict[str, Node | None] = field(default_factory=dict)
    weight: int = 0

    def advance(self) -> Any:
        event = next(self.events)
        if isinstance(event, yaml.StreamStartEvent):
            return next(self.events)
        return event

    def node(self, event: Any, depth: int) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line, column)
        self._refuse_foreign_tag(event, line, column)
        if depth > DEEPEST:
            hint = f"nothing in it is deeper than {DEEPEST} levels; is a bracket left open?"
            raise _Unreadable(Fault("the file is nested too deep", hint, line, column))
        anchor = event.anchor
        if anchor is not None:
            self.anchors[anchor] = None
        node = self._fresh(event, depth, line, column)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def _fresh(self, event: Any, depth: int, line: int, column: int) -> Node:
        self._count(1, line, column)
        if isinstance(event, yaml.ScalarEvent):
            null = not event.style and event.tag is None and event.value in _NULLS
            return Node("null" if null else "text", line, column, event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := self.advance(), yaml.SequenceEndEvent):
                items.append(self.node(inner, depth + 1))
            weight = 1 + sum(item.weight for item in items)
            return Node("list", line, column, items=tuple(items), weight=weight)
        pairs = []
        while not isinstance(inner := self.advance(), yaml.MappingEndEvent):
            key = self.node(inner, depth + 1)
            pairs.append((key, self.node(self.advance(), depth + 1)))
        weight = 1 + sum(key.weight + value.weight for key, value in pairs)
        return Node("map", line, column, pairs=_merged(pairs), weight=weight)

    def _alias(self, anchor: str, line: int, column: int) -> Node:
        node = self.anchors.get(anchor)
        if node is None:
            inside = anchor in self.anchors
            message = f"`*{anchor}` {'contains itself' if inside else 'refers to no anchor above'}"
            hint = f"quote it if it is text, or write `&{anchor}` at what it should repeat"
            raise _Unreadable(Fault(message, hint, line, column))
        self._count(node.weight, line, column)
        return node

    def _count(self, weight: int, line: int, column: int) -> None:
        self.weight += weight
        if self.weight > MOST_NODES:
            message = f"the file holds more than {MOST_NODES} values once aliases are written out"
            raise _Unreadable(Fault(message, "write the values without aliases", line, column))

    def _refuse_foreign_tag(self, event: Any, line: int, column: int) -> None:
        if event.tag is not None and not _TAGS.fullmatch(event.tag):
            tag = shown(event.tag.replace("tag:yaml.org,2002:", "!!"))
            message = f"the YAML tag `{tag}` means nothing here"
            raise _Unreadable(Fault(message, "delete the tag", line, column))


def _merged(pairs: list[tuple[Node, Node]]) -> tuple[tuple[Node, Node], ...]:
    """Write out merge keys (`<<: *base`); what the map says itself wins."""
    merges = [value for key, value in pairs if key.kind == "text" and key.text == "<<"]
    if not merges:
        return tuple(pairs)
    own = [(key, value) for key, value in pairs if key.text != "<<"]
    seen = {key.text for key, _ in own}
    for merge in merges:
        for source in merge.items or (merge,):
            own += [pair for pair in source.pairs if pair[0].text not in seen]
            seen |= {key.text for key, _ in source.pairs}
    return tuple(own)
