"""Containers and volumes for one test, and the images it is asked of.

Those are our stand-ins, and with OFFICIAL_IMAGES=1 in the environment, where a registry can be
reached, the official ones too: so that the promises are theirs and not only what we made of them.
"""

import io
import os
import tarfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import docker
import docker.errors
from docker.models.containers import Container

from qlocal.engine.stand_in import build_stand_in

KINDS = ("stand-in", "official") if os.environ.get("OFFICIAL_IMAGES") else ("stand-in",)

_OFFICIAL = {"postgresql": "postgres:15", "redis": "redis:7"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A file to be put into a container before it starts."""

    path: str
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Makes containers and volumes that bear one test's label, and removes them by it."""

    client: docker.DockerClient
    label: str = field(default_factory=lambda: f"dev.qlocal.test={uuid.uuid4().hex[:12]}")

    @property
    def _labels(self) -> dict[str, str]:
        return dict([self.label.split("=", 1)])

    def volume(self) -> str:
        return str(self.client.volumes.create(labels=self._labels).name)

    def container(
        self,
        image: str,
        *command: str,
        files: Sequence[Script] = (),
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Container:
        made = self.client.containers.create(
            image, list(command), environment=dict(env or {}), labels=self._labels, **options
        )
        for file in files:
            made.put_archive("/", _archive(file))
        made.start()
        return made

    def finished(self, image: str, *command: str, **options: Any) -> tuple[int, str]:
        """Exit code and output of a container that ends by itself."""
        made = self.container(image, *command, **options)
        code = int(made.wait(timeout=60)["StatusCode"])
        return code, logs(made)

    def clean(self) -> None:
        labelled: dict[str, Any] = {"label": self.label}
        for made in self.client.containers.list(all=True, filters=labelled):
            made.remove(force=True, v=True)
        for volume in self.client.volumes.list(filters=labelled):
            volume.remove(force=True)
        for image in self.client.images.list(all=True, filters=labelled):
            with suppress(docker.errors.APIError):
                image.remove(force=True)


def _archive(file: Script) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(file.path.lstrip("/"))
        entry.size, entry.mode = len(file.content), file.mode
        archive.addfile(entry, io.BytesIO(file.content))
    return packed.getvalue()


def logs(container: Container) -> str:
    said = container.logs()
    assert isinstance(said, bytes)
    return said.decode()


def ask(
    container: Container, *command: str, env: Mapping[str, str] | None = None, user: str = ""
) -> str:
    """Output of a command inside, which must succeed."""
    code, output = container.exec_run(list(command), environment=dict(env or {}), user=user)
    assert isinstance(output, bytes)
    assert code == 0, output.decode()
    return output.decode().strip()


def fails(container: Container, *command: str, env: Mapping[str, str] | None = None) -> bool:
    return bool(container.exec_run(list(command), environment=dict(env or {}))[0] != 0)


@contextmanager
def a_client() -> Iterator[docker.DockerClient]:
    found = docker.from_env()
    try:
        yield found
    finally:
        found.close()


@contextmanager
def a_place(client: docker.DockerClient) -> Iterator[Place]:
    made = Place(client=client)
    try:
        yield made
    finally:
        made.clean()


def image_of(client: docker.DockerClient, service_type: str, kind: str) -> str:
    """The stand-in, built unless it is here, or the official image, where it can be had."""
    requested = _OFFICIAL[service_type]
    if kind == "stand-in":
        return build_stand_in(client, requested, service_type, print).reference
    try:
        client.images.get(requested)
    except docker.errors.ImageNotFound:
        client.images.pull(requested)
    return requested
