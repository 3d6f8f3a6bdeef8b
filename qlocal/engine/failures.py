"""What the libraries and the engine throw → what qlocal says. The only place that knows."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from qlocal.errors import (
    EngineError,
    EngineUnavailable,
    ImageNotFound,
    PortTaken,
    QlocalError,
    RegistryUnreachable,
)

_NO_REGISTRY = re.compile(
    r"no such host|connection refused|i/o timeout|TLS handshake timeout|network is unreachable"
    r"|no route to host|server misbehaving|context deadline exceeded|Client\.Timeout"
    r"|request canceled while waiting for connection|connection reset by peer|proxyconnect"
    r"|temporary failure in name resolution|certificate signed by unknown authority|: EOF$",
    re.IGNORECASE,
)
_NO_IMAGE = re.compile(
    r"manifest (for \S+ )?(is )?(unknown|not found)|not found|repository does not exist"
    r"|pull access denied|name unknown",
    re.IGNORECASE,
)
_PORT = re.compile(
    r"(?:port is already allocated|address already in use|failed to bind|ports are not available)",
    re.IGNORECASE,
)
_PORT_NUMBER = re.compile(r"(?:127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d+)")
_DISK = re.compile(r"no space left on device", re.IGNORECASE)
_POOL = re.compile(r"address pools|non-overlapping IPv4", re.IGNORECASE)
_GONE = re.compile(
    r"cannot connect to the docker daemon|is the docker daemon running|error during connect"
    r"|dial unix \S+: connect",
    re.IGNORECASE,
)


def failure_of_pull(reference: str, text: str) -> EngineError:
    """Unreachable and missing are told apart: only the first may be replaced by something else."""
    said = text.strip()
    if _NO_REGISTRY.search(said):
        return RegistryUnreachable(f"no registry answers for `{reference}`: {said}")
    if _NO_IMAGE.search(said):
        return ImageNotFound(
            f"there is no image `{reference}`: {said}",
            hint="check the version, or map it to another image under `images:` in qlocal.yml",
        )
    return from_text(said, f"pulling `{reference}`")


def from_text(text: str, doing: str) -> EngineError:
    """From what a Docker program or the engine's API said."""
    said = _last_error(text)
    if _GONE.search(said):
        return unavailable(said)
    if _PORT.search(said):
        number = _PORT_NUMBER.search(said)
        port = f" {number[1]}" if number else ""
        return PortTaken(f"port{port} is taken: {said}", hint="`qlocal up --new-ports` moves away")
    if _DISK.search(said):
        return EngineError(
            f"the disk is full ({doing})", hint="`docker system df` shows what takes the room"
        )
    if _POOL.search(said):
        return EngineError(
            f"the engine has no network addresses left ({doing})",
            hint="`docker network prune` frees those of networks nobody uses",
        )
    return EngineError(f"{doing} failed: {said}")


def _last_error(text: str) -> str:
    """The line that says why: Docker's programs put it last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = lines[-1] if lines else "no reason given"
    return said.removeprefix("Error response from daemon: ").removeprefix("Error: ")


def unavailable(text: str) -> EngineUnavailable:
    host = os.environ.get("DOCKER_HOST", "")
    said = text.strip().splitlines()[-1] if text.strip() else "no answer"
    if host:
        return EngineUnavailable(
            f"no Docker Engine answers at DOCKER_HOST={host}",
            hint="start it, or unset DOCKER_HOST to use the local one",
        )
    if "permission denied" in said.lower():
        return EngineUnavailable(
            "this user may not use the Docker Engine (permission denied on its socket)",
            hint="`sudo usermod -aG docker $USER`, then log in again; `qlocal doctor` says more",
        )
    return EngineUnavailable(
        "no Docker Engine answers",
        hint="`qlocal doctor` says what is missing, `qlocal doctor --fix` sets it up",
    )


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn whatever the Docker libraries raise inside into errors of ours."""
    import docker.errors
    import requests.exceptions

    try:
        yield
    except QlocalError:
        raise
    except (
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
    ) as error:
        raise unavailable(_innermost(error)) from error
    except docker.errors.APIError as error:
        raise from_text(str(error.explanation or error), doing) from error
    except docker.errors.DockerException as error:
        raise unavailable(str(error)) from error
    except OSError as error:
        raise unavailable(str(error)) from error


def _innermost(error: BaseException) -> str:
    """`requests` wraps the reason three times; the socket's own words are in the middle."""
    text = str(error)
    return "permission denied" if "PermissionError" in text or "Permission denied" in text else text
