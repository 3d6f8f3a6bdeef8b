"""Variables in a real container: every value as written, a run-time value over a baked one."""

import json
import random
import subprocess
import unicodedata
from pathlib import Path

import pytest

from qlocal.compose.export import as_dotenv
from qlocal.compose.scopes import Scope, Variable
from tests.e2e.conftest import DOCKERFILE, Repository

pytestmark = pytest.mark.docker

AWKWARD = (
    "", " ", " a  b ", "a\nb", "\n", "a\n\n", "\ttab", "'", '"', "\\", "a\\", "$", "$$", "$HOME",
    "${HOME}", "$$HOME", "$(id)", "`id`", "#x", "a #b", "%s", "!x", "*", "{{x}}", "é 日本 🐍", "~",
    "true", "null", "0123", "1e3", "yes", "2020-01-01", "- a", "a: b", "[1]", "{a: 1}", "&a", "|",
    "-----BEGIN KEY-----\nx\n-----END KEY-----\n", '{"a": ["$b", \'c\']}', "@x", "?", "a=b", "=",
)  # fmt: skip


def random_values(count: int) -> list[str]:
    """Always the same: printable characters of every kind, blanks, newlines."""
    chance = random.Random(4)
    ascii_ = [chr(code) for code in range(32, 127)]
    far = [
        chr(code)
        for code in range(160, 0x1F700)
        if unicodedata.category(chr(code))[0] in "LNPS" and not 0xD800 <= code < 0xE000
    ]
    letters = ascii_ * 3 + list("'\"\\$`{}\n\t #") * 12
    return [
        "".join(
            chance.choice(letters if chance.random() < 0.9 else far)
            for _ in range(chance.randint(0, 40))
        )
        for _ in range(count)
    ]


def in_container(repository: Repository, service: str = "web") -> dict[str, str]:
    """The environment of its first process, as the kernel has it."""
    name = repository.containers()[service].name
    done = subprocess.run(
        ["docker", "exec", name, "cat", "/proc/1/environ"], check=True, capture_output=True
    )
    pairs = (pair.decode().partition("=") for pair in done.stdout.split(b"\0") if pair)
    return {key: value for key, _, value in pairs}


def listed(repository: Repository, *arguments: str) -> dict[str, str]:
    said = repository.qlocal("env", "--json", "--show-secrets", *arguments)
    assert said.code == 0, said.err
    return {one["name"]: one["value"] for one in said.document}


def dotenv_of(values: dict[str, str]) -> str:
    text, left_out = as_dotenv(
        Variable(name=name, value=value, scope=Scope.DOTENV) for name, value in values.items()
    )
    assert left_out == ()
    return text


def test_two_hundred_values_of_every_scope_arrive_in_the_container_as_explained(
    web: Repository,
) -> None:
    values = [*AWKWARD, *random_values(200 - len(AWKWARD))]
    written = {f"V{number}": value for number, value in enumerate(values)}
    scopes = ("project", "environment", "application", "dotenv")
    for offset, scope in enumerate(scopes):
        share = dict(list(written.items())[offset :: len(scopes)])
        # Each scope also says something of what a higher one wins.
        others = dict.fromkeys(list(written)[offset + 1 :: len(scopes)], scope)
        if scope == "dotenv":
            web.write({".env": dotenv_of(share) + "ALIAS=$V0-${V1}\n"})
            continue
        overridden = others if scope != "application" else {}
        web.write({"some.env": dotenv_of(overridden | share)})
        assert web.qlocal("env", "import", "some.env", "--scope", scope).code == 0
    (web.path / "some.env").unlink()
    web.up()

    found, told = in_container(web), listed(web)
    assert {name: found[name] for name in written} == written
    assert {name: found[name] for name in told} == told
    for name in ("V0", "V1", "V2", "V3", "V42", "V199", "ALIAS", "QOVERY_JSON_B64", "PORT"):
        said = web.qlocal("env", "--explain", name, "--json", "--show-secrets")
        assert said.document[0]["value"] == found[name]
    assert web.up()["plan"] == []


