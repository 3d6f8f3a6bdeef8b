"""Where the engine is: DOCKER_HOST, else the current context, else the usual socket."""

import os
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
    name = os.environ.get("DOCKER_CONTEXT") or _current_context()
    if name and name != "default":
        from docker.context import ContextAPI

        context = ContextAPI.get_context(name)
        if context is None:
            raise EngineUnavailable(
                f"the Docker context `{name}` does not exist",
                hint="`docker context ls` lists them, `docker context use` picks one",
            )
        return {"base_url": context.Host, "tls": context.TLSConfig or False}
    return {}


def _current_context() -> str:
    import json
    from pathlib import Path

    folder = os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker"
    try:
        return str(json.loads(Path(folder, "config.json").read_text()).get("currentContext", ""))
    except (OSError, ValueError):
        return ""
