"""A registry that answers, one that does not, and one that somebody else speaks for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from qlocal.engine.host.facts import Answer, Engine
from qlocal.engine.host.later import Later
from qlocal.engine.host.network import ask_registry, resolves


@contextmanager
def a_registry(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status if self.path == "/v2/" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_mirror_that_asks_who_we_are_is_reachable() -> None:
    with a_registry(401) as address:
        registry = ask_registry(Engine(answer=Answer.ANSWERS, mirrors=(address,)))
    assert (registry.name, registry.is_reachable, registry.detail) == (
        "127.0.0.1",
        True,
        "answers 401",
    )


def test_a_registry_behind_the_engines_own_proxy_cannot_be_tried_from_here() -> None:
    engine = Engine(answer=Answer.ANSWERS, proxy="http://proxy.example:3128")
    assert ask_registry(engine).is_reachable is None


def test_the_registry_of_an_engine_elsewhere_cannot_be_tried_from_here() -> None:
    assert ask_registry(Engine(answer=Answer.ANSWERS, is_here=False)).is_reachable is None


def test_a_name_that_nobody_knows_does_not_resolve() -> None:
    assert resolves("localhost")
    assert not resolves("nobody.invalid")


def test_an_answer_that_comes_too_late_is_not_waited_for() -> None:
    never = threading.Event()
    assert Later(never.wait).within(0.01, otherwise=False) is False
    never.set()


def test_an_answer_in_time_is_the_answer_also_when_it_is_an_error() -> None:
    assert Later(lambda: 7).within(5, otherwise=0) == 7
    failing = Later(lambda: 1 // 0)
    try:
        failing.within(5, otherwise=0)
    except ZeroDivisionError:
        return
    raise AssertionError("the error was lost")
