"""A postbox: `POST /` puts a letter into a queue, `GET /` takes the oldest out of it."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pika

URI = os.environ["QOVERY_BROKER_MY_LETTERS_CONNECTION_URI"]
QUEUE = "letters"


def with_channel(use):
    connection = pika.BlockingConnection(pika.URLParameters(URI))
    try:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.confirm_delivery()
        return use(channel)
    finally:
        connection.close()


class Postbox(BaseHTTPRequestHandler):
    def do_GET(self):
        _, _, letter = with_channel(lambda channel: channel.basic_get(QUEUE, auto_ack=True))
        self.answer(letter or b"no letters")

    def do_POST(self):
        letter = self.rfile.read(int(self.headers["Content-Length"]))
        kept = pika.BasicProperties(delivery_mode=2)
        with_channel(lambda channel: channel.basic_publish("", QUEUE, letter, kept))
        self.answer(b"posted")

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text) + 1))
        self.end_headers()
        self.wfile.write(text + b"\n")


ThreadingHTTPServer(("", 8080), Postbox).serve_forever()
