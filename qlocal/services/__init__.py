"""What each backing service is. Pure: no I/O, no clock, no random, no Docker.

One file per type; the folder is the registry. A file says everything qlocal knows about its type
in one `SERVICE`; adding a type is adding a file here and, where Debian packages it, a folder of the
same name under `qlocal/images/`.
"""

import importlib
import pkgutil
import re
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

    Runs inside the container; seconds. `exchange` is the same in one round trip of the type's own
    protocol, where a line of it is enough: what is sent, and how the answer begins. `patience` is
    how long a first start may take before failing probes count.
    """

    command: tuple[str, ...]
    timeout: int = 5
    patience: int = 120
    exchange: tuple[bytes, bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """All that is known about a type of backing service.

    `versions` are the ones Qovery offered or that are current; the first is what `latest` and no
    version mean, others are passed on as image tags. `tags` turns a version into the tag to pull,
    for those without a tag of their own name. `major` is how many leading numbers of a version
    decide whether data written by one version can be read by another.

    `environment` is what the official image reads; `command` replaces the image's own when not
    empty. `data_path` is None for a type that keeps nothing. `default_database` may use `{name}`.
    `has_login` is False for versions that ask nobody for a password. `packaged` is True where
    `qlocal/images/<type>/` can build a stand-in from Debian packages; `instead` is a type that can,
    and that programs take for this one.

    URIs are made of credentials spelled as URIs spell them, percent signs and all.

    `client`, `dump` and `restore` run inside the container and read their credentials from its
    environment; what follows the client's words are its own arguments. `dump` writes to its output
    what `restore` reads from its input; where they are None, a copy of the volume is the way.

    Limits, 0 for none: `ram` and `shared_memory` in MiB, `open_files` per process.
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
    tags: Callable[[str], str] = lambda version: version
    major: Callable[[str], int] = lambda _: 1
    data_path: Callable[[str], str] | None = None
    command: Callable[[Instance], tuple[str, ...]] = lambda _: ()
    has_login: Callable[[str], bool] = lambda _: True
    client: Callable[[Instance], tuple[str, ...]] | None = None
    dump: Callable[[Instance], tuple[str, ...]] | None = None
    restore: Callable[[Instance], tuple[str, ...]] | None = None
    section: str = "databases"
    stop_signal: str = "SIGTERM"
    stop_grace: int = 30
    ram: int = 0
    shared_memory: int = 0
    open_files: int = 0
    packaged: bool = False
    instead: str = ""

    def requested(self, version: str) -> str:
        """The version as asked for; nothing and `latest` ask for the first."""
        return self.versions[0] if version in ("", "latest") else version

    def tag(self, version: str) -> str:
        """The image tag for a requested version."""
        return self.tags(self.requested(version))

    def reference(self, version: str) -> str:
        return f"{self.image}:{self.tag(version)}"

    def data_version(self, version: str) -> str:
        """The part of a version that data depends on: `11.5-alpine` → `11` for PostgreSQL."""
        tag = self.tag(version)
        return ".".join(tag.partition("-")[0].split(".")[: self.major(tag)])


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers, for comparing: `8.0.19-debian` → (8, 0, 19)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def shell(script: str, name: str) -> tuple[str, ...]:
    """A script whose further arguments are in `"$@"`."""
    return ("sh", "-c", script, name)


@cache
def catalogue() -> Mapping[str, ServiceType]:
    """Every type, by the name used in the manifest."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        service: ServiceType = importlib.import_module(f"{__name__}.{module.name}").SERVICE
        found[service.type] = service
    return found
