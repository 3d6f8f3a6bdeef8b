"""Say of each part what was found, what is needed and what to do. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from qlocal.engine.host.distribution import Part, recipe_for
from qlocal.engine.host.facts import COMPOSE_NEEDED, ENGINE_NEEDED, Answer, Facts, Port, Version
from qlocal.engine.host.setup import lacks_debootstrap

GIGABYTE = 1_000_000_000
SCARCE_DISK = 10 * GIGABYTE
FULL_DISK = 1 * GIGABYTE


class Status(Enum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`advice` is one thing to do, empty where there is nothing."""

    name: str
    status: Status
    found: str
    needed: str = ""
    advice: str = ""


def diagnose(facts: Facts) -> tuple[Check, ...]:
    parts: tuple[Callable[[Facts], Check], ...] = (
        _cli,
        _engine,
        _compose,
        _buildx,
        _disk,
        _memory,
        _names,
        _registry,
        _debootstrap,
    )
    return (*(part(facts) for part in parts), *(_port(port) for port in facts.ports))


def _cli(facts: Facts) -> Check:
    version, path = facts.client.version, facts.client.path
    needed = f"the `docker` program, {ENGINE_NEEDED} or later"
    if version and version.at_least(ENGINE_NEEDED):
        return Check(name="cli", status=Status.OK, found=f"{version} at {path}", needed=needed)
    found = f"{version or 'no version'} at {path}" if path else "not on PATH"
    advice = _install_advice(facts, Part.CLI)
    return Check(name="cli", status=Status.ERROR, found=found, needed=needed, advice=advice)


def _engine(facts: Facts) -> Check:
    engine = facts.engine
    status, found, advice = _ENGINE[engine.answer](facts)
    needed = f"Docker Engine {ENGINE_NEEDED} or later"
    return Check(name="engine", status=status, found=found, needed=needed, advice=advice)


def _answering(facts: Facts) -> tuple[Status, str, str]:
    engine = facts.engine
    found = f"{engine.version or 'no version'} at {engine.host}"
    if engine.is_usable:
        return Status.OK, found, ""
    if engine.is_here:
        return Status.ERROR, found, _install_advice(facts, Part.ENGINE)
    return Status.ERROR, found, "upgrade the engine there"


def _not_installed(facts: Facts) -> tuple[Status, str, str]:
    return Status.ERROR, "not installed", _install_advice(facts, Part.ENGINE)


def _not_running(facts: Facts) -> tuple[Status, str, str]:
    found = f"installed, not running (nothing answers at {facts.engine.host})"
    return Status.ERROR, found, f"start it: {_fix_advice(facts)}"


def _forbidden(facts: Facts) -> tuple[Status, str, str]:
    engine, user = facts.engine, facts.machine.user
    group = engine.socket_group or "docker"
    found = f"running, but `{user}` may not use {engine.host}"
    if engine.is_member:
        return Status.ERROR, found, f"this session is older than the membership: `newgrp {group}`"
    advice = f"`sudo usermod -aG {group} {user}`, then log in again or `newgrp {group}`"
    return Status.ERROR, found, advice


def _nowhere(facts: Facts) -> tuple[Status, str, str]:
    engine = facts.engine
    found = f"nothing answers at {engine.host}, which {engine.named_by} names"
    if engine.said and "Is the docker daemon running" not in engine.said:
        found += f": {re.split('dial tcp: |stderr=', engine.said)[-1]}"
    if facts.machine.system == "Darwin":
        return Status.ERROR, found, "start Docker Desktop: `open -a Docker`"
    is_variable = engine.named_by == "DOCKER_HOST"
    leave = "unset DOCKER_HOST" if is_variable else "docker context use default"
    return Status.ERROR, found, f"start the engine there, or `{leave}`"


def _unasked(facts: Facts) -> tuple[Status, str, str]:
    found = f"something listens at {facts.engine.host}, and there is no `docker` to ask it with"
    return Status.UNKNOWN, found, _install_advice(facts, Part.CLI)


_ENGINE: dict[Answer, Callable[[Facts], tuple[Status, str, str]]] = {
    Answer.ANSWERS: _answering,
    Answer.NOT_INSTALLED: _not_installed,
    Answer.NOT_RUNNING: _not_running,
    Answer.NO_PERMISSION: _forbidden,
    Answer.NOWHERE: _nowhere,
    Answer.UNASKED: _unasked,
}


def _compose(facts: Facts) -> Check:
    needed = f"the Compose plugin, {COMPOSE_NEEDED} or later"
    return _plugin(facts, "compose", needed, facts.client.compose, Part.COMPOSE)


def _buildx(facts: Facts) -> Check:
    return _plugin(facts, "buildx", "the buildx plugin", facts.client.buildx, Part.BUILDX)


