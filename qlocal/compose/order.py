"""Who waits for whom."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from qlocal.compose.project import ComposeService
from qlocal.compose.roster import PlacedApplication, Roster
from qlocal.errors import Problem, Severity, Where


def dependencies(roster: Roster) -> tuple[Mapping[str, tuple[str, ...]], list[Problem]]:
    """Of each application: all backing services, then what `depends_on` names.

    A circle is an error, and nobody in the result waits for anybody then.
    """
    by_name = {placed.name.lower(): placed.service for placed in roster.applications}
    backing = tuple(placed.service for placed in roster.services)
    problems: list[Problem] = []
    graph: dict[str, tuple[str, ...]] = {}
    for placed in roster.applications:
        names = placed.source.manifest.application.depends_on
        problems += [_unknown(placed, name) for name in names if name.lower() not in by_name]
        graph[placed.service] = tuple(
            by_name[name.lower()] for name in names if name.lower() in by_name
        )
    if circle := _circle(graph):
        problems.append(
            Problem(
                where=_place(roster.applications[0]),
                message=f"`depends_on` goes in a circle: {' → '.join(circle)}",
                hint="leave one of them out",
            )
        )
        graph = dict.fromkeys(graph, ())
    return {service: backing + others for service, others in graph.items()}, problems


def _place(placed: PlacedApplication) -> Where:
    application = placed.source.manifest.application
    return application.where_depends_on or application.where


def _unknown(placed: PlacedApplication, name: str) -> Problem:
    return Problem(
        where=_place(placed),
        message=f"`depends_on` names `{name}`, which is not in this environment",
        hint="it is not waited for",
        severity=Severity.WARNING,
    )


def _circle(graph: Mapping[str, tuple[str, ...]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def waves(services: Iterable[ComposeService]) -> tuple[tuple[str, ...], ...]:
    """Services that may start together, wave after wave."""
    sorter = TopologicalSorter({service.name: service.depends_on for service in services})
    sorter.prepare()
    found = []
    while sorter.is_active():
        wave = sorter.get_ready()
        found.append(tuple(sorted(wave)))
        sorter.done(*wave)
    return tuple(found)
