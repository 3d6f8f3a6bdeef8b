"""What the platform sets, by the names and in the shapes that programs look for."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from qlocal.compose.builtin import platform_variables
from qlocal.compose.roster import take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.compose.variables import Scope, Variable
from tests.unit.compose.translating import Texts, given_for, read_texts, translated

APPLICATION = """\
application:
  name: "My App"
  project: demo
  publicly_accessible: true
"""
DATABASES = """\
databases:
- {type: postgresql, version: 12, name: my-pg}
- {type: REDIS, name: "Cache one"}
"""


def values(translation: Translation, service: str = "my-app") -> dict[str, str]:
    return {one.name: one.value for one in translation.variables[service]}


def together(*manifests: str) -> Translation:
    sources = tuple(
        read_texts(Texts(manifest=text, root=f"/src/{number}"))[0]
        for number, text in enumerate(manifests)
    )
    roster = take_roster(sources)
    return translate(roster, given_for(roster))


# Names


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("my-pg", "MY_PG"),
        ("my-postgresql-3498225", "MY_POSTGRESQL_3498225"),
        ("test_db", "TEST_DB"),
        ("RS2Database", "RS2DATABASE"),
        ("django db", "DJANGO_DB"),
        ("a--b__c.d", "A_B_C_D"),
    ],
)
def test_a_database_has_all_its_variables_under_its_name(declared: str, expected: str) -> None:
    found = values(
        translated(
            APPLICATION + f'databases: [{{type: postgresql, version: 12, name: "{declared}"}}]'
        )
    )
    suffixes = {
        name.removeprefix(f"QOVERY_DATABASE_{expected}_")
        for name in found
        if name.startswith(f"QOVERY_DATABASE_{expected}_")
    }
    assert suffixes == {
        "NAME", "TYPE", "VERSION", "HOST", "FQDN", "PORT", "USERNAME", "PASSWORD", "DATABASE",
        "CONNECTION_URI", "CONNECTION_URI_WITHOUT_CREDENTIALS",
    }  # fmt: skip
    assert found[f"QOVERY_DATABASE_{expected}_NAME"] == declared
    assert found[f"QOVERY_DATABASE_{expected}_TYPE"] == "POSTGRESQL"


def test_a_broker_is_no_database() -> None:
    found = values(translated(APPLICATION + "brokers: [{type: rabbitmq, name: mq}]\n"))
    assert found["QOVERY_BROKER_MQ_HOST"] == "mq"
    assert found["QOVERY_BROKER_MQ_CONNECTION_URI"].startswith("amqp://")
    assert not [name for name in found if name.startswith("QOVERY_DATABASE")]


def test_a_storage_says_where_it_is_mounted() -> None:
    storage = "  storage: [{name: up loads, type: fast_ssd, size: 10, mount_point: /srv/up}]\n"
    found = values(translated(APPLICATION + storage))
    assert {name: value for name, value in found.items() if "STORAGE" in name} == {
        "QOVERY_STORAGE_UP_LOADS_NAME": "up loads",
        "QOVERY_STORAGE_UP_LOADS_TYPE": "FAST_SSD",
        "QOVERY_STORAGE_UP_LOADS_MOUNT_POINT": "/srv/up",
        "QOVERY_STORAGE_UP_LOADS_SIZE": "10GB",
    }


def test_an_application_finds_its_own_storage_under_a_name_that_two_have() -> None:
    storage = "  storage: [{{name: data, type: ssd, size: 1, mount_point: /{name}}}]\n"
    manifests = [
        f"application:\n  name: {name}\n  project: demo\n" + storage.format(name=name)
        for name in ("one", "two")
    ]
    translation = together(*manifests)
    for name in ("one", "two"):
        assert values(translation, name)["QOVERY_STORAGE_DATA_MOUNT_POINT"] == f"/{name}"


def test_a_router_has_its_url_and_host_and_the_name_that_holds_the_application() -> None:
    router = "routers: [{name: main, routes: [{application_name: my app, paths: [/]}]}]\n"
    found = values(translated(APPLICATION + router))
    url = found["QOVERY_ROUTER_MAIN_URL"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert url == f"http://{found['QOVERY_ROUTER_MAIN_HOST']}"
    assert url == found["QOVERY_ROUTER_MY_APP_MAIN_URL"]


def test_an_application_is_found_by_all_three_names() -> None:
    found = values(translated(APPLICATION))
    assert found["QOVERY_APPLICATION_MY_APP_HOSTNAME"] == "my-app"
    assert found["QOVERY_MY_APP_HOSTNAME"] == "my-app"
    assert found["QOVERY_APPLICATION_MY_APP_HOST"] == "http://my-app:8080"


def test_every_application_sees_those_of_all_others() -> None:
    one = "application: {name: one, project: demo}\n" + DATABASES
    two = "application: {name: two, project: demo}\n"
    translation = together(one, two)
    mine, theirs = (values(translation, name) for name in ("one", "two"))
    assert mine.keys() == theirs.keys()
    differing = {name for name in mine if mine[name] != theirs[name]}
    assert differing == {"QOVERY_JSON_B64"}


def test_names_that_become_one_are_warned_about() -> None:
    translation = together(
        "application: {name: my-app, project: demo}\n",
        "application: {name: my.app, project: demo}\n",
    )
    assert any("same variables" in one.message for one in translation.problems)


def test_every_built_in_variable_says_which_line_it_comes_from() -> None:
    for one in translated(APPLICATION + DATABASES).variables["my-app"]:
        assert one.scope is Scope.BUILT_IN
        assert one.where or one.name in ("QOVERY_BRANCH_NAME", "QOVERY_IS_PRODUCTION")
        if one.name.startswith("QOVERY_DATABASE_MY_PG_"):
            assert (one.where and one.where.line) == 6


def test_the_commit_is_in_none_of_them() -> None:
    """It would replace every container with every commit."""
    assert not [name for name in values(translated(APPLICATION)) if "COMMIT" in name]


# PORT


def test_port_is_the_one_of_the_application() -> None:
    assert values(translated(APPLICATION + "  port: 3000\n"))["PORT"] == "3000"
    assert values(translated(APPLICATION))["PORT"] == "8080"


def test_an_application_without_a_port_has_no_such_variable() -> None:
    assert "PORT" not in values(translated(APPLICATION, dockerfile="FROM x\n"))


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM x\nENV PORT=3000\nEXPOSE 80\n",
        "FROM x\nENV PORT 3000\nEXPOSE 80\n",
        "FROM x AS base\nENV A=1 PORT=3000\nFROM base\nEXPOSE 80\n",
    ],
)
def test_an_image_that_sets_port_keeps_it(dockerfile: str) -> None:
    assert "PORT" not in values(translated(APPLICATION, dockerfile=dockerfile))


def test_another_stage_of_the_build_does_not_count() -> None:
    dockerfile = "FROM x AS build\nENV PORT=3000\nFROM y\nEXPOSE 80\n"
    assert values(translated(APPLICATION, dockerfile=dockerfile))["PORT"] == "80"


def test_whoever_sets_port_wins() -> None:
    assert values(translated(APPLICATION, dotenv="PORT=9\n"))["PORT"] == "9"


# QOVERY_JSON_B64


def document(translation: Translation, service: str = "my-app") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        base64.b64decode(values(translation, service)["QOVERY_JSON_B64"], validate=True)
    )
    return found


def test_the_old_sdks_find_each_database_in_the_json() -> None:
    translation = translated(APPLICATION + DATABASES)
    found, variables = document(translation), values(translation)
    assert [one["name"] for one in found["databases"]] == ["my-pg", "Cache one"]
    database = found["databases"][0]
    for key, suffix in (
        ("type", "TYPE"),
        ("fqdn", "HOST"),
        ("username", "USERNAME"),
        ("password", "PASSWORD"),
        ("version", "VERSION"),
        ("connection_uri", "CONNECTION_URI"),
    ):
        assert database[key] == variables[f"QOVERY_DATABASE_MY_PG_{suffix}"]
    assert database["port"] == 5432
    assert found["total_databases"] == 2
    assert found["name"] == "My App"


def test_both_alphabets_of_base64_read_the_json() -> None:
    """The SDK for Go takes the URL-safe one."""
    manifest = APPLICATION.replace("My App", "a?>~b é 枝 ÿ ~~~???>>>")
    text = values(translated(manifest + DATABASES), service="a-b")["QOVERY_JSON_B64"]
    assert base64.urlsafe_b64decode(text) == base64.b64decode(text, validate=True)
    assert json.loads(base64.b64decode(text))["name"] == "a?>~b é 枝 ÿ ~~~???>>>"


def test_the_json_is_compact_the_same_every_time_and_secret() -> None:
    first, second = (translated(APPLICATION + DATABASES) for _ in range(2))
    assert first.variables == second.variables
    (one,) = [it for it in first.variables["my-app"] if it.name == "QOVERY_JSON_B64"]
    assert one.secret
    assert b": " not in base64.b64decode(one.value)


# Secrets


def test_of_the_built_in_variables_exactly_those_with_a_password_are_secret() -> None:
    """Whatever things are called."""
    manifest = APPLICATION.replace("My App", "token-secret") + DATABASES.replace("my-pg", "api_key")
    roster = take_roster((read_texts(Texts(manifest=manifest))[0],))
    given = given_for(roster)
    found = platform_variables(roster, given, roster.applications[0])
    passwords = [one.password for one in given.credentials.values()]
    for one in found.values():
        plain = one.value
        if one.name == "QOVERY_JSON_B64":
            plain = base64.b64decode(one.value).decode()
        assert one.secret == any(password in plain for password in passwords), one.name


# Build arguments


def test_what_an_arg_names_is_a_build_argument_whoever_set_it() -> None:
    dockerfile = "FROM x\nARG PORT\nARG QOVERY_DATABASE_MY_PG_HOST='none'\nARG SET\nARG UNSET\n"
    source, _ = read_texts(
        Texts(
            manifest=APPLICATION + "  port: 80\n" + DATABASES,
            dockerfiles={"Dockerfile": dockerfile},
        )
    )
    roster = take_roster((source,))
    mine = Variable(name="SET", value="by me", scope=Scope.PROJECT)
    translation = translate(roster, replace(given_for(roster), variables={"my-app": (mine,)}))
    build = translation.project.service("my-app").build
    assert build
    assert {one.name: one.value for one in build.arguments} == {
        "PORT": "80",
        "QOVERY_DATABASE_MY_PG_HOST": "my-pg",
        "SET": "by me",
    }
