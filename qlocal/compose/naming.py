"""Names: environments, services, volumes, images, labels. The same input gives the same name."""

import re
from collections.abc import Container
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

LABEL = "dev.qlocal"
LABEL_ENVIRONMENT = "dev.qlocal.environment"  # the Compose project name; the key of every look-up
LABEL_PROJECT = "dev.qlocal.project"
LABEL_BRANCH = "dev.qlocal.branch"
LABEL_APPLICATION = "dev.qlocal.application"  # name as in the manifest
LABEL_SERVICE = "dev.qlocal.service"  # the Compose service name
LABEL_TYPE = "dev.qlocal.type"  # of a backing service
LABEL_VERSION = "dev.qlocal.version"  # the version that runs
LABEL_REQUESTED = "dev.qlocal.requested"  # the image asked for, where a stand-in runs
LABEL_STORE = "dev.qlocal.store"  # whose $QLOCAL_HOME knows its passwords
LABEL_RUN = "dev.qlocal.run"  # of a one-off: the `qlocal run` that removes it again
LABEL_ROOT = "dev.qlocal.root"  # digest of the folder whose manifest asks for it
LABEL_DIGEST = "dev.qlocal.digest"  # of the service as translated: tells "nothing changed"

# Not a registry: nothing is ever pulled from or pushed to it.
LOCAL_REGISTRY = "qlocal.local"

_LONGEST = 40


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens; "" when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def short_digest(*parts: str, length: int = 6) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Everything that runs for one project on one git branch."""

    project: str
    branch: str

    @property
    def name(self) -> str:
        """The Compose project name: at most 40 characters, different for different environments.

        `--` stands between the two, and no slug holds it, so `a-b` on `c` is not `a` on `b-c`.
        A digest follows whenever the slugs no longer tell the whole of both.
        """
        project, branch = slug(self.project), slug(self.branch)
        plain = f"{project}--{branch}"
        told = project and branch and (project, branch) == (self.project, self.branch)
        if told and len(plain) <= _LONGEST:
            return plain
        project, branch = project or "project", branch or "branch"
        digest = short_digest(self.project, self.branch)
        room = _LONGEST - len(digest) - 3
        project = project[: max(room // 2, room - len(branch))].strip("-")
        branch = branch[: room - len(project)].strip("-")
        return f"{project}--{branch}-{digest}"

    @property
    def labels(self) -> dict[str, str]:
        return {
            LABEL_ENVIRONMENT: self.name,
            LABEL_PROJECT: self.project,
            LABEL_BRANCH: self.branch,
        }


def service_name(name: str, taken: Container[str], *, kind: str) -> str:
    """The Compose service, and so the host name, for a name of the manifest.

    At most 40 characters, a DNS label. Two names that slug alike get their kind, then a digest.
    """
    base = slug(name) or slug(kind)
    numbers = (str(number) for number in range(2, 10_000))
    for suffix in chain(("", slug(kind), short_digest(name, kind)), numbers):
        room = _LONGEST - len(suffix) - 1 if suffix else _LONGEST
        candidate = f"{base[:room].strip('-')}-{suffix}" if suffix else base[:room].strip("-")
        if candidate not in taken:
            return candidate
    raise AssertionError(name)


def storage_name(name: str) -> str:
    """The part of a volume's name that tells one storage of an application from another."""
    plain = slug(name)
    return plain if plain == name else f"{plain or 'storage'}-{short_digest(name)}"


def volume_name(environment: Environment, service: str, what: str = "data") -> str:
    return f"{environment.name}_{service}_{what}"


def variable_name(*parts: str) -> str:
    """`QOVERY_DATABASE_<NAME>_HOST`: runs of anything but letters and digits become one `_`."""
    return re.sub(r"[^a-zA-Z0-9]+", "_", "_".join(parts)).upper()
