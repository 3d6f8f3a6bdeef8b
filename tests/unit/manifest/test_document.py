"""Files that are not what they should be: encodings, sizes, depths, anchors."""

import time

import pytest

from qlocal.errors import Severity
from qlocal.manifest.document import LARGEST
from qlocal.manifest.parse import parse_manifest

PLAIN = b"application:\n  name: shop\n  project: store\n"


def errors(data: bytes) -> list[str]:
    found = parse_manifest(data, "m").problems
    return [str(it).split("\n")[0] for it in found if it.severity is Severity.ERROR]


def test_a_byte_order_mark_is_accepted_with_a_warning() -> None:
    parsed = parse_manifest(b"\xef\xbb\xbf" + PLAIN, "m")
    assert parsed.value == parse_manifest(PLAIN, "m").value
    assert [str(it.severity.value) for it in parsed.problems] == ["warning"]


def test_windows_and_old_mac_line_ends_are_accepted() -> None:
    for ends in (b"\r\n", b"\r"):
        parsed = parse_manifest(PLAIN.replace(b"\n", ends), "m")
        assert parsed.value is not None
        assert not parsed.problems


def test_another_encoding_is_named() -> None:
    assert errors(PLAIN.decode().encode("utf-16")) == ["m: the file is UTF-16, expected UTF-8"]
    assert errors(PLAIN.replace(b"shop", b"caf\xe9")) == ["m:2:12: byte 0xe9 is not UTF-8"]


def test_a_control_character_is_pointed_at() -> None:
    found = errors(PLAIN.replace(b"shop", b"sh\x00op"))
    assert found == ["m:2:11: a control character (U+0000), expected text"]


def test_columns_count_characters_not_bytes() -> None:
    assert errors("application: {name: é, nöme: x, project: p}\n".encode()) == [
        "m:1:24: unknown key `nöme`"
    ]


def test_scalars_keep_the_text_that_was_written() -> None:
    for written in ("8.0", "10.10", "012", "1e3", "0x10", "2021-07-01", "1_000"):
        text = f"databases: [{{type: mysql, name: db, version: {written}}}]\n"
        parsed = parse_manifest(PLAIN + text.encode(), "m")
        assert parsed.value is not None, written
        assert parsed.value.databases[0].version == written


def test_anchors_and_merge_keys_are_written_out() -> None:
    text = b"""
databases:
  - &base {type: redis, name: one, version: 6}
  - {<<: *base, name: two}
  - *base
"""
    found = parse_manifest(PLAIN + text, "m")
    assert found.value is None
    assert "two databases are called `one`" in str(found.problems[0])


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(20)
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (BOMB, "more than 20000 values once aliases are written out"),
        (b"x" * 100_000_000, f"larger than {LARGEST // 1000} kB"),
        (b"[" * 10_000, "nested too deep"),
        (b"{a: " * 10_000, "nested too deep"),
        (b"- " * 10_000, "nested too deep"),
        (b"".join(b" " * depth + b"a:\n" for depth in range(1_000)), "nested too deep"),
        (b"a: " + b"b" * 900_000, "`application` is missing"),
        (b"".join(b"k%d: v\n" % number for number in range(9_000)), "`application` is missing"),
        (b'"' + b"\\n" * 450_000, "never closed"),
        (b"application: &a {name: *a}\n", "contains itself"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_hostile_file_is_refused_quickly(data: bytes, says: str) -> None:
    start = time.process_time()
    found = errors(data)
    assert time.process_time() - start < 0.5
    assert any(says in line for line in found)
    assert max(len(line) for line in found) < 300


def test_a_problem_can_never_break_the_terminal() -> None:
    data = b'application:\n  name: "\\e[31m\\a\\n"\n  "\\e[0m": x\n  project: p\n'
    for problem in parse_manifest(data, "m").problems:
        assert str(problem).replace("\n  hint: ", "").isprintable()


def test_problems_are_sorted_by_place_and_told_once() -> None:
    data = b"databses: []\napplication:\n  prt: 1\n  name: x\n  port: z\n"
    places = [(it.where.line, it.where.column) for it in parse_manifest(data, "m").problems]
    assert places == sorted(set(places))
    assert len(places) == 4
