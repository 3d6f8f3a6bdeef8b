"""Variables as JSON. A secret leaves here as `<hidden>` unless it was asked for."""

from typing import Any

from qlocal.compose.explain import Claim, Explained
from qlocal.compose.scopes import Variable
from qlocal.errors import Where
from qlocal.operations.explain import Difference

HIDDEN = "<hidden>"


def value_of(one: Variable, show_secrets: bool) -> str:
    return HIDDEN if one.secret and not show_secrets else one.value


def place_of(where: Where | None) -> str:
    return str(where) if where else ""


def variable(one: Variable, show_secrets: bool) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": value_of(one, show_secrets),
        "scope": one.scope.name,
        "secret": one.secret,
        "where": place_of(one.where),
    }


def explained(one: Explained, show_secrets: bool) -> dict[str, Any]:
    return variable(one.variable, show_secrets) | {
        "build_argument": one.is_build_argument,
        "claims": [
            {
                "scope": claim.scope.name,
                "where": place_of(claim.where),
                "text": text_of(claim, show_secrets),
                "wins": claim.wins,
                "why": claim.why,
            }
            for claim in one.claims
        ],
        "refers_to": list(one.refers_to),
        "missing": list(missing_of(one, show_secrets)),
    }


def text_of(claim: Claim, show_secrets: bool) -> str:
    return HIDDEN if claim.secret and not show_secrets else claim.text


def missing_of(one: Explained, show_secrets: bool) -> tuple[str, ...]:
    """What follows a dollar in a password is no name, but a piece of it."""
    is_secret = any(claim.wins and claim.secret for claim in one.claims)
    return tuple(HIDDEN if is_secret and not show_secrets else name for name in one.missing)


def difference(one: Difference, show_secrets: bool) -> dict[str, Any]:
    sides = (("here", one.here), ("there", one.there))
    found = {key: variable(side, show_secrets) if side else None for key, side in sides}
    return {"name": one.name, **found}
