"""What a value may be: a text, a list, a map of names; each can read it and describe it.

`read` turns a cursor into a value, or reports a problem there and returns None; `schema` says the
same to an editor.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from qlocal.manifest.cursor import Cursor
from qlocal.manifest.document import Node, shown
from qlocal.manifest.faults import Fault

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = Mapping[str, object]


class Kind(Protocol[T_co]):
    """What a value may be."""

    def read(self, at: Cursor) -> T_co | None: ...

    def schema(self) -> Schema: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Generic[T]):
    """One value written as text. `expected` completes "found `x`, expected …"."""

    expected: str
    convert: Callable[[str, Cursor], T | Fault]
    json: Schema

    def read(self, at: Cursor) -> T | None:
        if at.node.kind != "text":
            at.problem(f"found {at.node.noun}, expected {self.expected}", _unwrap_hint(at.node))
            return None
        value = self.convert(at.node.text.strip(), at)
        if isinstance(value, Fault):
            message = value.message or f"found {at.node.noun}, expected {self.expected}"
            at.problem(message, value.hint)
            return None
        return value

    def schema(self) -> Schema:
        return self.json


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Generic[T]):
    """A list; what cannot be read is left out. `least` 1 refuses an empty one."""

    item: Kind[T]
    least: int = 0

    def read(self, at: Cursor) -> tuple[T, ...] | None:
        if at.node.kind != "list":
            hint = (
                "write each entry on a line of its own, after `- `"
                if at.node.kind == "text"
                else "put `- ` before each entry"
            )
            at.problem(f"found {at.node.noun}, expected a list", hint)
            return None
        if len(at.node.items) < self.least:
            at.problem("found an empty list, expected at least one entry", "add one, or delete it")
            return None
        found = []
        for node in at.node.items:
            value = self.item.read(at.inner(node))
            if value is not None:
                found.append(value)
        return tuple(found)

    def schema(self) -> Schema:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema(), **least}


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOrMany(Generic[T]):
    """A list, or its only entry written without a dash."""

    item: Kind[T]

    def read(self, at: Cursor) -> tuple[T, ...] | None:
        if at.node.kind == "list":
            return ListOf(item=self.item).read(at)
        value = self.item.read(at)
        return None if value is None else (value,)

    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema(), ListOf(item=self.item).schema()]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """A value nobody looks at."""

    def read(self, at: Cursor) -> Node | None:
        return at.node

    def schema(self) -> Schema:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs(Generic[T]):
    """A map whose keys are names the user chose."""

    value: Kind[T]

    def read(self, at: Cursor) -> Mapping[str, T] | None:
        if at.node.kind != "map":
            at.problem(f"found {at.node.noun}, expected a map", "write `name: value` lines")
            return None
        found: dict[str, T] = {}
        for key, node in at.node.pairs:
            if key.kind != "text":
                at.problem(f"found {key.noun} as a key, expected a name", at=key)
            elif key.text in found:
                at.problem(f"`{shown(key.text)}` is given twice", "keep one of the two", at=key)
            else:
                value = self.value.read(at.inner(node, key))
                if value is not None:
                    found[key.text] = value
        return found

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema()}


def _unwrap_hint(node: Node) -> str:
    if node.kind == "list":
        return "write one value, without a dash"
    if node.kind == "map":
        return (
            "fill in the placeholder, or quote it"
            if _looks_like_template(node)
            else ("write one value on the line of the key")
        )
    return "write a value, or delete the line"


def _looks_like_template(node: Node) -> bool:
    """`{{ name }}` reads as a map whose key is a map."""
    return len(node.pairs) == 1 and node.pairs[0][0].kind == "map"
