"""Does it answer? Asked of real sockets on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from qlocal.compose.readiness import Exchange, Readiness
from qlocal.engine.probes import answers, can_bind
from qlocal.plan.facts import Container


def container(*addresses: str, ports: dict[int, int] | None = None) -> Container:
    return Container(
        id="x",
        name="x",
        service="x",
        image="x",
        state="running",
        addresses=addresses,
        ports=ports or {},
    )


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield int(one.getsockname()[1])


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def by_port(port: int) -> Readiness:
    return Readiness(port=port, timeout=1)


def test_the_containers_own_address_is_asked() -> None:
    with listening() as port:
        assert answers(container("127.0.0.1"), by_port(port))
    assert not answers(container("127.0.0.1"), by_port(port))


def test_a_refusal_there_is_the_last_word() -> None:
    """The engine's forwarder on loopback would accept for a program that does not listen."""
    with listening() as published:
        ports = {unused_port(): published}
        assert not answers(container("127.0.0.1", ports=ports), by_port(next(iter(ports))))


def test_without_a_way_to_its_address_the_published_port_is_asked() -> None:
    with listening() as published:
        assert answers(container(ports={8080: published}), by_port(8080))
        assert not answers(container(ports={9090: published}), by_port(8080))


def test_a_forwarder_that_hangs_up_at_once_has_nobody_behind_it() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()

        def hang_up() -> None:
            one.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        published = int(one.getsockname()[1])
        assert not answers(container(ports={8080: published}), by_port(8080))
        thread.join()


def test_without_a_port_there_is_nothing_to_ask() -> None:
    assert not answers(container("127.0.0.1"), Readiness(timeout=1))


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its own name)
        pass


@pytest.fixture
def http_port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "expected"), [(200, True), (204, True), (302, True), (404, False), (500, False)]
)
def test_a_path_is_well_from_200_to_399(http_port: int, status: int, *, expected: bool) -> None:
    readiness = Readiness(port=http_port, path=f"/{status}", timeout=1)
    assert answers(container("127.0.0.1"), readiness) is expected


def test_what_speaks_no_http_is_not_well() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()

        def talk() -> None:
            for _ in range(2):
                connection = one.accept()[0]
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                connection.close()

        thread = threading.Thread(target=talk)
        thread.start()
        readiness = Readiness(port=int(one.getsockname()[1]), path="/", timeout=1)
        assert not answers(container("127.0.0.1"), readiness)
        thread.join()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_somebody_listens_on_cannot_be_bound(address: str) -> None:
    with socket.socket() as one:
        one.bind((address, 0))
        one.listen()
        port = int(one.getsockname()[1])
        assert not can_bind(port)
    assert can_bind(port)


def exchanged(says: bytes, *, expect: bytes = b"+OK\r\n+PONG") -> bool:
    """Whether a server that answers so passes for ready."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            # Who asks hangs up as soon as it has heard enough.
            with connection, suppress(ConnectionError):
                heard.append(connection.recv(100))
                for number in range(len(says)):
                    connection.sendall(says[number : number + 1])

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        exchange = Exchange(port=port, send=b"AUTH x\r\nPING\r\n", expect=expect)
        readiness = Readiness(health=True, exchange=exchange, timeout=1)
        container = Container(
            id="1", name="x", service="x", image="x", state="running", addresses=("127.0.0.1",)
        )
        found = answers(container, readiness)
        thread.join(timeout=5)
    assert heard == [b"AUTH x\r\nPING\r\n"]
    return found


def test_an_exchange_that_is_answered_as_expected_is_ready() -> None:
    assert exchanged(b"+OK\r\n+PONG\r\n")


def test_an_exchange_that_is_answered_otherwise_or_half_is_not_ready() -> None:
    assert not exchanged(b"-WRONGPASS\r\n+PONG\r\n")
    assert not exchanged(b"+OK\r\n")
