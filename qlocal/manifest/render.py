"""`Manifest` → the text of a `.qovery.yml` that reads back as the same manifest."""

from collections.abc import Mapping
from typing import Any

import yaml

from qlocal.manifest.model import (
    Application,
    BackingService,
    Manifest,
    ReadyCheck,
    Router,
    ScheduledTask,
)


def render_manifest(manifest: Manifest) -> str:
    """Current spelling of every key; defaults are left out."""
    document = _kept(
        application=_application(manifest.application),
        databases=[_backing_service(it) for it in manifest.databases],
        brokers=[_backing_service(it) for it in manifest.brokers],
        routers=[_router(it) for it in manifest.routers],
        scheduled_tasks=[_task(it) for it in manifest.scheduled_tasks],
        ci=_kept(commands=list(manifest.test_commands)),
    )
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    return text


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, and no anchors: the way people write it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _kept(**values: Any) -> dict[str, Any]:
    """Without what is empty; False and 0 say something."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _application(it: Application) -> Mapping[str, Any]:
    strategy = it.upgrade_strategy
    return _kept(
        name=it.name,
        project=it.project,
        organization=it.organization,
        publicly_accessible=it.publicly_accessible,
        port=it.port,
        private_port=list(it.private_ports),
        dockerfile="" if it.dockerfile == "Dockerfile" else it.dockerfile,
        cpu=f"{it.cpu}m" if it.cpu else "",
        ram=f"{it.ram}MB" if it.ram else "",
        start_timeout=f"{it.start_timeout}s" if it.start_timeout else "",
        depends_on=list(it.depends_on),
        storage=[
            _kept(
                name=storage.name,
                type=storage.type,
                size=f"{storage.size}GB" if storage.size else "",
                mount_point=storage.mount_point,
            )
            for storage in it.storage
        ],
        ready_check=_ready_check(it.ready_check),
        active_environments=list(it.active_environments),
        production_branches=list(it.production_branches),
        upgrade_strategy=strategy
        and {
            "type": strategy.type,
            "max_unavailable": f"{strategy.max_unavailable}%",
            "max_surge": f"{strategy.max_surge}%",
        },
        notification=[
            {"type": one.type, "channel" if one.type == "slack" else "destination": one.target}
            for one in it.notifications
        ],
    )


def _ready_check(it: ReadyCheck | None) -> Mapping[str, Any] | None:
    return None if it is None else _kept(http_url=it.http_path, port=it.port, command=it.command)


def _backing_service(it: BackingService) -> Mapping[str, Any]:
    window = it.backup_window
    return _kept(
        type=it.type,
        name=it.name,
        version=it.version,
        backup_window=f"{window[0]:02}-{window[1]:02}" if window else "",
        size=f"{it.size}GB" if it.size else "",
    )


def _router(it: Router) -> Mapping[str, Any]:
    dns = [one.domain for one in it.custom_domains if one.production]
    return _kept(
        name=it.name,
        dns=dns[0] if dns else "",
        custom_domains=[
            _kept(branch=one.branch, domain=one.domain)
            for one in it.custom_domains
            if not one.production
        ],
        routes=[
            {"application_name": route.application, "paths": list(route.paths)}
            for route in it.routes
        ],
    )


def _task(it: ScheduledTask) -> Mapping[str, Any]:
    return _kept(name=it.name, cron=it.cron, url=it.url, command=it.command)
