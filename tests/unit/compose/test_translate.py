"""What the golden cases do not show of a translation."""

from dataclasses import replace

import pytest

from qlocal.compose.given import Image
from qlocal.compose.roster import take_roster
from qlocal.compose.translate import Translation, translate
from qlocal.errors import Severity
from tests.unit.compose.translating import Texts, given_for, read_texts, translated

APPLICATION = "application:\n  name: {name}\n  project: demo\n"
DATABASES = """\
databases:
- {type: postgresql, version: "15", name: db}
- {type: redis, version: "7", name: db}
"""


def together(*manifests: str) -> Translation:
    sources = tuple(
        replace(read_texts(Texts(manifest=text))[0], root=f"/src/{number}")
        for number, text in enumerate(manifests)
    )
    roster = take_roster(sources)
    return translate(roster, given_for(roster))


def test_no_two_services_answer_to_one_name() -> None:
    """A host name that stands for two databases finds the wrong one every other time."""
    project = translated(APPLICATION.format(name="api") + DATABASES).project
    hosts = [service.name for service in project.services]
    hosts += [alias for service in project.services for alias in service.aliases]
    assert sorted(set(hosts)) == sorted(hosts)


def test_an_application_called_like_a_database_gets_a_name_of_its_own() -> None:
    project = translated(APPLICATION.format(name="DB") + DATABASES).project
    hosts = [service.name for service in project.services]
    hosts += [alias for service in project.services for alias in service.aliases]
    assert sorted(set(hosts)) == sorted(hosts)


def test_one_mistake_is_told_once() -> None:
    text = APPLICATION.format(name="api") + DATABASES
    source, problems = read_texts(Texts(manifest=text))
    roster = take_roster((source,))
    told = [*problems, *translate(roster, given_for(roster)).problems]
    places = [(problem.where.line, problem.where.column) for problem in told]
    assert len(places) == len(set(places)), [str(problem) for problem in told]


def test_applications_that_declare_the_same_database_share_it() -> None:
    database = 'databases: [{type: postgresql, version: "15", name: db}]\n'
    translation = together(*(APPLICATION.format(name=name) + database for name in ("api", "web")))
    assert [service.name for service in translation.project.services] == ["db", "api", "web"]
    for service in ("api", "web"):
        values = {one.name: one.value for one in translation.variables[service]}
        assert values["QOVERY_DATABASE_DB_HOST"] == "db"


def test_services_start_in_waves() -> None:
    translation = together(
        APPLICATION.format(name="web") + "  depends_on: [api]\n",
        APPLICATION.format(name="api")
        + 'databases: [{type: postgresql, version: "15", name: db}]\n',
    )
    assert translation.order == (("db",), ("api",), ("web",))


def test_a_circle_is_an_error_and_is_drawn() -> None:
    translation = together(
        APPLICATION.format(name="a") + "  depends_on: [b]\n",
        APPLICATION.format(name="b") + "  depends_on: [a]\n",
    )
    (problem,) = [one for one in translation.problems if one.severity is Severity.ERROR]
    assert "→" in problem.message
    assert translation.order == (("a", "b"),)


def test_a_type_that_qlocal_does_not_know_is_an_error_with_what_it_knows() -> None:
    text = APPLICATION.format(name="a") + 'databases: [{type: cassandra, name: c, version: "3"}]\n'
    translation = translated(text)
    (problem,) = [one for one in translation.problems if one.severity is Severity.ERROR]
    assert "`postgresql`" in problem.hint


def test_a_stand_in_says_what_runs_and_what_was_asked_for() -> None:
    image = Image(requested="postgres:15", reference="qlocal.local/postgresql:x", version="15.19")
    text = APPLICATION.format(name="a") + 'databases: [{type: postgresql, version: "15", name: d}]'
    translation = translated(text, images=(image,))
    service = translation.project.service("d")
    assert service.image == "qlocal.local/postgresql:x"
    assert service.labels["dev.qlocal.version"] == "15.19"
    assert service.labels["dev.qlocal.requested"] == "postgres:15"
    assert translation.stand_ins == {"d": image}
    values = {one.name: one.value for one in translation.variables["a"]}
    assert values["QOVERY_DATABASE_D_VERSION"] == "15"


def test_the_base_of_a_stand_in_changes_the_image_of_the_application() -> None:
    text = APPLICATION.format(name="a")
    image = Image(requested="debian:bookworm-slim", reference="qlocal.local/debian:x", version="12")
    plain, other = translated(text), translated(text, images=(image,))
    assert plain.project.service("a").image != other.project.service("a").image
    build = other.project.service("a").build
    assert build
    assert build.contexts == {"debian:bookworm-slim": "docker-image://qlocal.local/debian:x"}


@pytest.mark.parametrize(
    ("dockerfile", "is_changed"),
    [("FROM x\nARG COLOUR\n", True), ("FROM x\n", False)],
)
def test_a_variable_rebuilds_only_where_the_dockerfile_asks_for_it(
    dockerfile: str, *, is_changed: bool
) -> None:
    text = APPLICATION.format(name="a")
    images = {
        translated(text, dockerfile=dockerfile, dotenv=f"COLOUR={colour}\n")
        .project.service("a")
        .image
        for colour in ("red", "blue")
    }
    assert len(images) == (2 if is_changed else 1)


def test_two_storages_have_two_volumes() -> None:
    text = APPLICATION.format(name="a") + (
        "  storage:\n"
        "  - {name: 'up loads', type: ssd, size: 1, mount_point: /a}\n"
        "  - {name: up-loads, type: ssd, size: 1, mount_point: /b}\n"
    )
    volumes = [volume.name for volume in translated(text).volumes]
    assert len(set(volumes)) == 2
