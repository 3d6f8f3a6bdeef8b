"""A backing service, said in Compose."""

from qlocal.compose.given import Given
from qlocal.compose.naming import (
    LABEL_REQUESTED,
    LABEL_TYPE,
    LABEL_VERSION,
    short_digest,
    volume_name,
)
from qlocal.compose.project import ComposeService, Healthcheck, Mount, Port
from qlocal.compose.readiness import Exchange, Readiness
from qlocal.compose.roster import PlacedService
from qlocal.compose.variables import Scope, Variable, looks_secret
from qlocal.compose.wanted import Volume, WantedImage


def version_of(placed: PlacedService, given: Given) -> str:
    """What runs: the version of the stand-in, else the one asked for."""
    return given.image(placed.image).version or placed.kind.tag(placed.declared.version)


def compose_service(placed: PlacedService, given: Given) -> ComposeService:
    it, kind = given.instance(placed), placed.kind
    password = it.credentials.password
    probe = kind.probe(it)
    image = given.image(placed.image)
    version = version_of(placed, given)
    labels = given.labels(placed.service) | {LABEL_TYPE: kind.type, LABEL_VERSION: version}
    if image.version:
        labels[LABEL_REQUESTED] = image.requested
    data = volume_name(given.environment, placed.service)
    port = given.ports.get(placed.service)
    return ComposeService(
        name=placed.service,
        image=image.reference,
        labels=labels,
        command=kind.command(it),
        variables=tuple(
            Variable(
                name=name,
                value=value,
                scope=Scope.BUILT_IN,
                secret=looks_secret(name, value) or bool(password and password in value),
            )
            for name, value in sorted(kind.environment(it).items())
        ),
        aliases=(placed.alias,) if placed.alias else (),
        mounts=(Mount(volume=data, target=kind.data_path(version)),) if kind.data_path else (),
        port=Port(published=port, target=kind.port) if port else None,
        healthcheck=Healthcheck(
            command=probe.command, timeout=probe.timeout, patience=probe.patience
        ),
        stop_signal=kind.stop_signal,
        stop_grace=kind.stop_grace,
        ram=kind.ram,
        shared_memory=kind.shared_memory,
        open_files=kind.open_files,
        root=short_digest(placed.root),
    )


def readiness(placed: PlacedService, given: Given) -> Readiness:
    probe = placed.kind.probe(given.instance(placed))
    exchange = None
    if probe.exchange:
        send, expect = probe.exchange
        exchange = Exchange(port=placed.kind.port, send=send, expect=expect)
    return Readiness(health=True, exchange=exchange, timeout=probe.patience)


def volumes(placed: PlacedService, given: Given) -> tuple[Volume, ...]:
    if not placed.kind.data_path:
        return ()
    return (
        Volume(
            name=volume_name(given.environment, placed.service),
            service=placed.service,
            type=placed.kind.type,
            version=placed.kind.data_version(version_of(placed, given)),
        ),
    )


def wanted_images(placed: PlacedService) -> tuple[WantedImage, ...]:
    return (
        WantedImage(reference=placed.image, service=placed.service, service_type=placed.kind.type),
    )
