"""Decide what an engine still needs on this machine. Pure: facts in, steps with causes out."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from qlocal.engine.host import apt
from qlocal.engine.host.distribution import APT_INSTALL, ENGINE_PARTS, Part, Recipe, recipe_for
from qlocal.engine.host.facts import COMPOSE_NEEDED, DEFAULT_HOSTS, ENGINE_NEEDED, Answer, Facts

LOG = "/var/log/dockerd.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    path: str
    content: str
    cause: str

    def __str__(self) -> str:
        text = "".join(f"\n      {line}".rstrip(" ") for line in self.content.splitlines())
        return f"write {self.path}: {self.cause}{apt.without_logins(text)}"

    def commands(self) -> tuple[str, ...]:
        text = apt.without_logins(self.content)
        return (f"sudo tee {self.path} >/dev/null <<'END'\n{text}END",)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPackages:
    """Packages by name, each with its cause."""

    causes: Mapping[str, str]

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(self.causes)

    def __str__(self) -> str:
        lines = (f"\n      {package}: {cause}" for package, cause in self.causes.items())
        return f"install packages{''.join(lines)}"

    def commands(self) -> tuple[str, ...]:
        return ("sudo apt-get update", f"sudo {APT_INSTALL} {' '.join(self.packages)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDaemon:
    with_systemd: bool
    cause: str

    def __str__(self) -> str:
        how = "systemctl enable --now docker" if self.with_systemd else f"dockerd, log in {LOG}"
        return f"start the engine ({how}): {self.cause}"

    def commands(self) -> tuple[str, ...]:
        if self.with_systemd:
            return ("sudo systemctl enable --now docker",)
        return (f"sudo sh -c 'setsid dockerd >>{LOG} 2>&1 </dev/null &'",)


Step = WriteFile | InstallPackages | StartDaemon


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """`steps` are for qlocal to do; `commands` for a person to type, `because` of what."""

    steps: tuple[Step, ...] = ()
    commands: tuple[str, ...] = ()
    because: str = ""

    @property
    def is_done(self) -> bool:
        return not (self.steps or self.commands or self.because)

    def __str__(self) -> str:
        return "\n".join(f"{number:3}. {step}" for number, step in enumerate(self.steps, start=1))


def plan_setup(facts: Facts) -> SetupPlan:
    """Only what is missing: where everything is there, the plan is empty and needs no root."""
    machine = facts.machine
    missing = missing_parts(facts)
    starts = _start_cause(facts)
    if not missing and not starts:
        return SetupPlan(commands=_join_group(facts), because=_join_cause(facts))
    recipe = recipe_for(machine.system, machine.distribution)
    if recipe is None:
        return SetupPlan(because=f"no packages recent enough are known for {machine.distribution}")
    if not recipe.is_automatic:
        because = f"qlocal does not change {_system_name(facts)} by itself"
        return SetupPlan(commands=_by_hand(facts, recipe, missing, starts), because=because)
    files = _foreign_files(facts, recipe, missing)
    if files is None:
        codename = machine.distribution.codename
        return SetupPlan(because=f"apt has no source of `{codename}` with component `main`")
    steps: tuple[Step, ...] = (*files, *_install(recipe, missing), *_start(facts, starts))
    if machine.is_root:
        return SetupPlan(steps=steps)
    commands = tuple(line for step in steps for line in step.commands())
    return SetupPlan(commands=(*commands, *_join_group(facts)), because="this needs root")


def missing_parts(facts: Facts) -> Mapping[Part, str]:
    """Parts to install, each with its cause, in the order of `Part`."""
    engine, client, programs = facts.engine, facts.client, facts.machine.programs
    found = {
        Part.ENGINE: _engine_cause(facts),
        Part.CLI: "" if _is_recent_cli(facts) else "there is no `docker` program",
        Part.COMPOSE: "",
        Part.BUILDX: "" if client.buildx else "the buildx plugin is missing",
    }
    if client.compose is None:
        found[Part.COMPOSE] = "the Compose 2 plugin is missing"
    elif not client.compose.at_least(COMPOSE_NEEDED):
        found[Part.COMPOSE] = f"Compose {client.compose} is older than {COMPOSE_NEEDED}"
    if engine.answer in {Answer.NOT_INSTALLED, Answer.NOT_RUNNING} and "iptables" not in programs:
        found[Part.IPTABLES] = "the engine needs `iptables`"
    if lacks_debootstrap(facts) and facts.machine.is_root:
        found[Part.DEBOOTSTRAP] = "no image registry answers, so images are built from packages"
    return {part: found[part] for part in Part if found.get(part)}


def lacks_debootstrap(facts: Facts) -> bool:
    """Images must be built from Debian packages, and there is nothing to build them with."""
    return facts.registry.is_reachable is False and "debootstrap" not in facts.machine.programs


def _engine_cause(facts: Facts) -> str:
    engine = facts.engine
    if engine.answer is Answer.NOT_INSTALLED:
        return "there is no engine"
    if engine.answer is Answer.ANSWERS and engine.is_here and not engine.is_usable:
        return f"Engine {engine.version} is older than {ENGINE_NEEDED}"
    return ""


def _is_recent_cli(facts: Facts) -> bool:
    version = facts.client.version
    return version is not None and version.at_least(ENGINE_NEEDED)


def _start_cause(facts: Facts) -> str:
    engine = facts.engine
    if engine.host not in DEFAULT_HOSTS:
        return ""
    if engine.answer is Answer.NOT_RUNNING:
        return "it is not running"
    return "it is new" if engine.answer is Answer.NOT_INSTALLED else ""


def _foreign_files(
    facts: Facts, recipe: Recipe, missing: Mapping[Part, str]
) -> tuple[WriteFile, ...] | None:
    """What apt must read before the packages; None where they cannot be had."""
    if not recipe.foreign_suite or not ENGINE_PARTS.intersection(missing):
        return ()
    files = apt.later_suite(
        facts.machine.apt_sources,
        codename=facts.machine.distribution.codename,
        suite=recipe.foreign_suite,
        packages=recipe.foreign_packages,
    )
    if files is None:
        return None
    cause = f"these packages, and no others, come from {recipe.foreign_suite}"
    return tuple(
        WriteFile(path=path, content=content, cause=cause)
        for path, content in files.items()
        if facts.machine.files.get(path) != content
    )


def _install(recipe: Recipe, missing: Mapping[Part, str]) -> tuple[InstallPackages, ...]:
    if not missing:
        return ()
    causes: dict[str, str] = {}
    for part, cause in missing.items():
        causes.setdefault(recipe.packages[part], cause)
    return (InstallPackages(causes=causes),)


def _start(facts: Facts, cause: str) -> tuple[StartDaemon, ...]:
    if not cause:
        return ()
    return (StartDaemon(with_systemd=facts.machine.has_systemd, cause=cause),)


def _by_hand(
    facts: Facts, recipe: Recipe, missing: Mapping[Part, str], starts: str
) -> tuple[str, ...]:
    install = f"{recipe.install} {' '.join(recipe.names(missing))}" if missing else ""
    lines = [line for line in (install, *(recipe.start if starts else ())) if line]
    if facts.machine.is_root or not recipe.needs_sudo:
        return tuple(lines)
    return (*(f"sudo {line}" for line in lines), *_join_group(facts))


def _join_group(facts: Facts) -> tuple[str, ...]:
    """How an ordinary user gets at the socket, or will once the engine is there."""
    engine = facts.engine
    comes = engine.answer in {Answer.NOT_INSTALLED, Answer.NOT_RUNNING}
    if facts.machine.is_root or not (comes or engine.answer is Answer.NO_PERMISSION):
        return ()
    group = engine.socket_group or "docker"
    join = f"sudo usermod -aG {group} {shlex.quote(facts.machine.user)}"
    return (f"newgrp {group}",) if engine.is_member else (join, f"newgrp {group}")


def _join_cause(facts: Facts) -> str:
    if facts.engine.answer is not Answer.NO_PERMISSION:
        return ""
    return f"`{facts.machine.user}` may not use the engine's socket"


def _system_name(facts: Facts) -> str:
    return "macOS" if facts.machine.system == "Darwin" else str(facts.machine.distribution)
