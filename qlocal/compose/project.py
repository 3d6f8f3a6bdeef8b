"""A Compose project: only the keys qlocal writes, and its YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from typing import Any

from qlocal.compose.naming import LABEL_DIGEST, LABEL_ROOT
from qlocal.compose.variables import Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """`contexts` are named build contexts: they replace the image of a FROM line. `text` is the
    Dockerfile itself where it cannot be used as it stands.
    """

    context: str
    dockerfile: str
    arguments: tuple[Variable, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """Seconds. `patience` is Compose's start_period, in which failures do not count."""

    command: tuple[str, ...]
    timeout: int
    patience: int
    interval: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    volume: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Always on loopback."""

    published: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeService:
    """`cpu` is thousandths of a CPU, `ram` and `shared_memory` are MiB; 0 is as the engine has it.
    `depends_on` waits for health where the other has a healthcheck, else for its start. `hosts` are
    `name:address`. `root` is a digest of
    the folder whose manifest asks for it; a folder that moves is no reason to replace a container.
    """

    name: str
    image: str
    labels: Mapping[str, str]
    build: Build | None = None
    command: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    aliases: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    port: Port | None = None
    healthcheck: Healthcheck | None = None
    depends_on: tuple[str, ...] = ()
    stop_signal: str = ""
    stop_grace: int = 10
    cpu: int = 0
    ram: int = 0
    shared_memory: int = 0
    open_files: int = 0
    init: bool = False
    hosts: tuple[str, ...] = ()
    root: str = ""

    @property
    def digest(self) -> str:
        """Changes when, and only when, the container must be replaced. The build is not in it:
        its outcome is, by the digest in the image's tag.
        """
        document = self.document(secrets=True)
        for key in ("build", "depends_on"):
            document.pop(key, None)
        return sha256(dumps(document).encode()).hexdigest()[:16]

    def parts(self) -> dict[str, str]:
        """What the digest is made of, piece by piece, so that a change can be named.

        Values are digests too: this is kept in the store and printed in causes.
        """
        document = self.document(secrets=True)
        variables: Mapping[str, str] = document.pop("environment", {})
        for key in ("build", "depends_on"):
            document.pop(key, None)
        pieces = {key: dumps(value) for key, value in document.items()}
        pieces |= {f"variable {name}": value for name, value in variables.items()}
        return {key: sha256(text.encode()).hexdigest()[:16] for key, text in pieces.items()}

    def document(self, *, secrets: bool) -> dict[str, Any]:
        """The service as Compose wants it, without its digest label and without `$` escapes."""
        found: dict[str, Any] = {"image": self.image}
        if self.build:
            found["build"] = _build_document(self.build, secrets=secrets)
        if self.command:
            found["command"] = list(self.command)
        if variables := _values(self.variables, secrets=secrets):
            found["environment"] = variables
        if self.depends_on:
            found["depends_on"] = list(self.depends_on)
        found |= self._attachments() | self._limits()
        found["restart"] = "unless-stopped"
        found["labels"] = dict(self.labels)
        return found

    def _attachments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.aliases:
            found["networks"] = {"default": {"aliases": list(self.aliases)}}
        if self.hosts:
            found["extra_hosts"] = list(self.hosts)
        if self.mounts:
            found["volumes"] = [f"{mount.volume}:{mount.target}" for mount in self.mounts]
        if self.port:
            found["ports"] = [f"127.0.0.1:{self.port.published}:{self.port.target}"]
        if self.healthcheck:
            found["healthcheck"] = _healthcheck_document(self.healthcheck)
        return found

    def _limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.cpu:
            found["cpus"] = self.cpu / 1000
        if self.ram:
            found["mem_limit"] = f"{self.ram}m"
        if self.shared_memory:
            found["shm_size"] = f"{self.shared_memory}m"
        if self.open_files:
            found["ulimits"] = {"nofile": {"soft": self.open_files, "hard": self.open_files}}
        if self.stop_signal:
            found["stop_signal"] = self.stop_signal
        found["stop_grace_period"] = f"{self.stop_grace}s"
        if self.init:
            found["init"] = True
        return found


def _values(variables: tuple[Variable, ...], *, secrets: bool) -> dict[str, str]:
    return {one.name: one.value for one in variables if secrets or not one.secret}


def _build_document(build: Build, *, secrets: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"context": build.context}
    if build.text:
        found["dockerfile_inline"] = build.text
    else:
        found["dockerfile"] = build.dockerfile
    if arguments := _values(build.arguments, secrets=secrets):
        found["args"] = arguments
    if build.contexts:
        found["additional_contexts"] = dict(build.contexts)
    return found


def _healthcheck_document(check: Healthcheck) -> dict[str, Any]:
    return {
        "test": ["CMD", *check.command],
        "interval": f"{check.interval}s",
        "timeout": f"{check.timeout}s",
        "retries": 3,
        "start_period": f"{check.patience}s",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeProject:
    """`volumes` are names of volumes that qlocal creates; to Compose they are external, so no
    Compose command can delete them. `early_probes` needs Engine 25: probing several times a second
    during the start, rarely afterwards.
    """

    name: str
    services: tuple[ComposeService, ...]
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    early_probes: bool = True

    def service(self, name: str) -> ComposeService:
        return next(service for service in self.services if service.name == name)

    def document(self, *, secrets_file: str = "") -> dict[str, Any]:
        """The whole file. With `secrets_file`, secrets stay in that file (see
        `secrets_document`) and this one can be shown to anybody.
        """
        services = {}
        for service in self.services:
            found = service.document(secrets=not secrets_file)
            if secrets_file and _has_secrets(service):
                found = {"extends": {"file": secrets_file, "service": service.name}} | found
            found["labels"] |= {LABEL_ROOT: service.root, LABEL_DIGEST: service.digest}
            if "depends_on" in found:
                found["depends_on"] = {name: self._condition(name) for name in service.depends_on}
            if "healthcheck" in found:
                found["healthcheck"] |= self._probing()
            services[service.name] = found
        document: dict[str, Any] = {"name": self.name, "services": services}
        document["networks"] = {"default": {"labels": dict(self.labels)}}
        if self.volumes:
            document["volumes"] = {
                name: {"name": name, "external": True} for name in sorted(self.volumes)
            }
        return document

    def secrets_document(self) -> dict[str, Any]:
        """What `document(secrets_file=…)` leaves out, in a form Compose can extend."""
        services: dict[str, Any] = {}
        for service in self.services:
            if not _has_secrets(service):
                continue
            found: dict[str, Any] = {}
            if secret := {one.name: one.value for one in service.variables if one.secret}:
                found["environment"] = secret
            if service.build and (
                secret := {one.name: one.value for one in service.build.arguments if one.secret}
            ):
                found["build"] = {"args": secret}
            services[service.name] = found
        return {"services": services}

    def _condition(self, name: str) -> dict[str, str]:
        healthy = self.service(name).healthcheck is not None
        return {"condition": "service_healthy" if healthy else "service_started"}

    def _probing(self) -> dict[str, str]:
        return {"start_interval": "150ms"} if self.early_probes else {"interval": "2s"}


def _has_secrets(service: ComposeService) -> bool:
    arguments = service.build.arguments if service.build else ()
    return any(one.secret for one in (*service.variables, *arguments))


# What no reader of YAML takes for anything but text. PyYAML leaves more unquoted, by the rules of
# YAML 1.1; Compose reads 1.2, in which `1e3`, `08` and `0o17` are numbers.
_PLAIN = re.compile(r"[A-Za-z/][ -~]*")


def to_yaml(document: Mapping[str, Any]) -> str:
    """YAML in which Compose finds exactly these values: `$` doubled, order kept, no line folded."""
    import yaml

    # libyaml's writer is ten times as fast, which a project of fifty applications can feel.
    fastest: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(fastest):  # type: ignore[misc]
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = None if _PLAIN.fullmatch(value) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump(
        _escaped(document),
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**30,
    )


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value
