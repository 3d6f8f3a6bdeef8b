"""A to-do list: a page and a JSON API, rows in PostgreSQL, a visit counter in Redis."""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.extras
import redis
from flask import Flask, Response, abort, jsonify, request
from waitress import serve

DATABASE = os.environ["QOVERY_DATABASE_MY_POSTGRESQL_CONNECTION_URI"]
COUNTER = os.environ["QOVERY_DATABASE_MY_REDIS_CONNECTION_URI"]
PAGE = Path(__file__).with_name("page.html").read_text()

app = Flask(__name__)
counter = redis.Redis.from_url(COUNTER)


def query(sql, *values):
    connection = psycopg2.connect(DATABASE, cursor_factory=psycopg2.extras.RealDictCursor)
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@app.get("/")
def page():
    return Response(PAGE, mimetype="text/html")


@app.get("/api/todos")
def todos():
    rows = query("select id, text, done from todo order by id")
    return jsonify(
        todos=rows, visits=counter.incr("visits"), branch=os.environ["QOVERY_BRANCH_NAME"]
    )


@app.post("/api/todos")
def add():
    text = (request.get_json(silent=True) or {}).get("text", "").strip()
    if not text:
        abort(400, "a todo needs a text")
    row = query("insert into todo (text) values (%s) returning id, text, done", text)[0]
    return jsonify(row), 201


@app.post("/api/todos/<int:number>/done")
def finish(number):
    rows = query("update todo set done = true where id = %s returning id, text, done", number)
    return jsonify(rows[0]) if rows else abort(404)


if __name__ == "__main__":
    query("""
        create table if not exists todo (
            id serial primary key,
            text text not null,
            done boolean not null default false
        )
    """)
    print("listening on 8080", flush=True)
    serve(app, host="0.0.0.0", port=8080)
