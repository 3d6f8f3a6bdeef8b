"""The engine's answers → facts."""

import re
from collections.abc import Mapping
from typing import Any

from qlocal.compose.naming import (
    LABEL_DIGEST,
    LABEL_SERVICE,
    LABEL_STORE,
    LABEL_TYPE,
    LABEL_VERSION,
)
from qlocal.plan.facts import Container, ObservedVolume

_EXIT = re.compile(r"^Exited \((\d+)\)")
_HEALTH = {"(healthy)": "healthy", "(unhealthy)": "unhealthy", "(health: starting)": "starting"}


def container_from(raw: Mapping[str, Any]) -> Container:
    """From one row of the container list: one call for all, no inspection of each."""
    labels = raw.get("Labels") or {}
    status: str = raw.get("Status", "")
    exited = _EXIT.match(status)
    networks = (raw.get("NetworkSettings") or {}).get("Networks") or {}
    return Container(
        id=raw["Id"],
        name=(raw.get("Names") or ["/"])[0].lstrip("/"),
        service=labels.get(LABEL_SERVICE, ""),
        image=raw.get("Image", ""),
        state=raw.get("State", ""),
        health=next((word for mark, word in _HEALTH.items() if mark in status), ""),
        exit_code=int(exited[1]) if exited else None,
        status=status,
        digest=labels.get(LABEL_DIGEST, ""),
        labels=labels,
        addresses=tuple(one["IPAddress"] for one in networks.values() if one.get("IPAddress")),
        ports={
            port["PrivatePort"]: port["PublicPort"]
            for port in raw.get("Ports") or ()
            if port.get("PublicPort")
        },
    )


def volume_from(raw: Mapping[str, Any]) -> ObservedVolume:
    labels = raw.get("Labels") or {}
    return ObservedVolume(
        name=raw["Name"],
        service=labels.get(LABEL_SERVICE, ""),
        type=labels.get(LABEL_TYPE, ""),
        version=labels.get(LABEL_VERSION, ""),
        store=labels.get(LABEL_STORE, ""),
    )
