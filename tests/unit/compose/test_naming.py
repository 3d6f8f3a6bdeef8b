"""Names: the same for the same, different for the different, and nowhere a character too much."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qlocal.compose.naming import (
    Environment,
    service_name,
    slug,
    variable_name,
    volume_name,
)

COMPOSE_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]*")
DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
VARIABLE = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*")

# Names as people give them, and anything at all.
NAMES = st.one_of(st.from_regex(r"[a-zA-Z0-9/_. -]{1,60}", fullmatch=True), st.text(max_size=60))


def name(project: str, branch: str) -> str:
    return Environment(project=project, branch=branch).name


@pytest.mark.parametrize(
    ("project", "branch", "expected"),
    [
        ("demo", "main", r"demo--main"),
        ("my-project", "feature-a", r"my-project--feature-a"),
        ("demo", "feature/a", r"demo--feature-a-[0-9a-f]{6}"),
        ("Demo", "main", r"demo--main-[0-9a-f]{6}"),
        ("demo", "a--b", r"demo--a-b-[0-9a-f]{6}"),
        ("p" * 30, "b" * 30, r"p{15}--b{16}-[0-9a-f]{6}"),
        ("p" * 37, "main", r"p{27}--main-[0-9a-f]{6}"),
        ("日本", "枝", r"project--branch-[0-9a-f]{6}"),
        ("p" * 30, "枝", r"p+--branch-[0-9a-f]{6}"),
    ],
)
def test_the_name_of_an_environment(project: str, branch: str, expected: str) -> None:
    found = name(project, branch)
    assert re.fullmatch(expected, found), found
    assert len(found) <= 40


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("demo", "feature/a"), ("demo", "feature-a")),
        (("demo", "Feature-a"), ("demo", "feature-a")),
        (("a-b", "c"), ("a", "b-c")),
        (("demo", "x" * 60), ("demo", "x" * 61)),
        (("demo", "日本"), ("demo", "日木")),
        (("demo", "a b"), ("demo", "a_b")),
        (("demo", ""), ("demo", "branch")),
    ],
)
def test_different_environments_have_different_names(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert name(*one) != name(*other)


@given(NAMES, NAMES)
def test_a_name_is_always_one_that_compose_takes(project: str, branch: str) -> None:
    found = name(project, branch)
    assert COMPOSE_PROJECT.fullmatch(found), found
    assert len(found) <= 40, found


@given(st.sets(st.tuples(NAMES, NAMES), min_size=2, max_size=40))
def test_no_two_environments_share_a_name(environments: set[tuple[str, str]]) -> None:
    assert len({name(*one) for one in environments}) == len(environments)


@given(NAMES)
def test_a_slug_of_a_slug_is_itself(text: str) -> None:
    assert slug(slug(text)) == slug(text)


def test_the_labels_keep_the_names_as_they_were() -> None:
    labels = Environment(project="Demo", branch="feature/ä").labels
    assert labels["dev.qlocal.project"] == "Demo"
    assert labels["dev.qlocal.branch"] == "feature/ä"
    assert labels["dev.qlocal.environment"] == name("Demo", "feature/ä")


@pytest.mark.parametrize(
    ("given_name", "taken", "expected"),
    [
        ("my-db", (), "my-db"),
        ("Test_DB", (), "test-db"),
        ("9 lives!", (), "9-lives"),
        ("数据库", (), "redis"),
        ("db", ("db",), "db-redis"),
        ("DB", ("db",), "db-redis"),
    ],
)
def test_the_name_of_a_service(given_name: str, taken: tuple[str, ...], expected: str) -> None:
    assert service_name(given_name, taken, kind="redis") == expected


@example(["x" * 41, "x" * 42, "x" * 43])
@given(st.lists(NAMES, max_size=30))
def test_services_of_one_environment_get_different_names_that_are_hosts(names: list[str]) -> None:
    taken: list[str] = []
    for one in names:
        taken.append(service_name(one, taken, kind="postgresql"))
    assert len(set(taken)) == len(taken)
    assert [one for one in taken if not DNS_LABEL.fullmatch(one)] == []


def test_a_volume_is_named_after_environment_and_service() -> None:
    environment = Environment(project="demo", branch="main")
    assert volume_name(environment, "db") == "demo--main_db_data"
    assert volume_name(environment, "api", "uploads") == "demo--main_api_uploads"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("QOVERY_DATABASE", "my-pg", "HOST"), "QOVERY_DATABASE_MY_PG_HOST"),
        (("QOVERY", "My Shiny__App", "HOSTNAME"), "QOVERY_MY_SHINY_APP_HOSTNAME"),
        (("QOVERY_DATABASE", "test.db-1", "PORT"), "QOVERY_DATABASE_TEST_DB_1_PORT"),
    ],
)
def test_the_name_of_a_variable(parts: tuple[str, ...], expected: str) -> None:
    assert variable_name(*parts) == expected


@given(NAMES.filter(slug))
def test_a_variable_of_any_name_can_be_read_by_a_shell(text: str) -> None:
    assert VARIABLE.fullmatch(variable_name("QOVERY_DATABASE", text, "HOST"))
