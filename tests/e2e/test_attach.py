"""Databases that run elsewhere: the same variables, no container, and a clear word when gone."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker
import pytest

from tests.e2e.conftest import MANIFEST, Repository
from tests.eventually import eventually

pytestmark = pytest.mark.docker

CACHE = "databases:\n- {type: redis, name: cache}\n"
PREFIX = "QOVERY_DATABASE_CACHE"
PASSWORD = "p@ss/w:rd$1"
# Perl is in every image of these tests: PING, after AUTH, where the variables point.
PING = rf"""
use IO::Socket::INET;
my $s = IO::Socket::INET->new(
    PeerAddr => $ENV{{{PREFIX}_HOST}}, PeerPort => $ENV{{{PREFIX}_PORT}}, Timeout => 5) or die $!;
printf $s "AUTH %s\r\nPING\r\n", $ENV{{{PREFIX}_PASSWORD}};
print scalar <$s>, scalar <$s>;
"""


@pytest.fixture
def shop(web: Repository) -> Repository:
    web.write({".qovery.yml": MANIFEST.format(project=web.project) + CACHE})
    return web


def gateway() -> str:
    """This machine, as containers see it."""
    config = docker.from_env().networks.get("bridge").attrs["IPAM"]["Config"]
    return str(config[0]["Gateway"])


@contextmanager
def redis_on(shop: Repository) -> Iterator[int]:
    """A server that is none of the environment, with a password; gives its port."""
    shop.up()
    image = shop.containers()["cache"].image
    published: Any = {"6379/tcp": (gateway(), None)}
    container: Any = docker.from_env().containers.run(
        image,
        ["redis-server", "--requirepass", PASSWORD],
        ports=published,
        labels={"dev.qlocal.test": shop.project},
        detach=True,
    )
    try:
        eventually(lambda: b"Ready to accept" in container.logs(), what="redis runs")
        container.reload()
        yield int(container.ports["6379/tcp"][0]["HostPort"])
    finally:
        container.remove(force=True, v=True)


def attach(shop: Repository, port: int, host: str = "localhost", password: str = "$PW") -> None:
    line = f"{{host: {host}, port: {port}, password: {password!r}}}"
    shop.write({"qlocal.yml": f"services:\n  cache:\n    attach: {line}\n"})


def volumes(shop: Repository) -> set[str]:
    label = {"label": f"dev.qlocal.project={shop.project}"}
    return {str(one.name) for one in docker.from_env().volumes.list(filters=label)}


def variables(shop: Repository, environment: Mapping[str, str]) -> dict[str, str]:
    shown = shop.qlocal("env", "--json", "--show-secrets", environment=environment).document
    return {one["name"]: one["value"] for one in shown}


def test_an_attached_server_on_this_machine_is_reached_through_the_same_variables(
    shop: Repository,
) -> None:
    secret = {"PW": PASSWORD}
    with redis_on(shop) as port:
        assert shop.qlocal("connect", "cache", "set", "kept", "yes").out == "OK\n"
        attach(shop, port)
        said = shop.qlocal("up", "--json", environment=secret)
        assert said.code == 0, said.err
        removed = [step for step in said.document["plan"] if step["verb"] == "remove"]
        assert [step["target"] for step in removed] == ["cache"]
        assert f"localhost:{port}" in removed[0]["cause"]
        assert set(shop.containers()) == {"web"}
        assert shop.qlocal("exec", "web", "--", "perl", "-e", PING).out == "+OK\n+PONG\n"
        one_off = shop.qlocal("run", "--", "perl", "-e", PING, environment=secret)
        assert one_off.out == "+OK\n+PONG\n", one_off.err
        found = variables(shop, secret)
        assert found[f"{PREFIX}_CONNECTION_URI"].endswith(
            f"p%40ss%2Fw%3Ard%241@host.docker.internal:{port}"
        )

        rows = shop.qlocal("ps", "--json").document["services"]
        row = next(one for one in rows if one["service"] == "cache")
        assert (row["kind"], row["state"]) == ("redis", "attached")
        assert f"localhost:{port}" in shop.qlocal("ps").out
        assert "attached" in shop.qlocal("exec", "cache", "true").err
        said = shop.qlocal("connect", "cache", environment=secret)
        assert said.code == 1
        assert "--print-uri" in said.err
        uri = shop.qlocal("connect", "cache", "--print-uri", environment=secret)
        assert uri.out == f"redis://localhost:{port}\n"
        printed = [
            shop.qlocal(*words, environment=secret) for words in (["up"], ["ps"], ["config"])
        ]
        assert not [one for one in printed if PASSWORD in one.out + one.err]

    (shop.path / "qlocal.yml").unlink()
    shop.up()
    assert shop.qlocal("connect", "cache", "get", "kept").out == "yes\n"
    assert [one["service"] for one in shop.qlocal("ps", "--json").document["services"]] == [
        "web",
        "cache",
    ]


def test_an_attached_service_makes_no_volume_and_takes_its_password_from_dotenv(
    shop: Repository,
) -> None:
    with redis_on(shop) as port:
        shop.qlocal("down", "--volumes", "--yes")
        attach(shop, port, host=gateway())
        shop.write({".env": f"PW='{PASSWORD}'\n"})
        shop.up()
        assert volumes(shop) == set()
        assert shop.qlocal("exec", "web", "--", "perl", "-e", PING).out == "+OK\n+PONG\n"
        assert "extra_hosts" not in shop.qlocal("config").out


def test_a_server_that_listens_on_loopback_only_is_told_where_containers_knock(
    shop: Repository,
) -> None:
    shop.up()
    before = {name: one.id for name, one in shop.containers().items()}
    with socket.socket() as server, socket.socket() as nobody:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        nobody.bind((gateway(), port))
        attach(shop, port, password="x")
        said = shop.qlocal("up")
        assert said.code == 5
        assert f"127.0.0.1:{port} only" in said.err
        assert gateway() in said.err
        assert {name: one.id for name, one in shop.containers().items()} == before


def test_a_server_that_does_not_answer_is_named_with_what_was_tried(shop: Repository) -> None:
    with socket.socket() as nobody:
        nobody.bind(("0.0.0.0", 0))
        port = nobody.getsockname()[1]
        for host in ("localhost", gateway()):
            attach(shop, port, host=host, password="x")
            said = shop.qlocal("up")
            assert said.code == 5
            assert f"{host}:{port}" in said.err
            assert "from this machine" in said.err or "on this machine" in said.err
            assert "refused" in said.err
    attach(shop, 6379, host="nobody.invalid", password="x")
    said = shop.qlocal("up", "--json")
    assert said.code == 5
    assert said.document["error"]["failures"][0]["phase"] == "attach"
    assert "nobody.invalid" in said.out
    assert shop.containers() == {}


def test_a_variable_that_is_not_set_is_pointed_at(shop: Repository) -> None:
    attach(shop, 6379, host="db.example", password="$NOWHERE_SET")
    said = shop.qlocal("up")
    assert said.code == 3
    assert "qlocal.yml:3:" in said.err
    assert "`$NOWHERE_SET`" in said.err
