"""Ways between this machine and containers: a port opened for a while, and who can be reached."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from qlocal.compose.attached import is_this_machine
from qlocal.engine.failures import translated
from qlocal.errors import EngineError
from qlocal.plan.facts import Container

if TYPE_CHECKING:
    import docker

_LOOPBACK = "127.0.0.1"
_PATIENCE = 5.0  # seconds for a connection
_REFUSED = "connection refused"


def forward(container: Container, port: int, opened: Callable[[int], None]) -> None:
    """Relay a free port on loopback to one of the container, until Ctrl-C. `opened` gets its
    number. Raises EngineError where the container's address cannot be reached from here.
    """
    for address in container.addresses:
        if not _why_not(address, port):
            with suppress(KeyboardInterrupt):
                asyncio.run(_serve(address, port, opened))
            return
    raise EngineError(
        f"port {port} of `{container.service}` cannot be reached from this machine",
        hint=f"`services: {{{container.service}: {{publish: true}}}}` in qlocal.yml, then "
        "`qlocal up`, opens one through the engine",
    )


async def _serve(address: str, port: int, opened: Callable[[int], None]) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            answers, questions = await asyncio.open_connection(address, port)
            await asyncio.gather(_copy(reader, questions), _copy(answers, writer))
            questions.close()
        writer.close()

    server = await asyncio.start_server(relay, _LOOPBACK, 0)
    opened(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """To the end of one direction; the other may go on."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def why_unreachable(client: "docker.DockerClient", host: str, port: int) -> str:
    """Why a container would not get an answer there, as far as this machine can tell; "" when it
    would.
    """
    if not is_this_machine(host):
        reason = _why_not(host, port)
        return f"tried {host}:{port} from this machine: {reason}" if reason else ""
    gateway = _gateway(client)
    from_outside = _why_not(gateway, port)
    if not from_outside:
        return ""
    inside = _why_not(_LOOPBACK, port)
    if inside:
        return f"tried {_LOOPBACK}:{port} and {gateway}:{port} on this machine: {inside}"
    if from_outside != _REFUSED:
        return ""  # an engine in a virtual machine: its containers come in over loopback
    return (
        f"it listens on {_LOOPBACK}:{port} only; containers knock at {gateway}:{port}, "
        f"and there: {from_outside}"
    )


def _why_not(host: str, port: int) -> str:
    """Empty when something accepts."""
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except ConnectionRefusedError:
        return _REFUSED
    except TimeoutError:
        return f"no answer within {_PATIENCE:g} s"
    except socket.gaierror:
        return f"the name `{host}` is not known"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _gateway(client: "docker.DockerClient") -> str:
    """Where `host.docker.internal` leads: this machine, seen from the engine's first bridge."""
    with translated("looking at the engine's bridge"):
        found = client.api.networks(names=["bridge"])
    for network in found:
        for config in (network.get("IPAM") or {}).get("Config") or ():
            if address := config.get("Gateway"):
                return str(address)
    return _LOOPBACK
