"""Reading where a machine has its packages from."""

from qlocal.engine.host.apt import (
    SOURCES_PATH,
    AptSource,
    host_names,
    later_suite,
    parse_sources,
    without_logins,
)
from tests.unit.engine.host.machines import SOURCES_12

VENDOR = "deb https://packages.example/debian/12/prod bookworm main"


def offered(*sources: AptSource) -> str:
    files = later_suite(sources, codename="bookworm", suite="trixie", packages=("docker.io",))
    assert files is not None
    return files[SOURCES_PATH]


def test_both_forms_of_a_source_say_the_same() -> None:
    options = "[signed-by=/k.gpg arch=amd64,arm64]"
    line = f"deb {options} http://mirror.example/debian bookworm main non-free"
    stanza = (
        "Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm\n"
        "Components: main\n non-free\nSigned-By: /k.gpg\nArchitectures: amd64 arm64\n"
    )
    assert parse_sources("sources.list", line) == parse_sources("debian.sources", stanza)


def test_what_is_switched_off_or_no_binary_package_is_no_source() -> None:
    assert not parse_sources("a.list", "# deb http://mirror.example/debian bookworm main\n\n")
    assert not parse_sources("a.list", "deb-src http://mirror.example/debian bookworm main")
    assert not parse_sources("a.list", "deb cdrom:[Debian 12]/ bookworm main")
    assert not parse_sources("a.sources", f"Enabled: no\n{SOURCES_12.partition(chr(10) * 2)[0]}")


def test_a_comment_between_two_fields_is_passed_over() -> None:
    first, second = parse_sources("debian.sources", SOURCES_12)
    assert first.suites == ("bookworm", "bookworm-updates")
    assert second.uris == ("http://mirror.example/debian-security",)


def test_a_key_written_out_in_a_source_is_kept_whole() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc=\n -----END PGP PUBLIC KEY BLOCK-----"
    head = "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n"
    stanza = f"{head}Signed-By:{key}\n"
    assert f"Signed-By: {key}\n" in offered(*parse_sources("a.sources", stanza))


def test_the_distributions_own_source_is_told_from_a_vendors() -> None:
    own = "deb http://mirror.example/debian bookworm main"
    both = parse_sources("a.list", f"{VENDOR}\n{own}")
    assert "URIs: http://mirror.example/debian\n" in offered(*both)


def test_a_mirror_of_any_name_is_known_by_its_updates() -> None:
    own = "deb http://10.0.0.2/d bookworm main\ndeb http://10.0.0.2/d bookworm-updates main"
    assert "URIs: http://10.0.0.2/d\n" in offered(*parse_sources("a.list", f"{VENDOR}\n{own}"))


def test_a_source_without_a_key_relies_on_apts_own() -> None:
    line = "deb http://mirror.example/debian bookworm main"
    assert offered(*parse_sources("sources.list", line)) == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n"
    )


def test_another_release_is_no_place_to_take_packages_from() -> None:
    sources = parse_sources("a.list", "deb http://mirror.example/debian sid main")
    found = later_suite(sources, codename="bookworm", suite="trixie", packages=("docker.io",))
    assert found is None


def test_hosts_are_named_once_and_without_logins_or_ports() -> None:
    lines = (
        "deb https://ada:pw@mirror.example:8080/debian bookworm main\n"
        "deb http://mirror.example/debian-security bookworm-security main\n"
        "deb http://10.0.0.2/debian bookworm main\n"
        "deb mirror+file:/etc/apt/mirrors.list bookworm main"
    )
    assert host_names(parse_sources("a.list", lines)) == ("mirror.example",)


def test_logins_are_hidden() -> None:
    assert without_logins("Get:1 https://ada:pw@m.example/d x") == "Get:1 https://***@m.example/d x"
