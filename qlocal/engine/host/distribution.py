"""What each distribution calls the parts of an engine. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class Part(Enum):
    """A piece of software an engine needs, or that qlocal needs beside it."""

    ENGINE = "Docker Engine"
    CLI = "docker CLI"
    COMPOSE = "Compose"
    BUILDX = "buildx"
    IPTABLES = "iptables"
    DEBOOTSTRAP = "debootstrap"


ENGINE_PARTS = frozenset({Part.ENGINE, Part.CLI, Part.COMPOSE, Part.BUILDX})


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What `/etc/os-release` says; every field may be empty. `upstream` is the codename of the
    Ubuntu that a derivative takes its packages from.
    """

    id: str = ""
    like: tuple[str, ...] = ()
    version: str = ""
    codename: str = ""
    name: str = ""
    upstream: str = ""

    @staticmethod
    def parse(text: str) -> "Distribution":
        pairs = (line.strip().partition("=") for line in text.splitlines())
        said = {key: value.strip("\"'") for key, _, value in pairs}
        return Distribution(
            id=said.get("ID", ""),
            like=tuple(said.get("ID_LIKE", "").split()),
            version=said.get("VERSION_ID", ""),
            codename=said.get("VERSION_CODENAME", ""),
            name=said.get("PRETTY_NAME", ""),
            upstream=said.get("UBUNTU_CODENAME", ""),
        )

    @property
    def major(self) -> int | None:
        """None for a rolling or unreleased one."""
        leading = self.version.split(".")[0]
        return int(leading) if leading.isdigit() else None

    def __str__(self) -> str:
        return self.name or self.id or "this system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the parts get onto a distribution.

    `is_automatic` says that qlocal was tried there and may do it itself; elsewhere the commands
    are printed. `foreign_suite` is a later release that the engine's parts are taken from.
    """

    packages: Mapping[Part, str]
    install: str
    start: tuple[str, ...] = ("systemctl enable --now docker",)
    is_automatic: bool = False
    foreign_suite: str = ""
    needs_sudo: bool = True

    def names(self, parts: Iterable[Part]) -> tuple[str, ...]:
        """The packages of these parts, each once, in the order of `Part`."""
        wanted = set(parts)
        found = (self.packages[part] for part in Part if part in wanted and part in self.packages)
        return tuple(dict.fromkeys(found))

    @property
    def foreign_packages(self) -> tuple[str, ...]:
        return self.names(ENGINE_PARTS)


# Never at the price of another package: a Docker from elsewhere conflicts with the distribution's.
APT_INSTALL = "apt-get install -y --no-install-recommends --no-remove"
_DEBIAN = Recipe(
    packages={
        Part.ENGINE: "docker.io",
        Part.CLI: "docker-cli",
        Part.COMPOSE: "docker-compose",
        Part.BUILDX: "docker-buildx",
        Part.IPTABLES: "iptables",
        Part.DEBOOTSTRAP: "debootstrap",
    },
    install=APT_INSTALL,
    is_automatic=True,
)
# Debian 12's own Engine is 20.10 and its docker-compose is the old Compose 1. These four of
# Debian 13 run on the libraries of 12; runc, containerd and all the rest stay those of 12.
_DEBIAN_12 = Recipe(
    packages=_DEBIAN.packages, install=APT_INSTALL, is_automatic=True, foreign_suite="trixie"
)
_UBUNTU_PACKAGES = {
    **_DEBIAN.packages,
    Part.CLI: "docker.io",
    Part.COMPOSE: "docker-compose-v2",
}
_UBUNTU = Recipe(packages=_UBUNTU_PACKAGES, install=APT_INSTALL, is_automatic=True)
_BY_HAND = {
    "fedora": Recipe(
        packages={
            Part.ENGINE: "moby-engine",
            Part.CLI: "docker-cli",
            Part.COMPOSE: "docker-compose",
            Part.BUILDX: "docker-buildx",
            Part.IPTABLES: "iptables-nft",
            Part.DEBOOTSTRAP: "debootstrap",
        },
        install="dnf install -y",
    ),
    "arch": Recipe(
        packages={
            Part.ENGINE: "docker",
            Part.CLI: "docker",
            Part.COMPOSE: "docker-compose",
            Part.BUILDX: "docker-buildx",
            Part.IPTABLES: "iptables",
            Part.DEBOOTSTRAP: "debootstrap",
        },
        install="pacman -S --needed",
    ),
    "alpine": Recipe(
        packages={
            Part.ENGINE: "docker-engine",
            Part.CLI: "docker-cli",
            Part.COMPOSE: "docker-cli-compose",
            Part.BUILDX: "docker-cli-buildx",
            Part.IPTABLES: "iptables",
            Part.DEBOOTSTRAP: "debootstrap",
        },
        install="apk add",
        start=("rc-update add docker default", "service docker start"),
    ),
    "suse": Recipe(
        packages={
            Part.ENGINE: "docker",
            Part.CLI: "docker",
            Part.COMPOSE: "docker-compose",
            Part.BUILDX: "docker-buildx",
            Part.IPTABLES: "iptables",
        },
        install="zypper install -y",
    ),
    # A derivative may rename or hold back packages, so a person reads the commands first.
    "ubuntu": Recipe(packages=_UBUNTU_PACKAGES, install=APT_INSTALL),
}
_MACOS = Recipe(
    packages=dict.fromkeys(ENGINE_PARTS, "docker-desktop"),
    install="brew install --cask",
    start=("open -a Docker",),
    needs_sudo=False,
)


def recipe_for(system: str, distribution: Distribution) -> Recipe | None:
    """None where qlocal knows no packages recent enough."""
    if system == "Darwin":
        return _MACOS
    major = distribution.major
    if distribution.id == "debian":
        if major == 12:
            return _DEBIAN_12
        return None if major is not None and major < 12 else _DEBIAN
    if distribution.id == "ubuntu":
        return _UBUNTU if major is None or major >= 22 else None
    names = (distribution.id, *distribution.like)
    if "rhel" in names and distribution.id != "fedora":
        return None  # like Fedora, but without its packages
    return next((_BY_HAND[name] for name in names if name in _BY_HAND), None)
