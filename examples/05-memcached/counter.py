"""A counter: every `GET /` counts; the count is gone when the cache restarts."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "QOVERY_DATABASE_MY_CACHE"
ADDRESS = os.environ[f"{PREFIX}_HOST"], int(os.environ[f"{PREFIX}_PORT"])


def count():
    with socket.create_connection(ADDRESS) as connection, connection.makefile("rw") as cache:
        cache.write("add visits 0 0 1 noreply\r\n0\r\nincr visits 1\r\n")
        cache.flush()
        return cache.readline().strip()


class Counter(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{count()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", 8080), Counter).serve_forever()
