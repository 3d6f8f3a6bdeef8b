"""Aliases, references, circles and limits."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlocal.compose.resolution import LARGEST
from qlocal.compose.scopes import SETTABLE, Scope, Variable
from qlocal.compose.variables import Resolved, looks_secret, resolve
from qlocal.errors import Severity, Where
from qlocal.manifest.dotenv import parse_dotenv

PLACE = Where(path="variables.json")


def user(name: str, value: str, scope: Scope = Scope.PROJECT, *, literal: bool = False) -> Variable:
    return Variable(name=name, value=value, scope=scope, literal=literal, where=PLACE)


def resolved(dotenv: str, *variables: Variable) -> Resolved:
    parsed = parse_dotenv(dotenv, ".env")
    assert parsed.value is not None
    return resolve(variables, parsed.value)


def values(found: Resolved) -> dict[str, str]:
    return {one.name: one.value for one in found.variables}


def test_an_alias_takes_the_value_of_whoever_wins_the_other_name() -> None:
    found = resolved("B=dotenv\n", user("A", "$B"), user("B", "project"))
    assert values(found)["A"] == "dotenv"


def test_an_alias_of_an_alias_in_every_scope_is_followed_to_its_end() -> None:
    found = resolved(
        "D=$C\n",
        user("C", "${B}", Scope.APPLICATION),
        user("B", "$a.b", Scope.ENVIRONMENT),
        user("a.b", "end", Scope.PROJECT),
    )
    assert values(found) == {"a.b": "end", "B": "end", "C": "end", "D": "end"}


def test_a_variable_may_refer_to_what_it_overrides() -> None:
    found = resolved(
        "A=$A-dotenv\n", user("A", "$A", Scope.ENVIRONMENT), user("A", "project", Scope.PROJECT)
    )
    assert values(found)["A"] == "project-dotenv"
    assert found.problems == ()


@pytest.mark.parametrize("scope", SETTABLE)
@pytest.mark.parametrize("text", ["a$B", "$B ", "$B$B", "\\$B", "${B", "$5", "$", "$B\n"])
def test_what_is_no_alias_as_a_whole_stays_as_written(text: str, scope: Scope) -> None:
    found = resolved("", user("A", text, scope), user("B", "other"))
    assert values(found)["A"] == text
    assert found.problems == ()


def test_a_literal_value_is_no_alias() -> None:
    found = resolved("", user("A", "$B", literal=True), user("B", "other"))
    assert values(found)["A"] == "$B"


def test_an_alias_of_nothing_stays_as_written_and_is_warned_about_with_its_place() -> None:
    """It may have been meant literally, and an empty password would be worse."""
    found = resolved("", user("A", "$NOBODY"))
    assert values(found)["A"] == "$NOBODY"
    (problem,) = found.problems
    assert (problem.severity, problem.where) == (Severity.WARNING, PLACE)


@pytest.mark.parametrize(
    ("dotenv", "variables"),
    [
        ("DB_PASSWORD=pa$HUNTER\n", ()),
        ("URL=postgres://u:pa$HUNTER@h/d\n", ()),
        ("", (user("DB_PASSWORD", "$HUNTER"),)),
    ],
)
def test_a_warning_never_shows_a_piece_of_a_password(
    dotenv: str, variables: Iterable[Variable]
) -> None:
    found = resolved(dotenv, *variables)
    assert found.problems
    assert not [one for one in found.problems if "HUNTER" in str(one)]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_circles_of_aliases_end_and_are_told(size: int) -> None:
    names = [f"A{number}" for number in range(size)]
    circle = [user(name, f"${names[(i + 1) % size]}") for i, name in enumerate(names)]
    found = resolved("", *circle)
    assert found.problems
    assert {one.where for one in found.problems} == {PLACE}


def test_a_circle_through_dotenv_ends() -> None:
    found = resolved("A=x$B\n", user("B", "$A"))
    assert values(found)["A"] == "x$A"
    assert found.missing


def bomb(levels: int, leaf: str) -> str:
    lines = [f"A0={leaf}"]
    lines += [f"A{n}={f'$A{n - 1}' * 10}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_references_that_grow_without_end_are_an_error_with_a_place() -> None:
    began = time.monotonic()
    found = resolved(bomb(40, "x" * 10))
    assert time.monotonic() - began < 5
    errors = [one for one in found.problems if one.severity is Severity.ERROR]
    assert errors
    assert all(one.where.path == ".env" and one.where.line for one in errors)
    assert all(len(value) <= LARGEST for value in values(found).values())


def test_references_that_only_cost_time_do_not() -> None:
    began = time.monotonic()
    found = resolved(bomb(40, ""))
    assert time.monotonic() - began < 5
    assert set(values(found).values()) == {""}
    assert found.problems == ()


def test_many_circles_end_in_time() -> None:
    names = [f"A{number}" for number in range(20)]
    everything = "".join(f"${name}" for name in names)
    began = time.monotonic()
    found = resolved("".join(f"{name}={everything}\n" for name in names))
    assert time.monotonic() - began < 10
    assert found.problems


def test_a_long_chain_is_an_error_and_no_crash() -> None:
    found = resolved("".join(f"A{n}=$A{n + 1}\n" for n in range(5000)) + "A5000=end\n")
    assert any(one.severity is Severity.ERROR for one in found.problems)


def test_a_value_longer_than_a_program_can_be_given_is_an_error() -> None:
    for text in ("x" * LARGEST, "é" * (LARGEST // 2)):
        found = resolved("", user("A", text))
        assert [one.severity for one in found.problems] == [Severity.ERROR]
    assert resolved("", user("A", "x" * (LARGEST - 2))).problems == ()


NAMES = st.sampled_from(["A", "B", "C", "D_1", "QOVERY_X"])
VALUES = st.text(
    st.characters(blacklist_characters="$\\", blacklist_categories=["Cs"]), max_size=12
)


@given(
    st.dictionaries(
        st.tuples(NAMES, st.sampled_from([Scope.BUILT_IN, *SETTABLE])), VALUES, max_size=15
    )
)
def test_the_highest_scope_wins_for_any_names_and_values(
    written: dict[tuple[str, Scope], str],
) -> None:
    found = resolve(
        [Variable(name=name, value=value, scope=scope) for (name, scope), value in written.items()],
        (),
    )
    for one in found.variables:
        assert one.scope == max(scope for name, scope in written if name == one.name)
        assert one.value == written[one.name, one.scope]
    assert {one.name for one in found.variables} == {name for name, _ in written}


# Secrets


def test_a_value_that_holds_a_secret_is_one_whatever_its_name() -> None:
    found = resolved("ARGUMENTS=--login root:canary-1234\n", user("DB_PASSWORD", "canary-1234"))
    assert {one.name for one in found.variables if one.secret} == {"ARGUMENTS", "DB_PASSWORD"}


def test_a_password_that_is_a_word_everybody_knows_hides_nothing_else() -> None:
    database = Variable(name="QOVERY_DATABASE_X_DATABASE", value="postgres", scope=Scope.BUILT_IN)
    found = resolved("IMAGE=postgres:15\n", database, user("DB_PASSWORD", "postgres"))
    assert {one.name for one in found.variables if one.secret} == {"DB_PASSWORD"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDISCLI_AUTH", "x"),
        ("SLACK_WEBHOOK_URL", "x"),
        ("AZURE_CONNECTION_STRING", "x"),
        ("spring.datasource.password", "x"),
        ("QOVERY_JSON_B64", "x"),
        ("JDBC", "jdbc:postgresql://h/d?user=a&password=b"),
        ("DSN", "Server=h;Uid=a;Pwd=b;"),
        ("CONFIG", '{"token": "abc"}'),
        ("URL", "postgres://u:p/w@h/d"),
        ("URL", "https://0123456789abcdef0123@sentry.example/1"),
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("HEADER", "Authorization: Bearer 0123456789"),
        ("CI", "ghp_0123456789abcdef"),
    ],
)
def test_this_is_hidden_too(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHOR", "x"),
        ("KEYS_URL", "http://h:8080/keys"),
        ("EMAIL", "me@example.org"),
        ("TZ", "Europe/Berlin"),
        ("PASSENGER_COUNT", "4"),
        ("TIME", "12:30"),
        ("URL", "http://h:8080/users/@me"),
    ],
)
def test_this_is_shown(name: str, value: str) -> None:
    assert not looks_secret(name, value)
