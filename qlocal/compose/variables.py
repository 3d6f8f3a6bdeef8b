"""Variables: what an application finds in its environment, where each came from, and who wins.

BUILT_IN < PROJECT < ENVIRONMENT < APPLICATION < DOTENV.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from qlocal.errors import Where
from qlocal.manifest.dotenv import Entry


class Scope(IntEnum):
    BUILT_IN = 1
    PROJECT = 2
    ENVIRONMENT = 3
    APPLICATION = 4
    DOTENV = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """`value` is final; `secret` ones are shown only when asked for."""

    name: str
    value: str = field(repr=False)
    scope: Scope
    secret: bool = False
    where: Where | None = field(default=None, compare=False)


_SECRET_WORDS = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_KEY$|^KEY$|APIKEY|API_KEY|_DSN$|SALT",
    re.IGNORECASE,
)
_LOGIN_IN_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/@\s]*:[^/@\s]+@")


def looks_secret(name: str, value: str) -> bool:
    """A name that speaks of a secret, or a URI that carries a password."""
    return bool(_SECRET_WORDS.search(name) or _LOGIN_IN_URI.search(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """`missing` are (variable, name it refers to) pairs that resolved to nothing."""

    variables: tuple[Variable, ...]
    missing: tuple[tuple[Variable, str], ...] = ()


# `\$` stays a dollar; lower-case names are left alone, as the platform's own reader did.
_REFERENCE = re.compile(r"(\\)?\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))")


def resolve(platform: Iterable[Variable], dotenv: Iterable[Entry]) -> Resolved:
    """All variables of one application, one per name, sorted by name.

    A platform variable is an alias only when its whole value is `$NAME`. In `.env`, every
    unquoted or double-quoted `$NAME`/`${NAME}` is replaced, from `.env` first and then from the
    platform; a cycle or an unknown name gives nothing and is reported.
    """
    winners: dict[str, Variable] = {}
    for variable in sorted(platform, key=lambda one: one.scope):
        winners[variable.name] = variable
    entries = {entry.name: entry for entry in dotenv}
    resolution = _Resolution(platform=winners, entries=entries)
    for name, entry in entries.items():
        value = resolution.value(name)
        secret = looks_secret(name, value) or resolution.is_secret(name)
        winners[name] = Variable(
            name=name, value=value, scope=Scope.DOTENV, secret=secret, where=entry.where
        )
    for name, variable in tuple(winners.items()):
        if variable.scope is Scope.BUILT_IN or variable.scope is Scope.DOTENV:
            continue
        if alias := re.fullmatch(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?", variable.value):
            target = winners.get(alias[1])
            if target is None or target is variable:
                resolution.missing.append((variable, alias[1]))
            else:
                winners[name] = Variable(
                    name=name,
                    value=target.value,
                    scope=variable.scope,
                    secret=variable.secret or target.secret,
                    where=variable.where,
                )
    missing = tuple(
        (winners.get(variable.name, variable), reference)
        for variable, reference in resolution.missing
    )
    return Resolved(
        variables=tuple(winners[name] for name in sorted(winners)), missing=_once(missing)
    )


def _once(
    missing: tuple[tuple[Variable, str], ...],
) -> tuple[tuple[Variable, str], ...]:
    return tuple({(variable.name, name): (variable, name) for variable, name in missing}.values())


@dataclass(slots=True)
class _Resolution:
    """One walk through the references of a `.env`."""

    platform: Mapping[str, Variable]
    entries: Mapping[str, Entry]
    missing: list[tuple[Variable, str]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        entry = self.entries[name]
        if not entry.expands:
            return entry.value
        self._open.append(name)
        text = _REFERENCE.sub(self._replacement(entry), entry.value)
        self._open.pop()
        return text

    def is_secret(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        if name in self.entries:
            entry = self.entries[name]
            if not entry.expands or name in seen:
                return False
            names = (match[2] or match[3] for match in _REFERENCE.finditer(entry.value))
            return any(self._refers_to_secret(one, name, seen) for one in names)
        return name in self.platform and self.platform[name].secret

    def _refers_to_secret(self, reference: str, name: str, seen: frozenset[str]) -> bool:
        if reference == name:
            return reference in self.platform and self.platform[reference].secret
        return self.is_secret(reference, seen | {name})

    def _replacement(self, entry: Entry) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            if match[1]:
                return match[0][1:]
            name = match[2] or match[3]
            if name in self.entries and name not in self._open:
                return self.value(name)
            if name in self.platform:
                return self.platform[name].value
            self.missing.append((_standing_for(entry), name))
            return ""

        return replace


def _standing_for(entry: Entry) -> Variable:
    return Variable(name=entry.name, value="", scope=Scope.DOTENV, where=entry.where)
