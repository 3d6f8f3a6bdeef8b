"""What must be on the engine before the containers can be made."""

from dataclasses import dataclass

# What reads a Dockerfile is an image too. Where it cannot be had, the engine reads
# the file, and the image that stands in for it has no reference.
FRONTEND = "frontend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """`version` is the part of the version that its data depends on; "" for storage."""

    name: str
    service: str
    type: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """An image that others made. `service_type` is "" where a FROM line asks for it, and FRONTEND
    where a `# syntax=` line does.
    """

    reference: str
    service: str
    service_type: str = ""
