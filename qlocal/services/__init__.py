"""What each backing service is. Pure: no I/O, no clock, no random, no Docker.

One file per type; the folder is the registry. A file says everything qlocal knows about its type
in one `SERVICE`; adding a type is adding a file here and, where Debian packages it, a folder of the
same name under `qlocal/images/`.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Drawn once per environment and backing service, then kept; letters and digits only."""

    username: str
    password: str = field(repr=False)
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One backing service of one environment: what the functions of a type are given."""

    name: str
    version: str
    host: str
    port: int
    credentials: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A command that succeeds only when the service accepts queries with its credentials.

    Runs inside the container; seconds. `patience` is how long a first start may take before
    failing probes count.
    """

    command: tuple[str, ...]
    timeout: int = 5
    patience: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """All that is known about a type of backing service.

    `versions` are the ones Qovery offered or that are current, newest first; others are passed
    on as image tags. `data_path` is None for a type that keeps nothing. `environment` is what
    the official image reads; `command` replaces the image's own when not empty. `packaged` is
    True where `qlocal/images/<type>/` can build a stand-in from Debian packages. `default_database`
    may use `{name}`. `major` is how many leading numbers of a version decide whether data written
    by one version can be read by another.
    """

    type: str
    image: str
    port: int
    versions: tuple[str, ...]
    username: str
    default_database: str
    environment: Callable[[Instance], Mapping[str, str]]
    probe: Callable[[Instance], Probe]
    uri: Callable[[Instance], str]
    uri_without_credentials: Callable[[Instance], str]
    data_path: Callable[[str], str] | None = None
    command: Callable[[Instance], tuple[str, ...]] = lambda _: ()
    client: Callable[[Instance], tuple[str, ...]] | None = None
    section: str = "databases"
    major: int = 1
    stop_signal: str = "SIGTERM"
    stop_grace: int = 30
    packaged: bool = False

    def tag(self, version: str) -> str:
        """The image tag for a requested version; nothing or `latest` means the newest known."""
        return self.versions[0] if version in ("", "latest") else version

    def reference(self, version: str) -> str:
        return f"{self.image}:{self.tag(version)}"

    def data_version(self, version: str) -> str:
        """The part of a version that data depends on: `11.5` → `11` for PostgreSQL."""
        return ".".join(self.tag(version).split(".")[: self.major])


@cache
def catalogue() -> Mapping[str, ServiceType]:
    """Every type, by the name used in the manifest."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        service: ServiceType = importlib.import_module(f"{__name__}.{module.name}").SERVICE
        found[service.type] = service
    return found