def _plugin(facts: Facts, name: str, needed: str, version: Version | None, part: Part) -> Check:
    is_good = version and (part is not Part.COMPOSE or version.at_least(COMPOSE_NEEDED))
    if is_good:
        return Check(name=name, status=Status.OK, found=str(version), needed=needed)
    if not facts.client.path:
        found, status = "cannot be asked without `docker`", Status.UNKNOWN
    else:
        found, status = str(version or "missing"), Status.ERROR
    advice = _install_advice(facts, part)
    return Check(name=name, status=status, found=found, needed=needed, advice=advice)


def _disk(facts: Facts) -> Check:
    needed = f"{SCARCE_DISK // GIGABYTE} GB free where the engine keeps its data"
    if facts.disk is None:
        found = "the engine's data is not on this host"
        return Check(name="disk", status=Status.UNKNOWN, found=found, needed=needed)
    found = f"{facts.disk.free / GIGABYTE:.1f} GB free at {facts.disk.path}"
    if facts.disk.free >= SCARCE_DISK:
        return Check(name="disk", status=Status.OK, found=found, needed=needed)
    status = Status.WARNING if facts.disk.free >= FULL_DISK else Status.ERROR
    advice = "see what takes it: `docker system df`"
    return Check(name="disk", status=status, found=found, needed=needed, advice=advice)


def _memory(facts: Facts) -> Check:
    needed = "cgroups with a memory controller, or memory limits hold nobody back"
    if facts.limits_memory is None:
        found = "only the engine's own kernel knows"
        return Check(name="cgroup", status=Status.UNKNOWN, found=found, needed=needed)
    if facts.limits_memory:
        found = "memory limits work"
        return Check(name="cgroup", status=Status.OK, found=found, needed=needed)
    return Check(
        name="cgroup",
        status=Status.WARNING,
        found="no memory controller",
        needed=needed,
        advice="start the kernel with `cgroup_enable=memory`",
    )


def _names(facts: Facts) -> Check:
    needed = "a name server that answers"
    good = [f"`{name}`" for name, resolves in facts.names.items() if resolves]
    bad = [f"`{name}`" for name, resolves in facts.names.items() if not resolves]
    if good:
        found = f"{', '.join(good)} resolves" + (f", {', '.join(bad)} does not" if bad else "")
        return Check(name="dns", status=Status.OK, found=found, needed=needed)
    found = f"{', '.join(bad)} does not resolve"
    advice = "see the name servers in /etc/resolv.conf"
    return Check(name="dns", status=Status.WARNING, found=found, needed=needed, advice=advice)


def _registry(facts: Facts) -> Check:
    registry = facts.registry
    found = f"`{registry.name}`: {registry.detail}"
    needed = "an image registry, else images are built from Debian packages"
    if registry.is_reachable is None:
        return Check(name="registry", status=Status.UNKNOWN, found=found, needed=needed)
    if registry.is_reachable:
        return Check(name="registry", status=Status.OK, found=found, needed=needed)
    advice = "nothing, if that is meant so; else a mirror in the engine's `registry-mirrors`"
    return Check(name="registry", status=Status.WARNING, found=found, needed=needed, advice=advice)


def _debootstrap(facts: Facts) -> Check:
    needed = "`debootstrap` and root, only where no image registry answers"
    path = facts.machine.programs.get("debootstrap", "")
    if lacks_debootstrap(facts):
        advice = _install_advice(facts, Part.DEBOOTSTRAP)
        return Check(
            name="debootstrap", status=Status.WARNING, found="missing", needed=needed, advice=advice
        )
    if facts.registry.is_reachable is False and not facts.machine.is_root:
        advice = "run the first `qlocal up` as root"
        found = f"{path}, but `{facts.machine.user}` is not root"
        return Check(
            name="debootstrap", status=Status.WARNING, found=found, needed=needed, advice=advice
        )
    return Check(name="debootstrap", status=Status.OK, found=path or "not needed", needed=needed)


def _port(port: Port) -> Check:
    name, needed = f"port {port.number}", "free only for URLs without a port number"
    if port.is_free is None:
        found = "this system does not say who listens"
        return Check(name=name, status=Status.UNKNOWN, found=found, needed=needed)
    if port.is_free:
        return Check(name=name, status=Status.OK, found="free", needed=needed)
    found = f"taken by `{port.owner}` (pid {port.pid})" if port.pid else "taken by another user"
    advice = f"stop it only if you want URLs on port {port.number}"
    return Check(name=name, status=Status.WARNING, found=found, needed=needed, advice=advice)


def _install_advice(facts: Facts, part: Part) -> str:
    recipe = recipe_for(facts.machine.system, facts.machine.distribution)
    if recipe is None:
        return "install it from https://docs.docker.com/engine/install/"
    if part not in recipe.packages:
        return f"install {part.value}"
    return _fix_advice(facts)


def _fix_advice(facts: Facts) -> str:
    recipe = recipe_for(facts.machine.system, facts.machine.distribution)
    if facts.machine.is_root and recipe is not None and recipe.is_automatic:
        return "`qlocal doctor --fix`"
    return "type what `qlocal doctor --fix` prints"
