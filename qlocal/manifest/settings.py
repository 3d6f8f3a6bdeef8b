"""`qlocal.yml`: what Qovery's file has no word for. Every key is optional."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """By the name in the manifest: another image, or a port published on loopback."""

    image: str = ""
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSettings:
    """By `application.name`: what Qovery's file has no key for."""

    command: tuple[str, ...] = ()
    health_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`images` maps any image reference, of a service or of a FROM line, to another one."""

    domain: str = "localhost"
    images: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, ServiceSettings] = field(default_factory=dict)
    applications: Mapping[str, ApplicationSettings] = field(default_factory=dict)
