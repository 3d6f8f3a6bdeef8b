"""What is read from `.env`."""

from qlocal.errors import Severity
from qlocal.manifest.dotenv import parse_dotenv


def entries(text: str) -> list[tuple[str, str, bool]]:
    parsed = parse_dotenv(text, ".env")
    assert parsed.value is not None, parsed.problems
    return [(it.name, it.value, it.expands) for it in parsed.value]


def test_only_single_quotes_keep_a_dollar_literal() -> None:
    text = "A=$X\nB=\"${X}\"\nC='$X'\nexport D='$X'\nE = '$X'\nF=it's $X\n"
    assert entries(text) == [
        ("A", "$X", True),
        ("B", "${X}", True),
        ("C", "$X", False),
        ("D", "$X", False),
        ("E", "$X", False),
        ("F", "it's $X", True),
    ]


def test_comments_empty_values_and_long_texts_are_read() -> None:
    assert entries('# c\n\nA=1 # one\nB=\nC="x\ny"\nD="# no"\n') == [
        ("A", "1", True),
        ("B", "", True),
        ("C", "x\ny", True),
        ("D", "# no", True),
    ]


def test_places_are_of_the_name_whatever_stands_before_it() -> None:
    parsed = parse_dotenv("\ufeff# c\r\n\r\n  A=1\r\nexport B=2", ".env")
    assert parsed.value is not None
    assert [str(it.where) for it in parsed.value] == [".env:3:3", ".env:4:1"]


def test_a_repeated_name_is_kept_and_warned_about() -> None:
    parsed = parse_dotenv("A=1\nA=2\n", ".env")
    assert parsed.value is not None
    assert [it.value for it in parsed.value] == ["1", "2"]
    assert len(parsed.problems) == 1


def test_a_problem_never_shows_a_value() -> None:
    parsed = parse_dotenv("PASSWORD=\"hunter2\nB='hunter3\nhunter4\n", ".env")
    assert parsed.value is None
    assert not any("hunter2" in str(it) or "hunter3" in str(it) for it in parsed.problems)


def test_values_do_not_show_in_the_repr() -> None:
    parsed = parse_dotenv("A=hunter2", ".env")
    assert "hunter2" not in repr(parsed)


def test_a_default_as_compose_writes_it_is_warned_of() -> None:
    parsed = parse_dotenv("A=${B:-c}\nD='${E:-f}'\nG=${H}\n", ".env")
    assert parsed.value is not None
    assert [entry.value for entry in parsed.value] == ["${B:-c}", "${E:-f}", "${H}"]
    (problem,) = parsed.problems
    assert str(problem.where) == ".env:1:1"
    assert problem.severity is Severity.WARNING
