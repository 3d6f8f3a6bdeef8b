"""Whether names resolve and an image registry answers."""

import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from qlocal.engine.host.facts import Answer, Engine, Registry

HUB = "https://registry-1.docker.io"
PATIENCE = 1.2  # seconds for all of it; a slower network is only a warning


def resolves(name: str) -> bool:
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return False
    return True


def ask_registry(engine: Engine) -> Registry:
    """Try the engine's mirrors and Docker Hub as a pull would; the first that answers will do."""
    if engine.answer is Answer.ANSWERS and not engine.is_here:
        return Registry(name=_name(HUB), is_reachable=None, detail="the engine is not on this host")
    if engine.proxy:
        return Registry(name=_name(HUB), is_reachable=None, detail="the engine has its own proxy")
    tried = []
    for address in (*engine.mirrors, HUB):
        registry = _try(address)
        if registry.is_reachable:
            return registry
        tried.append(registry)
    return tried[-1]


def silent_registry() -> Registry:
    """What is true when the time is over."""
    return Registry(name=_name(HUB), is_reachable=False, detail=f"no answer after {PATIENCE:g} s")


def _try(address: str) -> Registry:
    request = urllib.request.Request(f"{address.rstrip('/')}/v2/", method="HEAD")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
            status = response.status
    except urllib.error.HTTPError as error:
        error.close()
        status = error.code
    except urllib.error.URLError as error:
        return Registry(name=_name(address), is_reachable=False, detail=_reason(error.reason))
    except OSError as error:
        return Registry(name=_name(address), is_reachable=False, detail=_reason(error))
    # A registry asks who we are (401); anything else is a proxy or a portal speaking in its place.
    return Registry(
        name=_name(address), is_reachable=status in {200, 401}, detail=f"answers {status}"
    )


def _reason(error: object) -> str:
    if isinstance(error, socket.gaierror):
        return "its name does not resolve"
    if isinstance(error, TimeoutError):
        return f"no answer after {PATIENCE:g} s"
    text = str(error)
    return "its certificate is not trusted here" if "CERTIFICATE_VERIFY_FAILED" in text else text


def _name(address: str) -> str:
    return urlsplit(address).hostname or address