def test_a_variable_that_was_set_by_command_is_there_after_the_next_up_and_survives_down(
    web: Repository,
) -> None:
    web.up()
    assert web.qlocal("env", "set", "GREETING=hello $x").code == 0
    plan = web.up()["plan"]
    assert ("recreate", "variable GREETING added") in [(one["verb"], one["cause"]) for one in plan]
    assert in_container(web)["GREETING"] == "hello $x"
    assert web.qlocal("down", "--volumes", "--yes").code == 0
    web.up()
    assert in_container(web)["GREETING"] == "hello $x"
    assert web.qlocal("env", "unset", "GREETING").code == 0
    web.up()
    assert "GREETING" not in in_container(web)


def test_a_run_time_value_wins_over_an_empty_one_that_the_image_bakes(web: Repository) -> None:
    baked = 'ENV QOVERY_BRANCH_NAME=$QOVERY_BRANCH_NAME GREETING="" URL=$QOVERY_ROUTER_X_URL\nCMD'
    web.write({"Dockerfile": DOCKERFILE.replace("CMD", baked), ".env": "GREETING=hello\n"})
    web.up()
    found = in_container(web)
    assert found["QOVERY_BRANCH_NAME"] == "main"
    assert found["GREETING"] == "hello"
    assert found["URL"] == ""
    assert found["PORT"] == "8080"


def test_an_argument_of_the_build_has_the_value_of_the_variable(web: Repository) -> None:
    value = 'it\'s "$HOME" \\ #é'
    build = "ARG GREETING\nARG QOVERY_BRANCH_NAME\nENV BAKED=$GREETING/$QOVERY_BRANCH_NAME\nCMD"
    web.write({"Dockerfile": DOCKERFILE.replace("CMD", build)})
    web.write({".env": dotenv_of({"GREETING": value})})
    web.up()
    assert in_container(web)["BAKED"] == f"{value}/main"


def test_a_process_on_the_host_gets_in_by_its_rewritten_variables(
    repository: Repository, tmp_path: Path
) -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "02-todo"
    manifest = (example / ".qovery.yml").read_text().replace('"demo"', f'"{repository.project}"')
    repository.write(
        {
            ".qovery.yml": manifest,
            "Dockerfile": DOCKERFILE,
            "server.pl": "sleep 1 while 1",
            "qlocal.yml": "services:\n  my-redis: {publish: true}\n",
            ".env": "AWKWARD='a  b\n* $x'\n",
        }
    )
    (repository.path / "server.pl").write_text(
        "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 9);"
        " while (my $c = $s->accept) { close $c }"
    )
    repository.up()
    said = repository.qlocal("env", "--host", "--format", "shell", "--show-secrets")
    assert said.code == 0, said.err
    assert "my-postgresql" in said.err
    assert "`my-redis`" not in said.err
    (tmp_path / "exports").write_text(said.out)
    script = tmp_path / "ask.py"
    script.write_text(
        "import json, os, socket\n"
        "host = os.environ['QOVERY_DATABASE_MY_REDIS_HOST']\n"
        "port = int(os.environ['QOVERY_DATABASE_MY_REDIS_PORT'])\n"
        "word = os.environ['QOVERY_DATABASE_MY_REDIS_PASSWORD']\n"
        "s = socket.create_connection((host, port), 10)\n"
        "s.sendall(f'AUTH {word}\\r\\nPING\\r\\n'.encode())\n"
        "answer = b''\n"
        "while answer.count(b'\\r\\n') < 2: answer += s.recv(100)\n"
        "print(json.dumps([answer.decode(), os.environ['AWKWARD']]))\n"
    )
    done = subprocess.run(
        ["sh", "-c", 'eval $(cat "$1") && exec python3 "$2"', "sh", tmp_path / "exports", script],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout) == ["+OK\r\n+PONG\r\n", "a  b\n* $x"]
