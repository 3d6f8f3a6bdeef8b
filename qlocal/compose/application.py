"""An application, said in Compose."""

import re

from qlocal.compose.given import Given
from qlocal.compose.naming import (
    LABEL_APPLICATION,
    LOCAL_REGISTRY,
    short_digest,
    slug,
    storage_name,
    volume_name,
)
from qlocal.compose.project import Build, ComposeService, Healthcheck, Mount, Port
from qlocal.compose.readiness import Readiness
from qlocal.compose.roster import PlacedApplication, Source
from qlocal.compose.variables import Variable
from qlocal.compose.wanted import FRONTEND, Volume, WantedImage

# Seconds, where the manifest gives none. The platform's 15 s were for images it had warmed up.
START_TIMEOUT = 60

_SYNTAX = re.compile(r"^#[ \t]*syntax[ \t]*=.*\n?", re.IGNORECASE | re.MULTILINE)


def compose_service(
    placed: PlacedApplication,
    given: Given,
    variables: tuple[Variable, ...],
    depends_on: tuple[str, ...],
) -> ComposeService:
    application = placed.source.manifest.application
    build = _build(placed, given, variables)
    project = slug(application.project) or "project"
    port = given.ports.get(placed.service)
    return ComposeService(
        name=placed.service,
        image=f"{LOCAL_REGISTRY}/{project}/{placed.service}:{_image_digest(placed, build)}",
        labels=given.labels(placed.service) | {LABEL_APPLICATION: application.name},
        build=build,
        command=placed.settings.command,
        variables=variables,
        aliases=(placed.alias,) if placed.alias else (),
        mounts=tuple(
            Mount(volume=volume.name, target=storage.mount_point)
            for volume, storage in zip(volumes(placed, given), application.storage, strict=True)
        ),
        port=Port(published=port, target=placed.port) if port and placed.port else None,
        healthcheck=_healthcheck(placed),
        depends_on=depends_on,
        root=short_digest(placed.source.root),
        cpu=application.cpu or 0,
        ram=application.ram or 0,
        # As process 1, a program that installs no handler ignores SIGTERM and costs every
        # `down` ten seconds; a small init passes it on and reaps orphans.
        init=True,
    )


def _healthcheck(placed: PlacedApplication) -> Healthcheck | None:
    application = placed.source.manifest.application
    check = application.ready_check
    if not check or not check.command:
        return None
    return Healthcheck(
        command=("sh", "-c", check.command),
        timeout=10,
        patience=application.start_timeout or START_TIMEOUT,
    )


def _build(placed: PlacedApplication, given: Given, variables: tuple[Variable, ...]) -> Build:
    """Every variable is a build argument, as on the platform; those no ARG asks for are left out,
    so that they neither reach the image nor rebuild it.
    """
    source = placed.source
    asked = frozenset(source.dockerfile.arguments)
    contexts = {}
    for base in source.dockerfile.bases:
        image = given.image(source.settings.images.get(base, base))
        if image.reference != base:
            contexts[base] = f"docker-image://{image.reference}"
    return Build(
        context=source.root,
        dockerfile=source.manifest.application.dockerfile,
        arguments=tuple(one for one in variables if one.name in asked) if asked else (),
        contexts=contexts,
        text=_readable(source, given),
    )


def _readable(source: Source, given: Given) -> str:
    """The Dockerfile without its `# syntax=` line, or with another image in it; "" as it is."""
    asked = source.dockerfile.syntax
    image = given.image(source.settings.images.get(asked, asked))
    if image.reference == asked:
        return ""
    line = f"# syntax={image.reference}\n" if image.reference else ""
    return _SYNTAX.sub(lambda _: line, source.dockerfile.text, count=1)


def _image_digest(placed: PlacedApplication, build: Build) -> str:
    arguments = [f"{one.name}={one.value}" for one in build.arguments]
    contexts = [f"{name}={reference}" for name, reference in sorted(build.contexts.items())]
    parts = (build.dockerfile, *arguments, *contexts, *([build.text] if build.text else []))
    return short_digest(placed.source.context, *parts, length=16)


def readiness(placed: PlacedApplication) -> Readiness:
    """By `ready-check`, by the health path of qlocal.yml, else by its port; without any port, by
    staying up.
    """
    application = placed.source.manifest.application
    timeout = application.start_timeout or START_TIMEOUT
    check = application.ready_check
    if check and check.command:
        return Readiness(health=True, timeout=timeout)
    path = placed.settings.health_path or (check.http_path if check else "")
    port = (check.port if check else None) or placed.port
    return Readiness(port=port, path=path if port else "", timeout=timeout)


def volumes(placed: PlacedApplication, given: Given) -> tuple[Volume, ...]:
    return tuple(
        Volume(
            name=volume_name(given.environment, placed.service, storage_name(one.name)),
            service=placed.service,
            type="storage",
        )
        for one in placed.source.manifest.application.storage
    )


def wanted_images(placed: PlacedApplication) -> tuple[WantedImage, ...]:
    images, dockerfile = placed.source.settings.images, placed.source.dockerfile
    wanted = [(base, "") for base in dockerfile.bases]
    wanted += [(dockerfile.syntax, FRONTEND)] if dockerfile.syntax else []
    return tuple(
        WantedImage(reference=images.get(name, name), service=placed.service, service_type=kind)
        for name, kind in wanted
    )
