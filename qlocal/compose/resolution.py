"""One walk through the references between variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qlocal.compose.scopes import Scope, Variable, Written
from qlocal.compose.secrecy import looks_secret
from qlocal.errors import Problem, Severity, Where

# `\$` stays a dollar; lower-case names are left alone, as the platform's own reader did.
REFERENCE = re.compile(r"(\\)?\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))")
ALIAS = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_.]*)\}|([A-Za-z_][A-Za-z0-9_.]*))")

LARGEST = 131_071  # bytes of `NAME=value`: the kernel starts no program with a longer one
_DEEPEST = 50
_MOST_STEPS = 50_000  # circles make results depend on where one starts, so they cannot be kept


def references(written: Written) -> tuple[str, ...]:
    """The names that a text refers to, in order, each once."""
    if written.is_alias:
        alias = ALIAS.fullmatch(written.text)
        return (alias[1] or alias[2],) if alias else ()
    if not written.expands:
        return ()
    found = (it[2] or it[3] for it in REFERENCE.finditer(written.text) if not it[1])
    return tuple(dict.fromkeys(found))


def as_written(variable: Variable) -> Written:
    return Written(
        name=variable.name,
        text=variable.value,
        scope=variable.scope,
        secret=variable.secret,
        is_alias=variable.scope is not Scope.BUILT_IN and not variable.literal,
        where=variable.where,
    )


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    secret: bool


@dataclass(slots=True, kw_only=True)
class Resolution:
    """`layers` are by name, the highest scope first; `built_in` are those that may be referred to
    without being in `layers`.
    """

    layers: Mapping[str, tuple[Written, ...]]
    built_in: Mapping[str, Variable] = field(default_factory=dict)
    _missing: dict[tuple[str, str], tuple[Written, str]] = field(default_factory=dict)
    _faults: dict[str, Problem] = field(default_factory=dict)
    _open: list[tuple[str, Scope]] = field(default_factory=list)
    _kept: dict[tuple[str, Scope], _Value] = field(default_factory=dict)
    _circular: bool = False
    _steps: int = 0

    def winner(self, name: str) -> Variable:
        written = self.layers[name][0]
        return _variable(written, self._value(written))

    @property
    def missing(self) -> tuple[tuple[Variable, str], ...]:
        """(variable, name) pairs; the variable is one of a lower scope where that was used."""
        return tuple(
            (_variable(written, _Value("", written.secret)), name)
            for written, name in self._missing.values()
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = [_unknown(*pair) for pair in self._missing.values() if pair[0].where]
        return (*self._faults.values(), *found)

    def _value(self, written: Written) -> _Value:
        key = (written.name, written.scope)
        if kept := self._kept.get(key):
            return kept
        self._steps += 1
        if len(self._open) >= _DEEPEST or self._steps > _MOST_STEPS:
            self._fault(written, "is made of too many others", "say it in fewer steps")
            return _Value("", secret=True)
        outer, self._circular = self._circular, False
        self._open.append(key)
        value = self._text(written)
        self._open.pop()
        if not self._circular:
            self._kept[key] = value
        self._circular = self._circular or outer
        return value

    def _text(self, written: Written) -> _Value:
        if written.is_alias:
            value = self._alias(written)
        elif written.expands:
            value = self._expanded(written)
        else:
            value = _Value(written.text, written.secret)
        if len(written.name.encode()) + 1 + len(value.text.encode("utf-8", "replace")) > LARGEST:
            self._fault(
                written,
                "is longer than the 128 kB that a program can be given",
                "put it in a file, and the file's path in the variable",
            )
            return _Value("", value.secret)
        if written.scope is Scope.BUILT_IN:
            return value
        return _Value(value.text, value.secret or looks_secret(written.name, value.text))

    def _alias(self, written: Written) -> _Value:
        for name in references(written):
            found = self._look_up(name)
            if found is not None:
                return _Value(found.text, found.secret or written.secret)
            self._miss(written, name)
        return _Value(written.text, written.secret)

    def _expanded(self, written: Written) -> _Value:
        parts: list[str] = []
        end, room, secret = 0, LARGEST, written.secret
        for match in REFERENCE.finditer(written.text):
            parts.append(written.text[end : match.start()])
            end = match.end()
            if match[1]:
                parts.append(match[0][1:])
                continue
            found = self._look_up(match[2] or match[3])
            if found is None:
                self._miss(written, match[2] or match[3])
                continue
            parts.append(found.text)
            secret = secret or found.secret
            room -= len(found.text)
            if room < 0:  # reported by the caller; what follows would only cost memory
                break
        return _Value("".join((*parts, written.text[end:])), secret)

    def _look_up(self, name: str) -> _Value | None:
        """A name that is being resolved stands for what it overrides."""
        layers = self.layers.get(name, ())
        if not layers and name in self.built_in:
            layers = (as_written(self.built_in[name]),)
        for written in layers:
            if (written.name, written.scope) not in self._open:
                return self._value(written)
            self._circular = True
        return None

    def _miss(self, written: Written, name: str) -> None:
        self._missing.setdefault((written.name, name), (written, name))

    def _fault(self, written: Written, what: str, hint: str) -> None:
        self._faults.setdefault(
            written.name,
            Problem(
                where=written.where or Where(path=written.scope.name),
                message=f"`{written.name}` {what}",
                hint=hint,
            ),
        )


def _variable(written: Written, value: _Value) -> Variable:
    return Variable(
        name=written.name,
        value=value.text,
        scope=written.scope,
        secret=value.secret,
        where=written.where,
    )


def _unknown(written: Written, name: str) -> Problem:
    """Of what may be a password with a dollar in it, no piece is shown."""
    is_secret = written.secret or looks_secret(written.name, written.text)
    target = "a variable" if is_secret else f"`{name}`"
    if written.is_alias:
        message = f"`{written.name}` is an alias of {target}, which is not set; it stays as written"
        hint = "`qlocal env set --literal` says that it is no alias"
    else:
        message = f"`{written.name}` refers to {target}, which is not set; it stays empty"
        hint = (
            "set that variable" if is_secret else f"set `{name}`"
        ) + ", or put the value in single quotes if it is meant literally"
    assert written.where  # noqa: S101 (only those with a place are reported)
    return Problem(where=written.where, message=message, hint=hint, severity=Severity.WARNING)
