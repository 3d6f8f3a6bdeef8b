"""Look at the machine once: every question at the same time, each with an end."""

import os
import platform
import pwd
import shutil
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from qlocal.engine.host import apt
from qlocal.engine.host.client import ask_client, ask_engine
from qlocal.engine.host.distribution import Distribution
from qlocal.engine.host.facts import Answer, Client, Disk, Engine, Facts, Machine
from qlocal.engine.host.later import Later
from qlocal.engine.host.network import HUB, PATIENCE, ask_registry, resolves, silent_registry
from qlocal.engine.host.ports import look_at_ports

PROGRAMS = ("dockerd", "iptables", "debootstrap")
PORTS = (80, 443)
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def observe(environment: Mapping[str, str]) -> Facts:
    """Read what is true; changes nothing. The environment says where `docker` is and looks."""
    machine = observe_machine(environment)
    client = Later(lambda: ask_client(environment))
    names = {
        name: Later[bool | None](partial(resolves, name))
        for name in (HUB.partition("://")[2], *apt.host_names(machine.apt_sources))
    }
    engine = ask_engine(environment, system=machine.system, programs=machine.programs)
    registry = Later(lambda: ask_registry(engine))
    deadline = time.monotonic() + PATIENCE
    ports = look_at_ports(PORTS)
    return Facts(
        machine=machine,
        client=client.within(30, otherwise=Client()),
        engine=engine,
        disk=_disk(engine),
        limits_memory=_limits_memory(engine),
        names={
            name: answer.within(deadline - time.monotonic(), otherwise=None)
            for name, answer in names.items()
        },
        registry=registry.within(deadline - time.monotonic(), otherwise=silent_registry()),
        ports=ports,
    )


def observe_machine(environment: Mapping[str, str]) -> Machine:
    is_root = os.geteuid() == 0
    path = f"{environment.get('PATH', '')}:{SYSTEM_PATH}"
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    os_release = _text("/etc/os-release") or _text("/usr/lib/os-release")
    own = {path: _text(path) for path in (apt.SOURCES_PATH, apt.PREFERENCES_PATH)}
    return Machine(
        system=platform.system(),
        distribution=Distribution.parse(os_release),
        user=_user(),
        is_root=is_root,
        has_systemd=Path("/run/systemd/system").is_dir(),
        programs={name: where for name, where in found.items() if where},
        apt_sources=_apt_sources(),
        files={path: text for path, text in own.items() if text},
    )


def _apt_sources() -> tuple[apt.AptSource, ...]:
    folder = Path("/etc/apt/sources.list.d")
    files = ["/etc/apt/sources.list", *map(str, sorted(folder.glob("*.list")))]
    files += [
        str(path) for path in sorted(folder.glob("*.sources")) if str(path) != apt.SOURCES_PATH
    ]
    return tuple(source for path in files for source in apt.parse_sources(path, _text(path)))


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _disk(engine: Engine) -> Disk | None:
    """Free space where the engine keeps, or will keep, its data; None where that is elsewhere."""
    if not engine.is_here or platform.system() != "Linux" or engine.answer is Answer.NOWHERE:
        return None
    path = Path(engine.root)
    for place in (path, *path.parents):
        try:
            return Disk(path=engine.root, free=shutil.disk_usage(place).free)
        except OSError:
            continue
    return None


def _limits_memory(engine: Engine) -> bool | None:
    """What the engine says, or what the kernel would let it do."""
    if engine.limits_memory is not None:
        return engine.limits_memory
    if platform.system() != "Linux":
        return None
    unified = _text("/sys/fs/cgroup/cgroup.controllers")
    return "memory" in unified.split() or Path("/sys/fs/cgroup/memory/tasks").exists()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
