"""Does it answer? Asked from this machine, without sending anything a program could stumble on."""

import http.client
import socket

from qlocal.compose.readiness import Exchange, Readiness
from qlocal.plan.facts import Container

_QUICK = 0.3  # seconds: a bridge on this machine answers in microseconds or not at all
_PATIENT = 5.0  # seconds for an HTTP answer


def answers(container: Container, readiness: Readiness) -> bool:
    """The container's own address first: there, a refusal is the application's.

    The port on loopback comes second, for engines in a virtual machine: there the engine's
    forwarder accepts for everybody and hangs up at once when nobody listens behind it.
    """
    if readiness.exchange:
        return any(_exchanged(address, readiness.exchange) for address in container.addresses)
    port = readiness.port
    if not port:
        return False
    for address in container.addresses:
        reached = _reach(address, port)
        if reached is not None:
            return reached and _http_ok(address, port, readiness.path)
    if published := container.ports.get(port):
        return _stays_open("127.0.0.1", published) and _http_ok(
            "127.0.0.1", published, readiness.path
        )
    return False


def _reach(address: str, port: int) -> bool | None:
    """None when the address cannot be reached from here at all."""
    try:
        socket.create_connection((address, port), timeout=_QUICK).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return None
    return True


def _exchanged(address: str, exchange: Exchange) -> bool:
    try:
        with socket.create_connection((address, exchange.port), timeout=_QUICK) as connection:
            connection.sendall(exchange.send)
            said = b""
            while len(said) < len(exchange.expect) and (more := connection.recv(4096)):
                said += more
    except OSError:
        return False
    return said.startswith(exchange.expect)


def _stays_open(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=_QUICK) as connection:
            return connection.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def _http_ok(address: str, port: int, path: str) -> bool:
    """200 to 399 is ready; without a path there is nothing to ask."""
    if not path:
        return True
    connection = http.client.HTTPConnection(address, port, timeout=_PATIENT)
    try:
        connection.request("GET", path, headers={"Host": "localhost", "User-Agent": "qlocal"})
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def can_bind(port: int) -> bool:
    """Asked by binding: what listens on every address takes loopback too."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
