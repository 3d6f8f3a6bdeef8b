"""Variables: who wins, what refers to what, what is secret."""

import pytest

from qlocal.compose.variables import Resolved, Scope, Variable, looks_secret, resolve
from qlocal.manifest.dotenv import parse_dotenv


def variable(name: str, value: str, scope: Scope = Scope.BUILT_IN) -> Variable:
    return Variable(name=name, value=value, scope=scope, secret=looks_secret(name, value))


PLATFORM = (
    variable("QOVERY_DATABASE_DB_HOST", "db"),
    variable("QOVERY_DATABASE_DB_PORT", "5432"),
    variable("QOVERY_DATABASE_DB_PASSWORD", "hidden"),
)


def resolved(dotenv: str, *more: Variable) -> Resolved:
    parsed = parse_dotenv(dotenv, ".env")
    assert parsed.value is not None
    return resolve((*PLATFORM, *more), parsed.value)


def value_of(name: str, found: Resolved) -> str:
    return next(one.value for one in found.variables if one.name == name)


def test_every_name_comes_once_and_in_order() -> None:
    found = resolved("B=1\nA=2\nB=3\n")
    names = [one.name for one in found.variables]
    assert names == sorted(set(names))
    assert value_of("B", found) == "3"


@pytest.mark.parametrize("scope", [one for one in Scope if one is not Scope.DOTENV])
def test_the_higher_scope_wins_whatever_the_order(scope: Scope) -> None:
    lower = [variable("X", one.name, one) for one in Scope if one <= scope]
    for given in (lower, lower[::-1]):
        assert value_of("X", resolve(given, ())) == scope.name


def test_dotenv_has_the_last_word() -> None:
    found = resolved("X=mine\n", variable("X", "theirs", Scope.APPLICATION))
    (winner,) = [one for one in found.variables if one.name == "X"]
    assert (winner.value, winner.scope) == ("mine", Scope.DOTENV)
    assert winner.where
    assert (winner.where.path, winner.where.line) == (".env", 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X=$QOVERY_DATABASE_DB_HOST", "db"),
        ("X=${QOVERY_DATABASE_DB_HOST}", "db"),
        ("X=tcp://$QOVERY_DATABASE_DB_HOST:$QOVERY_DATABASE_DB_PORT/x", "tcp://db:5432/x"),
        ('X="${QOVERY_DATABASE_DB_HOST}s"', "dbs"),
        ("X='$QOVERY_DATABASE_DB_HOST'", "$QOVERY_DATABASE_DB_HOST"),
        (r"X=\$QOVERY_DATABASE_DB_HOST", "$QOVERY_DATABASE_DB_HOST"),
        (r"X=\${QOVERY_DATABASE_DB_HOST}", "${QOVERY_DATABASE_DB_HOST}"),
        ("X=$lower_case", "$lower_case"),
        ("X=$5", "$5"),
        ("X=a$", "a$"),
        ("X=$$QOVERY_DATABASE_DB_HOST", "$db"),
        ("X=${UNCLOSED", "${UNCLOSED"),
        ("X=$NOBODY", ""),
        ("X=a${NOBODY}b", "ab"),
    ],
)
def test_references_in_dotenv(line: str, expected: str) -> None:
    assert value_of("X", resolved(f"{line}\n")) == expected


def test_references_look_in_dotenv_first() -> None:
    found = resolved("QOVERY_DATABASE_DB_HOST=mine\nX=$QOVERY_DATABASE_DB_HOST\n")
    assert value_of("X", found) == "mine"


def test_an_override_may_refer_to_what_it_overrides() -> None:
    found = resolved("QOVERY_DATABASE_DB_HOST=$QOVERY_DATABASE_DB_HOST.example\n")
    assert value_of("QOVERY_DATABASE_DB_HOST", found) == "db.example"
    assert found.missing == ()


def test_references_go_through_several_steps_in_any_order() -> None:
    found = resolved("A=$B\nB=$C\nC=$QOVERY_DATABASE_DB_HOST\n")
    assert [value_of(name, found) for name in "ABC"] == ["db", "db", "db"]


def test_what_is_replaced_is_not_read_again() -> None:
    """A value that happens to look like a reference is only a value."""
    found = resolved("X=$QOVERY_ODD\n", variable("QOVERY_ODD", "$QOVERY_DATABASE_DB_HOST"))
    assert value_of("X", found) == "$QOVERY_DATABASE_DB_HOST"


