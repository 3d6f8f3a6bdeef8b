"""What a base image is to be made of: read from a machine's files, nothing being made."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qlocal.engine.debootstrap import Source, base_for, bootstrap
from qlocal.engine.stand_in import build_stand_in
from qlocal.errors import EngineError

DEBIAN_12 = "ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME='Debian GNU/Linux 12'\n"
UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME="noble"\n'

DEB822 = """\
# The mirror of the house
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm-backports
Components: main
"""

ONE_LINE = """\
# deb cdrom:[Debian]/ bookworm main
deb http://mirror.example/debian bookworm main contrib # ours
deb-src http://mirror.example/debian bookworm main
deb [ signed-by=/etc/house.gpg trusted=yes ] https://m.example/sec bookworm-security main
"""

OTHERS = "deb https://tools.example/debian bookworm main\n"


def machine(root: Path, release: str = DEBIAN_12, **sources: str) -> Path:
    """A root directory; in the names of files `__` stands for a dot."""
    folder = root / "etc/apt/sources.list.d"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "etc/os-release").write_text(release)
    for name, content in sources.items():
        file = name.replace("__", ".")
        place = folder.parent if file == "sources.list" else folder
        (place / file).write_text(content)
    return root


def test_the_mirror_comes_first_and_the_suites_that_update_it_after(tmp_path: Path) -> None:
    base = base_for("", machine(tmp_path, debian__sources=DEB822))
    assert base.suite == "bookworm"
    assert base.sources == (
        Source(
            uri="http://mirror.example/debian",
            suite="bookworm",
            components=("main", "contrib"),
            signed_by="/usr/share/keyrings/debian-archive-keyring.gpg",
        ),
        Source(
            uri="http://mirror.example/debian",
            suite="bookworm-updates",
            components=("main", "contrib"),
            signed_by="/usr/share/keyrings/debian-archive-keyring.gpg",
        ),
        Source(
            uri="http://mirror.example/security", suite="bookworm-security", components=("main",)
        ),
    )


def test_the_older_format_is_read_too(tmp_path: Path) -> None:
    base = base_for("", machine(tmp_path, sources__list=ONE_LINE))
    assert base.sources == (
        Source(
            uri="http://mirror.example/debian", suite="bookworm", components=("main", "contrib")
        ),
        Source(
            uri="https://m.example/sec",
            suite="bookworm-security",
            components=("main",),
            signed_by="/etc/house.gpg",
            trusted=True,
        ),
    )


def test_what_is_read_from_a_source_is_written_as_apt_reads_it(tmp_path: Path) -> None:
    first = base_for("", machine(tmp_path, sources__list=ONE_LINE))
    stanzas = "\n\n".join(map(str, first.sources))
    again = base_for("", machine(tmp_path, sources__list="", debian__sources=stanzas))
    assert again == first


def test_a_key_inside_a_source_stays_with_it(tmp_path: Path) -> None:
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END\n"
    stanza = f"Types: deb\nURIs: http://m.example/d\nSuites: bookworm\nComponents: main\n{key}"
    source = base_for("", machine(tmp_path, debian__sources=stanza)).sources[0]
    assert source.keyring == ""
    assert "\n .\n mQINBF\n" in str(source)


def test_repositories_of_others_stay_outside(tmp_path: Path) -> None:
    plain = base_for("", machine(tmp_path / "a", debian__sources=DEB822))
    more = base_for("", machine(tmp_path / "b", debian__sources=DEB822, aa__list=OTHERS))
    assert more == plain


def test_a_mirror_in_a_file_of_any_name_is_found(tmp_path: Path) -> None:
    root = machine(tmp_path, UBUNTU, mirror__list="deb http://m.example/u noble main universe\n")
    base = base_for("", root)
    assert base.sources[0].components == ("main", "universe")
    assert base.reference.startswith("qlocal.local/ubuntu:noble-")


def test_a_mirror_may_call_the_suite_stable(tmp_path: Path) -> None:
    line = "deb http://m.example/debian stable main\ndeb http://m.example/s stable-security main\n"
    base = base_for("latest", machine(tmp_path, sources__list=line))
    assert [source.suite for source in base.sources] == ["stable", "stable-security"]


@pytest.mark.parametrize(
    ("tag", "suite"),
    [
        ("", "bookworm"),
        ("latest", "bookworm"),
        ("stable", "bookworm"),
        ("stable-slim", "bookworm"),
        ("bookworm", "bookworm"),
        ("bookworm-slim", "bookworm"),
        ("bookworm-20240612-slim", "bookworm"),
        ("12", "bookworm"),
        ("12.5-slim", "bookworm"),
        ("trixie", "trixie"),
        ("11", "bullseye"),
        ("sid-slim", "sid"),
    ],
)
def test_a_tag_names_a_suite(tmp_path: Path, tag: str, suite: str) -> None:
    assert base_for(tag, machine(tmp_path, debian__sources=DEB822)).suite == suite


@pytest.mark.parametrize("tag", ["bookworm-backports", "3", "experimental-1", "x/y"])
def test_a_tag_that_is_no_suite_is_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(EngineError) as raised:
        base_for(tag, machine(tmp_path, debian__sources=DEB822))
    assert tag in raised.value.message
    assert "`images:` in qlocal.yml" in raised.value.hint


def test_a_suite_debootstrap_knows_nothing_of_is_refused(tmp_path: Path) -> None:
    root = machine(tmp_path, debian__sources=DEB822)
    scripts = root / "usr/share/debootstrap/scripts"
    scripts.mkdir(parents=True)
    (scripts / "trixie").touch()
    assert base_for("trixie", root).suite == "trixie"
    with pytest.raises(EngineError):
        base_for("buzzworm", root)


def test_another_suite_comes_from_the_same_mirrors(tmp_path: Path) -> None:
    base = base_for("trixie", machine(tmp_path, debian__sources=DEB822))
    assert [(source.uri, source.suite) for source in base.sources] == [
        ("http://mirror.example/debian", "trixie"),
        ("http://mirror.example/debian", "trixie-updates"),
        ("http://mirror.example/security", "trixie-security"),
    ]


def test_the_rolling_suite_has_no_others_beside_it(tmp_path: Path) -> None:
    base = base_for("sid", machine(tmp_path, debian__sources=DEB822))
    assert [source.suite for source in base.sources] == ["sid"]


def test_the_name_changes_with_what_goes_in_and_only_then(tmp_path: Path) -> None:
    root = machine(tmp_path, debian__sources=DEB822)
    names = [base_for("", root).reference, base_for("12", root).reference]
    assert len(set(names)) == 1
    names.append(base_for("trixie", root).reference)
    machine(tmp_path, debian__sources=DEB822.replace("mirror.", "other."))
    names.append(base_for("", root).reference)
    certificates = root / "usr/local/share/ca-certificates"
    certificates.mkdir(parents=True)
    for content in ("one", "two"):
        (certificates / "house.crt").write_text(content)
        names.append(base_for("", root).reference)
    assert len(set(names)) == len(names) - 1


def test_programs_are_told_of_certificates_only_where_there_are_some(tmp_path: Path) -> None:
    root = machine(tmp_path, debian__sources=DEB822)
    assert [it.partition("=")[0] for it in base_for("", root).variables] == ["PATH"]
    certificates = root / "usr/local/share/ca-certificates"
    certificates.mkdir(parents=True)
    (certificates / "house.crt").write_text("x")
    assert "NODE_EXTRA_CA_CERTS" in "".join(base_for("", root).variables)


def test_another_system_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as raised:
        base_for("", machine(tmp_path, "ID=fedora\nPRETTY_NAME='Fedora Linux 40'\n"))
    assert "Fedora Linux 40" in raised.value.message


@pytest.mark.parametrize(
    "content", ["", "deb cdrom:[x]/ bookworm main\n", "deb file:/m bookworm main\n"]
)
def test_a_machine_without_a_mirror_a_container_could_reach_is_refused(
    tmp_path: Path, content: str
) -> None:
    with pytest.raises(EngineError) as raised:
        base_for("", machine(tmp_path, sources__list=content))
    assert "bookworm" in raised.value.message


def test_only_root_makes_a_base(tmp_path: Path) -> None:
    base = base_for("", machine(tmp_path, debian__sources=DEB822))
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(EngineError) as raised:
            bootstrap(replace(base, reference="x"), {}, print)
    finally:
        os.seteuid(user)
    assert "root" in raised.value.message
    assert "sudo" in raised.value.hint


@pytest.mark.parametrize(
    ("requested", "service_type"),
    [
        ("node:13-alpine", None),
        ("mirror.example/debian:12", None),
        ("debian@sha256:00", None),
        ("mysql:8", "mysql"),
        ("debian:12", "debian"),
    ],
)
def test_what_no_package_can_stand_in_for_is_refused_with_a_way_out(
    requested: str, service_type: str | None
) -> None:
    # Decided before the engine is asked anything.
    nobody: Any = None
    with pytest.raises(EngineError) as raised:
        build_stand_in(nobody, requested, service_type, print)
    assert f"`{requested}`" in raised.value.message
    assert "`images:` in qlocal.yml" in raised.value.hint
