"""Why a variable has its value: who says what of it, who wins, and what it is made of."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from qlocal.compose.application_variables import platform_and_own
from qlocal.compose.given import Given
from qlocal.compose.resolution import references
from qlocal.compose.roster import PlacedApplication, Roster
from qlocal.compose.scopes import Scope, Variable, Written
from qlocal.compose.secrecy import known_secrets, looks_secret
from qlocal.compose.variables import layers_of, resolve
from qlocal.errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one scope says. `text` is as written there."""

    scope: Scope
    text: str = field(repr=False)
    secret: bool
    wins: bool
    why: str
    where: Where | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One variable; `claims` with the winner first. `refers_to` are names that are set, `missing`
    those that are not.
    """

    variable: Variable
    claims: tuple[Claim, ...]
    refers_to: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_build_argument: bool = False


def explain(
    roster: Roster, given: Given, placed: PlacedApplication, name: str
) -> tuple[Explained, ...]:
    """The variable, then every other that it is made of, each once; nothing where it is not set."""
    platform = platform_and_own(roster, given, placed)
    layers = layers_of(platform, placed.source.dotenv)
    variables = {one.name: one for one in resolve(platform, placed.source.dotenv).variables}
    known = known_secrets(
        (one.value for one in variables.values() if one.secret),
        (one.value for one in variables.values() if one.scope is Scope.BUILT_IN and not one.secret),
    )
    found: dict[str, Explained] = {}
    waiting = [name]
    while waiting:
        asked = waiting.pop(0)
        if asked in found or asked not in layers:
            continue
        one = _explained(variables[asked], layers, known, placed.source.dockerfile.arguments)
        found[asked] = one
        waiting += one.refers_to
    return tuple(found.values())


def _explained(
    variable: Variable,
    layers: Mapping[str, tuple[Written, ...]],
    known: Collection[str],
    arguments: Collection[str],
) -> Explained:
    written = layers[variable.name]
    names = references(written[0])
    return Explained(
        variable=variable,
        claims=tuple(_claims(variable, written, layers, known)),
        refers_to=tuple(one for one in names if _is_set(one, written[0], layers)),
        missing=tuple(one for one in names if not _is_set(one, written[0], layers)),
        is_build_argument=variable.name in arguments,
    )


def _is_set(name: str, by: Written, layers: Mapping[str, tuple[Written, ...]]) -> bool:
    """A variable that refers to itself means what it overrides."""
    return name in layers and (name != by.name or len(layers[name]) > 1)


def _claims(
    variable: Variable,
    written: tuple[Written, ...],
    layers: Mapping[str, tuple[Written, ...]],
    known: Iterable[str],
) -> Iterator[Claim]:
    for index, one in enumerate(written):
        is_name_only = any(one.text in (f"${name}", f"${{{name}}}") for name in references(one))
        points_at = is_name_only and all(name in layers for name in references(one))
        secret = not points_at and (
            one.secret
            or (index == 0 and variable.secret)
            or looks_secret(one.name, one.text)
            or any(word in one.text for word in known)
        )
        yield Claim(
            scope=one.scope,
            text=one.text,
            secret=secret,
            wins=index == 0,
            why=_why(written, index),
            where=one.where,
        )


def _why(written: tuple[Written, ...], index: int) -> str:
    if index:
        return f"overridden by {written[0].scope.name}"
    if len(written) == 1:
        return "nobody else sets it"
    if written[0].scope is Scope.DOTENV:
        return "`.env` has the last word"
    return f"{written[0].scope.name} is above {written[1].scope.name}"
