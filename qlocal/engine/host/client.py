"""What the `docker` program says of itself, its plugins, and the engine behind it."""

import grp
import json
import os
import pwd
import shutil
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qlocal.engine.host.facts import DEFAULT_HOSTS, DEFAULT_ROOT, Answer, Client, Engine, Version
from qlocal.engine.host.later import Later
from qlocal.process import Finished, run

_PATIENCE = 8.0  # seconds; a local engine needs 0.05, one behind ssh some seconds


def ask_client(environment: Mapping[str, str]) -> Client:
    path = shutil.which("docker", path=environment.get("PATH"))
    if path is None:
        return Client()
    compose = Later(lambda: run([path, "compose", "version", "--short"], timeout=_PATIENCE))
    buildx = Later(lambda: run([path, "buildx", "version"], timeout=_PATIENCE))
    itself = run([path, "--version"], timeout=_PATIENCE)
    nothing = Finished(code=124, out="", err="")
    return Client(
        path=path,
        version=_version(itself),
        compose=_version(compose.within(_PATIENCE, otherwise=nothing)),
        buildx=_version(buildx.within(_PATIENCE, otherwise=nothing)),
    )


def ask_engine(
    environment: Mapping[str, str], *, system: str, programs: Mapping[str, str]
) -> Engine:
    """One engine: the one DOCKER_HOST or the current context names, else the usual socket."""
    path = shutil.which("docker", path=environment.get("PATH"))
    if path is None:
        return _knock(environment, programs)
    context = Later(lambda: _context_host(path))
    info = Later(lambda: run([path, "info", "--format", "{{json .}}"], timeout=_PATIENCE))
    version = run([path, "version", "--format", "{{json .Server}}"], timeout=_PATIENCE)
    host = environment.get("DOCKER_HOST") or context.within(_PATIENCE, otherwise="")
    server = _parsed(version.out)
    if server.get("Version"):
        known = _parsed(info.within(_PATIENCE, otherwise=version).out)
        return read_info(known, host=host, version=str(server["Version"]), system=system)
    silent = explain_silence(version.err, host=host or DEFAULT_HOSTS[0], programs=programs)
    return replace(silent, named_by=_chooser(environment))


def read_info(info: Mapping[str, Any], *, host: str, version: str, system: str) -> Engine:
    """Turn the answer of `docker info` into facts. Pure."""
    in_a_vm = "Desktop" in str(info.get("OperatingSystem", "")) or system != "Linux"
    registries = info.get("RegistryConfig") or {}
    return Engine(
        answer=Answer.ANSWERS,
        host=host,
        version=Version.parse(version),
        is_here=host.startswith("unix://") and not in_a_vm,
        root=str(info.get("DockerRootDir") or DEFAULT_ROOT),
        limits_memory=info.get("MemoryLimit"),
        mirrors=tuple(registries.get("Mirrors") or ()),
        proxy=str(info.get("HttpsProxy") or ""),
    )


def explain_silence(said: str, *, host: str, programs: Mapping[str, str]) -> Engine:
    """Tell apart the ways an engine does not answer, by the CLI's words and what is installed."""
    if "permission denied" in said and host.startswith("unix://"):
        group, is_member = _group_of(host.removeprefix("unix://"))
        return Engine(
            answer=Answer.NO_PERMISSION,
            host=host,
            said=_first_line(said),
            socket_group=group,
            is_member=is_member,
        )
    if host not in DEFAULT_HOSTS:
        answer = Answer.NOWHERE
    elif "dockerd" in programs:
        answer = Answer.NOT_RUNNING
    else:
        answer = Answer.NOT_INSTALLED
    return Engine(answer=answer, host=host, said=_first_line(said))


def _knock(environment: Mapping[str, str], programs: Mapping[str, str]) -> Engine:
    """Without a CLI: see whether something listens, so that no second engine is installed."""
    host = environment.get("DOCKER_HOST") or DEFAULT_HOSTS[0]
    if not host.startswith("unix://"):
        return Engine(answer=Answer.UNASKED, host=host, is_here=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(1)
        try:
            knocking.connect(host.removeprefix("unix://"))
        except PermissionError as error:
            said = f"permission denied: {error}"
        except OSError as error:
            said = str(error)
        else:
            return Engine(answer=Answer.UNASKED, host=host)
    return replace(
        explain_silence(said, host=host, programs=programs), named_by=_chooser(environment)
    )


def _chooser(environment: Mapping[str, str]) -> str:
    return "DOCKER_HOST" if environment.get("DOCKER_HOST") else "docker context"


def _context_host(path: str) -> str:
    shown = run(
        [path, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], timeout=_PATIENCE
    )
    return shown.out.strip()


def _group_of(path: str) -> tuple[str, bool]:
    """The group a socket belongs to, and whether the user is listed in it."""
    try:
        group = grp.getgrgid(os.stat(path).st_gid)  # noqa: PTH116 (a socket, not a file)
        user = pwd.getpwuid(os.geteuid()).pw_name
    except (OSError, KeyError):
        return "docker", False
    return group.gr_name, user in group.gr_mem


def _version(finished: Finished) -> Version | None:
    return Version.parse(finished.out) if finished.ok else None


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
