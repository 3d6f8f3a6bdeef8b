"""Just enough of AMQP 0-9-1 to publish with confirmation, as a program of its own.

    RABBIT_LOGIN=user:password python amqp.py HOST QUEUE

Publishes each line of its input as a persistent message to a durable queue, and prints it once
the broker has confirmed it.
"""

import os
import socket
import struct
import sys
from dataclasses import dataclass

METHOD, HEADER, BODY, END = 1, 2, 3, b"\xce"
TUNE, OPEN_OK = (10, 30), (10, 41)
CHANNEL_OPEN_OK, DECLARE_OK, SELECT_OK, ACK = (20, 11), (50, 11), (85, 11), (60, 80)


def short(text: str) -> bytes:
    return struct.pack(">B", len(text)) + text.encode()


@dataclass(slots=True, kw_only=True)
class Connection:
    stream: socket.socket

    def send(self, kind: int, channel: int, payload: bytes) -> None:
        self.stream.sendall(struct.pack(">BHI", kind, channel, len(payload)) + payload + END)

    def call(self, channel: int, method: tuple[int, int], arguments: bytes) -> None:
        self.send(METHOD, channel, struct.pack(">HH", *method) + arguments)

    def expect(self, method: tuple[int, int]) -> None:
        """Frames of other kinds, heartbeats among them, are passed over."""
        while True:
            kind, _, size = struct.unpack(">BHI", self._exactly(7))
            payload = self._exactly(size + 1)
            if kind == METHOD:
                found = struct.unpack(">HH", payload[:4])
                if found == method:
                    return
                if found[1] in (40, 50):
                    sys.exit(f"closed: {payload!r}")

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self.stream.recv(size - len(found))
            if not part:
                sys.exit("the connection ended")
            found += part
        return found


def log_in(host: str, login: str) -> Connection:
    user, _, password = login.partition(":")
    connection = Connection(stream=socket.create_connection((host, 5672), timeout=20))
    connection.stream.sendall(b"AMQP\x00\x00\x09\x01")
    connection.expect((10, 10))
    secret = f"\0{user}\0{password}".encode()
    answer = struct.pack(">I", 0) + short("PLAIN")
    answer += struct.pack(">I", len(secret)) + secret + short("en_US")
    connection.call(0, (10, 11), answer)
    connection.expect(TUNE)
    connection.call(0, (10, 31), struct.pack(">HIH", 1, 4096, 0))
    connection.call(0, (10, 40), short("/") + short("") + b"\0")
    connection.expect(OPEN_OK)
    return connection


def publish(connection: Connection, queue: str) -> None:
    connection.call(1, (20, 10), short(""))
    connection.expect(CHANNEL_OPEN_OK)
    durable = 0b00010
    declare = struct.pack(">H", 0) + short(queue) + bytes([durable]) + struct.pack(">I", 0)
    connection.call(1, (50, 10), declare)
    connection.expect(DECLARE_OK)
    connection.call(1, (85, 10), b"\0")
    connection.expect(SELECT_OK)
    for line in sys.stdin:
        body = line.strip().encode()
        connection.call(1, (60, 40), struct.pack(">H", 0) + short("") + short(queue) + b"\0")
        persistent = struct.pack(">HHQHB", 60, 0, len(body), 0x1000, 2)
        connection.send(HEADER, 1, persistent)
        connection.send(BODY, 1, body)
        connection.expect(ACK)
        print(line.strip(), flush=True)


if __name__ == "__main__":
    publish(log_in(sys.argv[1], os.environ["RABBIT_LOGIN"]), sys.argv[2])
