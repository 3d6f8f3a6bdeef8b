"""Backing services that run elsewhere, purely."""

import pytest

from qlocal.compose.attached import attach, in_uri, is_this_machine, references
from qlocal.compose.roster import PlacedService, take_roster
from qlocal.services import Credentials, Instance
from tests.unit.compose.translating import Texts, read_texts, translated
from tests.unit.plan.worlds import before, container, running, up

MANIFEST = """\
application:
  name: shop
  project: demo
databases:
- {type: postgresql, version: "15", name: My DB}
- {type: redis, version: "7", name: cache}
"""


def settings(attachment: str) -> str:
    return f"services:\n  My DB:\n    attach: {attachment}\n"


def placed(attachment: str) -> PlacedService:
    source, _ = read_texts(Texts(manifest=MANIFEST, settings=settings(attachment)))
    return take_roster((source,)).services[0]


def test_nothing_of_an_attached_service_is_made() -> None:
    translation = translated(MANIFEST, settings=settings("{host: db.example, port: 6000}"))
    assert [one.name for one in translation.project.services] == ["cache", "shop"]
    assert translation.order == (("cache",), ("shop",))
    assert set(translation.readiness) == {"cache", "shop"}
    assert [one.service for one in translation.volumes] == ["cache"]
    assert [one.reference for one in translation.images] == ["redis:7", "debian:bookworm-slim"]
    assert [(one.service, one.place) for one in translation.attached] == [
        ("my-db", "db.example:6000")
    ]


def test_the_same_variables_point_to_the_other_server() -> None:
    attachment = "{host: db.example, port: 6000, username: u, password: 'p@:/$x', database: d}"
    translation = translated(MANIFEST, settings=settings(attachment))
    found = {one.name: one for one in translation.variables["shop"]}
    values = {
        suffix: found[f"QOVERY_DATABASE_MY_DB_{suffix}"].value
        for suffix in ("HOST", "PORT", "USERNAME", "PASSWORD", "DATABASE", "CONNECTION_URI")
    }
    assert values == {
        "HOST": "db.example",
        "PORT": "6000",
        "USERNAME": "u",
        "PASSWORD": "p@:/$x",
        "DATABASE": "d",
        "CONNECTION_URI": "postgresql://u:p%40%3A%2F%24x@db.example:6000/d",
    }
    assert found["QOVERY_DATABASE_MY_DB_PASSWORD"].secret
    assert found["QOVERY_DATABASE_MY_DB_CONNECTION_URI"].secret


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "'::1'", "LOCALHOST"])
def test_this_machine_has_another_name_inside_and_only_then_a_line_for_it(host: str) -> None:
    here = translated(MANIFEST, settings=settings(f"{{host: {host}}}"))
    there = translated(MANIFEST, settings=settings("{host: db.example}"))
    variables = {one.name: one.value for one in here.variables["shop"]}
    assert variables["QOVERY_DATABASE_MY_DB_HOST"] == "host.docker.internal"
    service = here.project.service("shop").document(secrets=False)
    assert service["extra_hosts"] == ["host.docker.internal:host-gateway"]
    assert "extra_hosts" not in there.project.service("shop").document(secrets=False)


def test_what_is_not_given_is_what_is_usual_for_the_type() -> None:
    found = attach(placed("{host: db.example}"), {})
    assert found
    assert (found.port, found.credentials.username, found.credentials.database) == (
        5432,
        "superuser",
        "postgres",
    )


def test_a_value_is_a_reference_as_a_whole_or_not_at_all() -> None:
    one = placed("{host: $DB_HOST, username: '${DB_USER}', password: 'pa$WORD'}")
    assert references([one]) == {"DB_HOST", "DB_USER"}
    found = attach(one, {"DB_HOST": "db.example", "DB_USER": "me", "WORD": "no"})
    assert found
    assert found.host == "db.example"
    assert (found.credentials.username, found.credentials.password) == ("me", "pa$WORD")


def test_a_reference_to_nothing_is_a_problem_with_its_place() -> None:
    translation = translated(MANIFEST, settings=settings("{host: db.example, password: $NOWHERE}"))
    problem = next(one for one in translation.problems if "NOWHERE" in one.message)
    assert str(problem.where).startswith("qlocal.yml:3:")


def test_credentials_are_spelled_as_uris_spell_them_and_plain_ones_stay() -> None:
    it = Instance(
        name="x",
        version="",
        host="h",
        port=1,
        credentials=Credentials(username="a b", password="Plain9", database="d/e"),
    )
    assert in_uri(it).credentials == Credentials(
        username="a%20b", password="Plain9", database="d%2Fe"
    )


def test_the_container_that_was_created_goes_and_its_data_stays() -> None:
    created = translated(MANIFEST)
    attached = translated(MANIFEST, settings=settings("{host: db.example}"))
    plan = str(up(attached, running(created), before(created)))
    assert "remove my-db: attached to db.example:5432 instead; its data stays" in plan
    assert "volume" not in plan
    assert container(created, "my-db").id


def test_names_of_this_machine() -> None:
    assert is_this_machine("localhost")
    assert not is_this_machine("localhost.example")
