"""Where the engine is: DOCKER_HOST, else the current context, else the usual socket."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qlocal.engine.failures import translated, unavailable
from qlocal.errors import EngineUnavailable

if TYPE_CHECKING:
    import docker

_OLDEST_API = (1, 41)  # Engine 20.10
_TIMEOUT = 120  # seconds for one answer; stopping a database may take its whole grace


def client() -> "docker.DockerClient":
    """A client whose API version is agreed on. Raises EngineUnavailable."""
    import docker
    import docker.errors

    try:
        with translated("connecting to the engine"):
            found = docker.DockerClient(**_endpoint(), version="auto", timeout=_TIMEOUT)
    except EngineUnavailable:
        raise
    except docker.errors.DockerException as error:
        raise unavailable(str(error)) from error
    version = found.api.api_version
    if tuple(int(part) for part in version.split(".")) < _OLDEST_API:
        raise EngineUnavailable(
            f"this Docker Engine is too old (API {version}; 1.41 of Engine 20.10 is needed)",
            hint="`qlocal doctor` says how to get a newer one",
        )
    return found


def _endpoint() -> dict[str, Any]:
    if os.environ.get("DOCKER_HOST"):
        from docker.utils import kwargs_from_env

        return dict(kwargs_from_env())
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    name = os.environ.get("DOCKER_CONTEXT") or str(_read(folder / "config.json", "currentContext"))
    return _of_context(name, folder / "contexts") if name not in ("", "default") else {}


def _of_context(name: str, folder: Path) -> dict[str, Any]:
    """Read here, because the SDK finds contexts only beside a `config.json`."""
    key = sha256(name.encode()).hexdigest()
    endpoint = (_read(folder / "meta" / key / "meta.json", "Endpoints") or {}).get("docker", {})
    if not endpoint.get("Host"):
        raise EngineUnavailable(
            f"the Docker context `{name}` does not exist",
            hint="`docker context ls` lists them, `docker context use` picks one",
        )
    found = {"base_url": endpoint["Host"], "use_ssh_client": endpoint["Host"].startswith("ssh:")}
    files = folder / "tls" / key / "docker"
    if (files / "ca.pem").is_file():
        from docker.tls import TLSConfig

        pair = (str(files / "cert.pem"), str(files / "key.pem"))
        found["tls"] = TLSConfig(
            ca_cert=str(files / "ca.pem"),
            client_cert=pair if (files / "cert.pem").is_file() else None,
            verify=not endpoint.get("SkipTLSVerify"),
        )
    return found


def _read(file: Path, key: str) -> Any:
    """Nothing when the file or the key is not there."""
    try:
        return json.loads(file.read_text("utf-8")).get(key, "")
    except (OSError, ValueError, AttributeError):
        return ""
