"""The manifest: a `.qovery.yml` of any generation, read once, with the place of everything.

Units are fixed here: seconds, MiB, thousandths of a CPU. Source of the format: Qovery v1
(2019-11 to 2021-07); where its documents disagree, the local reading is in the docstrings.
`where` takes no part in equality: two manifests that say the same are the same.
"""

from dataclasses import dataclass, field
from typing import Literal

from qlocal.errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A volume of the application. `size` is GB and informational; 0 when not given."""

    name: str
    mount_point: str
    type: str = "ssd"
    size: int = 0
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyCheck:
    """`ready-check`: an HTTP path on a port (200 is ready), or a command (exit 0 is ready)."""

    http_path: str = ""
    port: int | None = None
    command: str = ""
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeStrategy:
    """Percentages; `rolling-upgrade` is the first name of `ramped`."""

    type: Literal["blue-green", "ramped", "recreate"] = "blue-green"
    max_unavailable: int = 25
    max_surge: int = 25
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    type: Literal["slack", "email"]
    target: str
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledTask:
    """Five-field cron; `url` is called inside the network, `command` runs in the application."""

    name: str
    cron: str
    url: str = ""
    command: str = ""
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`publicly_accessible` and `port` are None when the file does not say.

    `private_ports` are the legacy ports, second to `port` and before EXPOSE. An empty
    `active_environments` means every branch.
    """

    name: str
    project: str
    organization: str = ""
    publicly_accessible: bool | None = None
    port: int | None = None
    private_ports: tuple[int, ...] = ()
    dockerfile: str = "Dockerfile"
    cpu: int | None = None
    ram: int | None = None
    start_timeout: int | None = None
    depends_on: tuple[str, ...] = ()
    storage: tuple[Storage, ...] = ()
    ready_check: ReadyCheck | None = None
    active_environments: tuple[str, ...] = ()
    production_branches: tuple[str, ...] = ()
    upgrade_strategy: UpgradeStrategy | None = None
    notifications: tuple[Notification, ...] = ()
    where: Where = field(compare=False, repr=False)
    where_dockerfile: Where | None = field(default=None, compare=False, repr=False)
    where_port: Where | None = field(default=None, compare=False, repr=False)
    where_depends_on: Where | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackingService:
    """A database or broker. `version` is as written, "" when absent; `size` is GiB, 0 when absent.

    `backup_window` is two hours of the day.
    """

    name: str
    type: str
    version: str = ""
    section: Literal["databases", "brokers"] = "databases"
    backup_window: tuple[int, int] | None = None
    size: int = 0
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`application` is as written; names are compared without regard to case."""

    application: str
    paths: tuple[str, ...]
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomDomain:
    """`branch` "" means every branch (a short-lived form); `dns` is one for the production branch,
    which reads as `production` True.
    """

    domain: str
    branch: str = ""
    production: bool = False
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    name: str
    routes: tuple[Route, ...] = ()
    custom_domains: tuple[CustomDomain, ...] = ()
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One file: one application and what it asks for. `test_commands` is `ci.commands`."""

    application: Application
    databases: tuple[BackingService, ...] = ()
    brokers: tuple[BackingService, ...] = ()
    routers: tuple[Router, ...] = ()
    scheduled_tasks: tuple[ScheduledTask, ...] = ()
    test_commands: tuple[str, ...] = ()
    where: Where = field(compare=False, repr=False)

    @property
    def backing_services(self) -> tuple[BackingService, ...]:
        return self.databases + self.brokers
