"""Machines in words: `a_machine(DEBIAN_12)` is bare, `with_engine(…)` has all it needs."""

from dataclasses import replace
from typing import Any

from qlocal.engine.host.apt import parse_sources
from qlocal.engine.host.distribution import Distribution
from qlocal.engine.host.facts import (
    Answer,
    Client,
    Disk,
    Engine,
    Facts,
    Machine,
    Port,
    Registry,
    Version,
)

SOURCES_12 = """\
Types: deb
# a comment between two fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def _distribution(name: str, version: str, codename: str, *like: str) -> Distribution:
    return Distribution(
        id=name, like=like, version=version, codename=codename, name=f"{name} {version}"
    )


DEBIAN_11 = _distribution("debian", "11", "bullseye")
DEBIAN_12 = _distribution("debian", "12", "bookworm")
DEBIAN_13 = _distribution("debian", "13", "trixie")
DEBIAN_TESTING = _distribution("debian", "", "forky")
UBUNTU_20 = _distribution("ubuntu", "20.04", "focal", "debian")
UBUNTU_22 = _distribution("ubuntu", "22.04", "jammy", "debian")
UBUNTU_24 = _distribution("ubuntu", "24.04", "noble", "debian")
MINT = _distribution("linuxmint", "22", "wilma", "ubuntu", "debian")
FEDORA = _distribution("fedora", "41", "")
ROCKY = _distribution("rocky", "9.4", "", "rhel", "centos", "fedora")
ARCH = _distribution("arch", "", "")
ALPINE = _distribution("alpine", "3.20.3", "")
NIXOS = _distribution("nixos", "24.11", "vicuna")

UNREACHABLE = Registry(name="hub.example", is_reachable=False, detail="its name does not resolve")
REACHABLE = Registry(name="hub.example", is_reachable=True, detail="answers 401")


def version(text: str) -> Version:
    parsed = Version.parse(text)
    assert parsed
    return parsed


def a_machine(
    distribution: Distribution,
    *,
    registry: Registry = REACHABLE,
    system: str = "Linux",
    **more: Any,
) -> Facts:
    """A bare one: root, no systemd, no engine, a registry that answers."""
    machine = Machine(
        system=system,
        distribution=distribution,
        user="root" if more.get("is_root", True) else "ada",
        is_root=more.get("is_root", True),
        has_systemd=more.get("has_systemd", False),
        programs=more.get("programs", {}),
        apt_sources=parse_sources("debian.sources", more.get("sources", SOURCES_12)),
        files=more.get("files", {}),
    )
    return Facts(
        machine=machine,
        client=Client(),
        engine=Engine(answer=Answer.NOT_INSTALLED),
        disk=Disk(path="/var/lib/docker", free=80_000_000_000),
        limits_memory=True,
        names={"hub.example": registry.is_reachable},
        registry=registry,
        ports=(Port(number=80, is_free=True), Port(number=443, is_free=True)),
    )


def with_engine(facts: Facts, *, engine: str = "26.1.5+dfsg1", compose: str = "2.26.1-4") -> Facts:
    """The same machine after all went well."""
    programs = {name: f"/usr/sbin/{name}" for name in ("dockerd", "iptables")}
    return replace(
        facts,
        machine=replace(facts.machine, programs=programs),
        client=Client(
            path="/usr/bin/docker",
            version=version("28.2.2"),
            compose=version(compose),
            buildx=version("0.13.1"),
        ),
        engine=Engine(answer=Answer.ANSWERS, version=version(engine), limits_memory=True),
    )


def stopped(facts: Facts) -> Facts:
    """Everything installed, nothing running."""
    installed = with_engine(facts)
    return replace(installed, engine=Engine(answer=Answer.NOT_RUNNING))
