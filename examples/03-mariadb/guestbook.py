"""A guestbook: `GET /` shows the names, `POST /` adds one."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

PREFIX = "QOVERY_DATABASE_MY_GUESTBOOK"


def query(sql, *values):
    connection = pymysql.connect(
        host=os.environ[f"{PREFIX}_HOST"],
        port=int(os.environ[f"{PREFIX}_PORT"]),
        user=os.environ[f"{PREFIX}_USERNAME"],
        password=os.environ[f"{PREFIX}_PASSWORD"],
        # The schema is called like the database in .qovery.yml.
        database=os.environ[f"{PREFIX}_NAME"],
        charset="utf8mb4",
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


class Guestbook(BaseHTTPRequestHandler):
    def do_GET(self):
        names = [name for (name,) in query("select name from guest order by id")]
        self.answer("\n".join(names))

    def do_POST(self):
        name = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query("insert into guest (name) values (%s)", name)
        self.answer(f"welcome, {name}")

    def answer(self, text):
        body = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


query("create table if not exists guest (id int auto_increment primary key, name text)")
ThreadingHTTPServer(("", 8080), Guestbook).serve_forever()
