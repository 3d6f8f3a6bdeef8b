"""Variables: what an application finds in its environment, where each came from, and who wins.

BUILT_IN < PROJECT < ENVIRONMENT < APPLICATION < DOTENV.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qlocal.compose.resolution import Resolution
from qlocal.compose.scopes import Scope, Variable, Written
from qlocal.compose.secrecy import known_secrets, looks_secret
from qlocal.errors import Problem
from qlocal.manifest.dotenv import Entry

__all__ = ["Resolved", "Scope", "Variable", "Written", "layers_of", "looks_secret", "resolve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """`missing` are (variable, name it refers to) pairs that resolved to nothing."""

    variables: tuple[Variable, ...]
    missing: tuple[tuple[Variable, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def resolve(platform: Iterable[Variable], dotenv: Iterable[Entry]) -> Resolved:
    """All variables of one application, one per name, sorted by name.

    A user's variable is an alias only when its whole value is `$NAME`; of nothing, it stays as it
    is. In `.env`, every unquoted or double-quoted `$NAME`/`${NAME}` is replaced; a cycle or an
    unknown name gives nothing. Both are reported. A name that is being resolved stands for what
    it overrides.
    """
    layers = layers_of(platform, dotenv)
    resolution = Resolution(layers=layers)
    winners = {name: resolution.winner(name) for name in sorted(layers)}
    return Resolved(
        variables=tuple(_hide_what_holds_a_secret(winners.values())),
        missing=tuple((winners.get(one.name, one), name) for one, name in resolution.missing),
        problems=resolution.problems,
    )


def layers_of(
    platform: Iterable[Variable], dotenv: Iterable[Entry]
) -> Mapping[str, tuple[Written, ...]]:
    """By name, whatever any scope says of it; the highest scope first."""
    written: dict[tuple[str, Scope], Written] = {}
    for variable in platform:
        written[variable.name, variable.scope] = Written(
            name=variable.name,
            text=variable.value,
            scope=variable.scope,
            secret=variable.secret,
            is_alias=variable.scope is not Scope.BUILT_IN and not variable.literal,
            where=variable.where,
        )
    for entry in dotenv:
        written[entry.name, Scope.DOTENV] = Written(
            name=entry.name,
            text=entry.value,
            scope=Scope.DOTENV,
            expands=entry.expands,
            where=entry.where,
        )
    found: dict[str, tuple[Written, ...]] = {}
    for one in sorted(written.values(), key=lambda one: one.scope):
        found[one.name] = (one, *found.get(one.name, ()))
    return found


def _hide_what_holds_a_secret(variables: Iterable[Variable]) -> Iterable[Variable]:
    """A value that a user pasted a secret into is one too, whatever its name."""
    found = tuple(variables)
    public = (one.value for one in found if one.scope is Scope.BUILT_IN and not one.secret)
    known = known_secrets((one.value for one in found if one.secret), public)
    for one in found:
        holds = not one.secret and any(secret in one.value for secret in known)
        yield replace(one, secret=True) if holds else one
