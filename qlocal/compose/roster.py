"""Who lives in an environment: each application and backing service with its unique name.

Known before anything is drawn or looked at, so that credentials and ports can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain

from qlocal.compose.naming import service_name, variable_name
from qlocal.errors import Problem
from qlocal.manifest.dockerfile import Dockerfile
from qlocal.manifest.dotenv import Entry
from qlocal.manifest.model import BackingService, Manifest
from qlocal.manifest.settings import ApplicationSettings, ServiceSettings, Settings
from qlocal.services import ServiceType, catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One application's files, read. `root` is its folder, absolute; `context` is the digest of
    what a build of it would see.
    """

    manifest: Manifest
    settings: Settings
    dockerfile: Dockerfile
    dotenv: tuple[Entry, ...] = ()
    root: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedApplication:
    """`alias` is a second host name; "" where its name is its service's or another's."""

    service: str
    source: Source
    alias: str = ""

    @property
    def name(self) -> str:
        return self.source.manifest.application.name

    @property
    def settings(self) -> ApplicationSettings:
        return self.source.settings.applications.get(self.name, ApplicationSettings())

    @property
    def port(self) -> int | None:
        """`port` of the manifest, then the legacy private port, then EXPOSE."""
        application = self.source.manifest.application
        if application.port:
            return application.port
        return next(iter(application.private_ports), None) or self.source.dockerfile.port

    @property
    def is_public(self) -> bool:
        """As the manifest says; without a word from it: when routed, or when nothing is."""
        application, routers = self.source.manifest.application, self.source.manifest.routers
        if application.publicly_accessible is not None:
            return application.publicly_accessible
        routed = {route.application.lower() for router in routers for route in router.routes}
        return application.name.lower() in routed or not routers


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedService:
    """`variable_prefix` is `QOVERY_DATABASE_<NAME>`; `alias` is a second host name, or ""."""

    service: str
    declared: BackingService
    kind: ServiceType
    settings: ServiceSettings
    images: Mapping[str, str]
    root: str
    variable_prefix: str
    alias: str = ""

    @property
    def image(self) -> str:
        """The reference asked for, after the overrides of `qlocal.yml`."""
        return self.settings.image or self.images.get(
            self.kind.reference(self.declared.version), self.kind.reference(self.declared.version)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    applications: tuple[PlacedApplication, ...]
    services: tuple[PlacedService, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def created(self) -> "Roster":
        """Without the backing services that run elsewhere."""
        return replace(
            self, services=tuple(one for one in self.services if not one.settings.attach)
        )


def take_roster(sources: tuple[Source, ...]) -> Roster:
    """Name everything once. Backing services come first: they are declared by an application but
    belong to the environment, and two applications that declare the same one share it.
    """
    problems: list[Problem] = []
    services: dict[tuple[str, str], PlacedService] = {}
    taken: set[str] = set()
    prefixes: set[str] = set()
    for source in sources:
        for declared in source.manifest.backing_services:
            key = (declared.name.lower(), declared.type)
            if key in services:
                continue
            kind = catalogue().get(declared.type)
            if kind is None:
                problems.append(_unsupported(declared))
                continue
            placed = _place(declared, kind, source, taken, prefixes)
            services[key] = placed
            taken.add(placed.service)
            prefixes.add(placed.variable_prefix)
    applications: list[PlacedApplication] = []
    for source in sources:
        name = service_name(source.manifest.application.name, taken, kind="application")
        taken.add(name)
        applications.append(PlacedApplication(service=name, source=source))
    return Roster(
        applications=tuple(replace(one, alias=_alias(one.name, taken)) for one in applications),
        services=tuple(
            replace(one, alias=_alias(one.declared.name, taken)) for one in services.values()
        ),
        problems=tuple(problems),
    )


def _alias(name: str, taken: set[str]) -> str:
    """Programs use the name of the manifest as a host too; `test_db` is no DNS label, but the
    engine's name server answers for it all the same. One name is one service's.
    """
    alias = name.lower()
    is_host = all(character.isalnum() or character in "-_." for character in alias)
    if not is_host or alias in taken:
        return ""
    taken.add(alias)
    return alias


def _place(
    declared: BackingService,
    kind: ServiceType,
    source: Source,
    taken: set[str],
    prefixes: set[str],
) -> PlacedService:
    prefix = _variable_prefix(declared, prefixes)
    return PlacedService(
        service=service_name(declared.name, taken, kind=declared.type),
        declared=declared,
        kind=kind,
        settings=source.settings.services.get(declared.name, ServiceSettings()),
        images=source.settings.images,
        root=source.root,
        variable_prefix=prefix,
    )


def _variable_prefix(declared: BackingService, taken: set[str]) -> str:
    """`QOVERY_DATABASE_<NAME>`; with the type, then with a number, where another has that already.
    The manifest's parser has warned of it.
    """
    category = "DATABASE" if declared.section == "databases" else "BROKER"
    plain = variable_name("QOVERY", category, declared.name)
    typed = variable_name("QOVERY", category, declared.name, declared.type)
    numbered = (f"{typed}_{number}" for number in range(2, 10_000))
    return next(one for one in chain((plain, typed), numbered) if one not in taken)


def _unsupported(declared: BackingService) -> Problem:
    known = ", ".join(f"`{name}`" for name in sorted(catalogue()))
    return Problem(
        where=declared.where,
        message=f"qlocal cannot run `{declared.type}` yet",
        hint=f"it runs {known}",
    )
