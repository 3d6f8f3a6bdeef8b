"""The keys of a file, declared once: the parser reads by them, the JSON Schema is made of them.

A `Key` has a `Kind`; a `MapOf` is a kind made of keys. `Kind.read` turns a cursor into a value or
reports a problem there; `Kind.schema` says the same to an editor. Every spelling of a key is
accepted (`application-name`, `application_name`, and its older names); hyphens are warned about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from qlocal.errors import Where
from qlocal.manifest.cursor import Cursor, nearest
from qlocal.manifest.document import Node, shown
from qlocal.manifest.kinds import Anything, Kind, Schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Generic[T]):
    """One key. `old` are earlier names with the same meaning; `ignored` says why it has no effect;
    `later` says that it is kept for something qlocal does not do yet.
    """

    name: str
    kind: Kind[T]
    says: str
    required: bool = False
    old: tuple[str, ...] = ()
    ignored: str = ""
    later: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A map that was read: the value of each key that was there and made sense."""

    at: Cursor
    values: Mapping[str, object] = field(default_factory=dict)
    cursors: Mapping[str, Cursor] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        return self.at.where

    def get(self, key: Key[T]) -> T | None:
        return self.values.get(key.name)  # type: ignore[return-value]

    def has(self, key: Key[Any]) -> bool:
        return key.name in self.cursors

    def cursor(self, key: Key[Any]) -> Cursor:
        """Where to report about the value of a key; the map itself when it is absent."""
        return self.cursors.get(key.name, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf(Generic[T]):
    """A map of known keys. `elsewhere` has advice for keys people expect and that do not exist.

    `check` looks at the whole; the schema's part of it is in `rules`.
    """

    keys: tuple[Key[Any], ...]
    build: Callable[[Record], T]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    rules: Schema = field(default_factory=dict)

    def read(self, at: Cursor) -> T | None:
        if at.node.kind != "map":
            at.problem(f"found {at.node.noun}, expected a map", _map_hint(at.node))
            return None
        return self.build(read_record(self, at))

    def schema(self) -> Schema:
        properties: dict[str, object] = {}
        needs: list[object] = []
        for key in self.keys:
            spelled = spellings(key)
            for index, name in enumerate(spelled):
                properties[name] = _property(key, deprecated=index > 0)
            if key.required:
                needs.append({"anyOf": [{"required": [name]} for name in spelled]})
        rules = dict(self.rules)
        needs += rules.pop("allOf", [])  # type: ignore[arg-type]
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            **({"allOf": needs} if needs else {}),
            **rules,
        }


def spellings(key: Key[Any]) -> list[str]:
    """Every way a key may be written, the proper one first."""
    names = (key.name, *key.old)
    hyphened = [name.replace("_", "-") for name in names]
    return list(dict.fromkeys((*names, *hyphened)))


def _property(key: Key[Any], *, deprecated: bool) -> Schema:
    schema = dict(key.kind.schema())
    if not key.required and schema:
        schema = {"anyOf": [schema, {"type": "null"}]}
    says = f"{key.says}. Ignored: {key.ignored}" if key.ignored else key.says
    return {"description": says, **({"deprecated": True} if deprecated else {}), **schema}


def read_record(kind: MapOf[Any], at: Cursor) -> Record:
    """Read each known key of a map; report unknown, repeated and missing ones."""
    known = {name: key for key in kind.keys for name in (key.name, *key.old)}
    values: dict[str, object] = {}
    cursors: dict[str, Cursor] = {}
    first_lines: dict[str, int] = {}
    meant: set[str] = set()
    for name_node, node in at.node.pairs:
        written = name_node.text
        key = known.get(written.replace("-", "_")) if name_node.kind == "text" else None
        if key is None:
            meant.add(_unknown_key(name_node, at, kind, known))
            continue
        meant.add(key.name)
        _remark(key, name_node, at)
        if key.name in first_lines:
            first = first_lines[key.name]
            hint = f"keep one of the two; the first is in line {first}"
            at.problem(f"`{written}` is given twice", hint, at=name_node)
            continue
        first_lines[key.name] = name_node.line
        cursor = at.inner(node, name_node)
        if node.kind == "null" and not isinstance(key.kind, Anything):
            if key.required:
                cursor.problem(f"`{key.name}` is empty", _example(key))
            continue
        cursors[key.name] = cursor
        value = key.kind.read(cursor)
        if value is not None:
            values[key.name] = value
    for key in kind.keys:
        if key.required and key.name not in meant:
            at.problem(f"`{key.name}` is missing", _example(key), at=at.key or at.node)
    return Record(at=at, values=values, cursors=cursors)


def _example(key: Key[Any]) -> str:
    return f"add `{key.example}`" if key.example else f"add `{key.name}`"


def _remark(key: Key[Any], node: Node, at: Cursor) -> None:
    """Say what is odd about a key that is known."""
    written = node.text
    renamed = written.replace("-", "_") != key.name
    if key.ignored:
        at.note(f"`{written}` is ignored: {key.ignored}", at=node)
    elif renamed:
        hint = f"write `{key.name}`"
        at.note(f"`{written}` is the old name of `{key.name}` and read as such", hint, at=node)
    elif "-" in written:
        message = f"`{written}` is the old spelling of `{key.name}`"
        at.warn(message, f"write `{key.name}`", at=node)
    if key.later:
        at.note(f"`{written}` is not used yet: {key.later}", at=node)


def _unknown_key(node: Node, at: Cursor, kind: MapOf[Any], known: Mapping[str, Key[Any]]) -> str:
    """Report a key nobody knows; the name of the key that was probably meant."""
    if node.kind != "text":
        placeholder = node.kind == "map" and not node.text
        hint = "fill in the placeholder, or quote it" if placeholder else "write a word"
        at.problem(f"found {node.noun} as a key, expected a name", hint, at=node)
        return ""
    written = shown(node.text)
    if advice := kind.elsewhere.get(node.text.lower().replace("-", "_")):
        at.problem(f"unknown key `{written}`", advice, at=node)
        return ""
    meant = node.text.lower().replace("-", "_")
    if near := "" if at.log.crowded else nearest(meant, known):
        at.problem(f"unknown key `{written}`", f"did you mean `{near}`?", at=node)
        return known[near].name
    names = ", ".join(f"`{key.name}`" for key in kind.keys if not key.ignored)
    hint = f"delete it; the keys here are {names}"
    if len(kind.keys) > 9:
        hint = "delete it; `qlocal schema` lists the keys there are"
    at.problem(f"unknown key `{written}`", hint, at=node)
    return ""


def _map_hint(node: Node) -> str:
    if node.kind == "list":
        return "write it without dashes"
    if ":" in node.text:
        return "put a space after the `:`"
    return "write `key: value` lines"
