"""One row of the engine's container list → a fact."""

from typing import Any

import pytest

from qlocal.engine.observing import container_from, volume_from

ROW: dict[str, Any] = {
    "Id": "abc",
    "Names": ["/demo--main-todo-1"],
    "Image": "todo:1",
    "State": "running",
    "Status": "Up 2 minutes (healthy)",
    "Labels": {"dev.qlocal.service": "todo", "dev.qlocal.digest": "d1"},
    "Ports": [
        {"IP": "127.0.0.1", "PrivatePort": 8080, "PublicPort": 20001, "Type": "tcp"},
        {"PrivatePort": 9090, "Type": "tcp"},
    ],
    "NetworkSettings": {"Networks": {"a": {"IPAddress": "172.18.0.2"}, "b": {"IPAddress": ""}}},
}


def test_a_running_container() -> None:
    found = container_from(ROW)
    assert (found.id, found.name, found.service) == ("abc", "demo--main-todo-1", "todo")
    assert (found.state, found.health, found.exit_code) == ("running", "healthy", None)
    assert (found.digest, found.image) == ("d1", "todo:1")
    assert found.addresses == ("172.18.0.2",)
    assert found.ports == {8080: 20001}


@pytest.mark.parametrize(
    ("state", "status", "health", "exit_code"),
    [
        ("running", "Up Less than a second", "", None),
        ("running", "Up 5 seconds (health: starting)", "starting", None),
        ("running", "Up 2 hours (unhealthy)", "unhealthy", None),
        ("running", "Up 2 hours (Paused)", "", None),
        ("exited", "Exited (0) 3 minutes ago", "", 0),
        ("exited", "Exited (137) About an hour ago", "", 137),
        ("restarting", "Restarting (1) 2 seconds ago", "", None),
        ("created", "Created", "", None),
        ("dead", "Dead", "", None),
    ],
)
def test_what_the_status_says(state: str, status: str, health: str, exit_code: int | None) -> None:
    found = container_from(ROW | {"State": state, "Status": status})
    assert (found.state, found.health, found.exit_code) == (state, health, exit_code)


def test_a_row_with_holes_is_a_container_all_the_same() -> None:
    """Engines leave out what is empty, or say null."""
    found = container_from({"Id": "abc", "Names": None, "Labels": None, "Ports": None})
    assert (found.service, found.name, found.ports, found.addresses) == ("", "", {}, ())


def test_a_volume() -> None:
    found = volume_from({"Name": "v", "Labels": {"dev.qlocal.type": "redis"}})
    assert (found.name, found.type, found.version) == ("v", "redis", "")
    assert volume_from({"Name": "v", "Labels": None}).type == ""
