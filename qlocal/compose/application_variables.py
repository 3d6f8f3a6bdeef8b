"""All variables of one application, from inside its container or as its process on the host."""

from dataclasses import replace

from qlocal.compose.builtin import platform_variables
from qlocal.compose.given import Given
from qlocal.compose.host import doors, rewritten
from qlocal.compose.roster import PlacedApplication, Roster
from qlocal.compose.scopes import Variable
from qlocal.compose.variables import Resolved, resolve


def application_variables(
    roster: Roster, given: Given, placed: PlacedApplication, *, from_host: bool = False
) -> Resolved:
    platform = platform_and_own(roster, given, placed, from_host=from_host)
    resolved = resolve(platform, placed.source.dotenv)
    if not from_host:
        return resolved
    return replace(resolved, variables=rewritten(resolved.variables, doors(roster, given)))


def platform_and_own(
    roster: Roster, given: Given, placed: PlacedApplication, *, from_host: bool = False
) -> tuple[Variable, ...]:
    """Everything but `.env`: what the platform sets and what users set by command."""
    platform = platform_variables(roster, given, placed, from_host=from_host)
    return (*platform, *given.variables.get(placed.service, ()))