def test_a_missing_name_is_reported_once_for_each_variable() -> None:
    found = resolved("A=$NOBODY and $NOBODY\nB=$A\n")
    assert [(one.name, name) for one, name in found.missing] == [("A", "NOBODY")]


@pytest.mark.parametrize("dotenv", ["A=$A\n", "A=$B\nB=$A\n", "A=$B\nB=$C\nC=$A\n"])
def test_a_circle_gives_nothing_and_is_reported(dotenv: str) -> None:
    found = resolved(dotenv)
    assert value_of("A", found) == ""
    assert found.missing


@pytest.mark.parametrize("written", ["$QOVERY_DATABASE_DB_HOST", "${QOVERY_DATABASE_DB_HOST}"])
def test_a_platform_variable_that_is_one_reference_is_an_alias(written: str) -> None:
    found = resolved("", variable("X", written, Scope.PROJECT))
    assert value_of("X", found) == "db"


def test_a_platform_variable_that_holds_more_is_left_alone() -> None:
    found = resolved("", variable("X", "$QOVERY_DATABASE_DB_HOST/x", Scope.PROJECT))
    assert value_of("X", found) == "$QOVERY_DATABASE_DB_HOST/x"


def test_an_alias_of_an_alias_is_followed() -> None:
    for names in ("XY", "YX"):
        first, second = names
        found = resolved(
            "",
            variable(first, f"${second}", Scope.PROJECT),
            variable(second, "$QOVERY_DATABASE_DB_HOST", Scope.PROJECT),
        )
        assert value_of(first, found) == "db"


def test_dotenv_sees_what_an_alias_stands_for() -> None:
    alias = variable("ALIAS", "$QOVERY_DATABASE_DB_HOST", Scope.PROJECT)
    assert value_of("X", resolved("X=tcp://$ALIAS\n", alias)) == "tcp://db"


def test_an_alias_of_nothing_is_reported() -> None:
    found = resolved("", variable("X", "$NOBODY", Scope.PROJECT))
    assert [(one.name, name) for one, name in found.missing] == [("X", "NOBODY")]


@pytest.mark.parametrize(
    "line",
    [
        "X=$QOVERY_DATABASE_DB_PASSWORD",
        "X=login:$QOVERY_DATABASE_DB_PASSWORD",
        "Y=$QOVERY_DATABASE_DB_PASSWORD\nX=$Y",
    ],
)
def test_what_is_made_of_a_secret_is_secret(line: str) -> None:
    found = resolved(f"{line}\n")
    assert next(one for one in found.variables if one.name == "X").secret


def test_what_is_made_of_a_host_is_no_secret() -> None:
    found = resolved("X=$QOVERY_DATABASE_DB_HOST\n")
    assert not next(one for one in found.variables if one.name == "X").secret


def test_an_alias_of_a_secret_is_secret() -> None:
    found = resolved("", variable("X", "$QOVERY_DATABASE_DB_PASSWORD", Scope.PROJECT))
    assert next(one for one in found.variables if one.name == "X").secret


def test_a_variable_never_shows_its_value_by_accident() -> None:
    assert "hidden" not in repr(PLATFORM[2])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("db_password", "x"),
        ("PGPASSWORD", "x"),
        ("MYSQL_ROOT_PASSWD", "x"),
        ("SMTP_PASS", "x"),
        ("DB_PWD", "x"),
        ("SECRET_KEY_BASE", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("STRIPE_KEY", "x"),
        ("APIKEY", "x"),
        ("API_KEY_OLD", "x"),
        ("GITHUB_TOKEN", "x"),
        ("SENTRY_DSN", "x"),
        ("PRIVATE_PEM", "x"),
        ("DATABASE_URL", "postgresql://u:p@h/d"),
        ("CACHE", "redis://:p@h:6379"),
        ("BROKER", "amqp://guest:guest@h"),
        ("URL", "see https://u:p@h/ there"),
    ],
)
def test_this_looks_like_a_secret(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "db"),
        ("PORT", "5432"),
        ("DATABASE_URL", "postgresql://h/d"),
        ("DATABASE_URL", "postgresql://user@h/d"),
        ("URL", "http://localhost:8080/a@b"),
        ("MONKEY", "x"),
        ("KEYBOARD", "x"),
        ("COMPASS", "x"),
        ("BYPASS_CACHE", "x"),
        ("PWD", "/app"),
        ("QOVERY_DATABASE_DB_CONNECTION_URI_WITHOUT_CREDENTIALS", "postgresql://db:5432/x"),
    ],
)
def test_this_looks_like_no_secret(name: str, value: str) -> None:
    assert not looks_secret(name, value)
