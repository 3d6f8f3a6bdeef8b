"""Variables: what an application finds in its environment, where each came from, and who wins.

BUILT_IN < PROJECT < ENVIRONMENT < APPLICATION < DOTENV.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qlocal.compose.resolution import Resolution, as_written
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
    platform = tuple(platform)
    built_in = {one.name: one for one in platform if one.scope is Scope.BUILT_IN}
    return resolve_over(built_in, [it for it in platform if it.scope is not Scope.BUILT_IN], dotenv)


def resolve_over(
    built_in: Mapping[str, Variable], set_by_users: Iterable[Variable], dotenv: Iterable[Entry]
) -> Resolved:
    """As `resolve`, at the cost of what users wrote: the built-in ones, thousands in a project of
    a hundred applications, are only passed on.
    """
    users, entries = tuple(set_by_users), tuple(dotenv)
    names = sorted({one.name for one in users} | {one.name for one in entries})
    overridden = [built_in[name] for name in names if name in built_in]
    layers = layers_of((*overridden, *users), entries)
    resolution = Resolution(layers=layers, built_in=built_in)
    winners = {name: resolution.winner(name) for name in names}
    hidden = {one.name: one for one in _hide_what_holds_a_secret(built_in, winners)}
    found = {**built_in, **hidden}
    return Resolved(
        variables=tuple(map(found.__getitem__, sorted(found))),
        missing=tuple((winners.get(one.name, one), name) for one, name in resolution.missing),
        problems=resolution.problems,
    )


def layers_of(
    platform: Iterable[Variable], dotenv: Iterable[Entry]
) -> Mapping[str, tuple[Written, ...]]:
    """By name, whatever any scope says of it; the highest scope first."""
    written: dict[tuple[str, Scope], Written] = {}
    for variable in platform:
        written[variable.name, variable.scope] = as_written(variable)
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


def _hide_what_holds_a_secret(
    built_in: Mapping[str, Variable], winners: Mapping[str, Variable]
) -> Iterable[Variable]:
    """A value that a user pasted a secret into is one too, whatever its name. Of the built-in ones
    it is known which are secret.
    """
    if not winners:
        return
    every = {**built_in, **winners}.values()
    public = (one.value for one in every if one.scope is Scope.BUILT_IN and not one.secret)
    known = known_secrets((one.value for one in every if one.secret), public)
    for one in winners.values():
        holds = not one.secret and any(secret in one.value for secret in known)
        yield replace(one, secret=True) if holds else one
