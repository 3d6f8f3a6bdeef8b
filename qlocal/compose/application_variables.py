"""All variables of one application, from inside its container or as its process on the host."""

from dataclasses import replace

from qlocal.compose.builtin import Shared, platform_variables, shared_by_all
from qlocal.compose.given import Given
from qlocal.compose.host import doors, rewritten
from qlocal.compose.roster import PlacedApplication, Roster
from qlocal.compose.scopes import Variable
from qlocal.compose.variables import Resolved, resolve_over


def application_variables(
    roster: Roster, given: Given, placed: PlacedApplication, shared: Shared | None = None
) -> Resolved:
    """`shared` is `shared_by_all(…)`, where several applications are asked about."""
    built_in = platform_variables(roster, given, placed, shared)
    return resolve_over(built_in, given.variables.get(placed.service, ()), placed.source.dotenv)


def variables_from_host(roster: Roster, given: Given, placed: PlacedApplication) -> Resolved:
    shared = shared_by_all(roster, given, from_host=True)
    resolved = application_variables(roster, given, placed, shared)
    return replace(resolved, variables=rewritten(resolved.variables, doors(roster, given)))


def platform_and_own(
    roster: Roster, given: Given, placed: PlacedApplication
) -> tuple[Variable, ...]:
    """Everything but `.env`: what the platform sets and what users set by command."""
    platform = platform_variables(roster, given, placed)
    return (*platform.values(), *given.variables.get(placed.service, ()))
