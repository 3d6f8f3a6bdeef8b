"""What must be on the engine before the containers can be made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """`version` is the part of the version that its data depends on; "" for storage."""

    name: str
    service: str
    type: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """An image that others made. `service_type` is "" where a FROM line asks for it."""

    reference: str
    service: str
    service_type: str = ""
