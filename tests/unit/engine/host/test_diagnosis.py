"""What is said of which machine."""

from dataclasses import replace

import pytest

from qlocal.engine.host.diagnosis import Check, Status, diagnose
from qlocal.engine.host.facts import Answer, Client, Disk, Engine, Facts, Port
from tests.unit.engine.host.machines import (
    DEBIAN_12,
    FEDORA,
    ROCKY,
    UNREACHABLE,
    a_machine,
    stopped,
    version,
    with_engine,
)

GOOD = with_engine(a_machine(DEBIAN_12))
USERS = with_engine(a_machine(DEBIAN_12, is_root=False))


def check(facts: Facts, name: str) -> Check:
    (found,) = [one for one in diagnose(facts) if one.name == name]
    return found


def test_a_machine_that_has_all_it_needs_gets_no_advice() -> None:
    assert {one.status for one in diagnose(GOOD)} == {Status.OK}
    assert [one.name for one in diagnose(GOOD)] == [
        "cli", "engine", "compose", "buildx", "disk", "cgroup", "dns", "registry", "debootstrap",
        "port 80", "port 443",
    ]  # fmt: skip
    assert not [one for one in diagnose(GOOD) if one.advice]


@pytest.mark.parametrize(
    ("engine", "found", "advice"),
    [
        (Engine(answer=Answer.NOT_INSTALLED), "not installed", "`qlocal doctor --fix`"),
        (
            Engine(answer=Answer.NOT_RUNNING),
            "installed, not running (nothing answers at unix:///var/run/docker.sock)",
            "start it: `qlocal doctor --fix`",
        ),
        (
            Engine(answer=Answer.NOWHERE, host="tcp://ci.example:2375", named_by="DOCKER_HOST"),
            "nothing answers at tcp://ci.example:2375, which DOCKER_HOST names",
            "start the engine there, or `unset DOCKER_HOST`",
        ),
        (
            Engine(answer=Answer.ANSWERS, version=version("19.03.8")),
            "19.03.8 at unix:///var/run/docker.sock",
            "`qlocal doctor --fix`",
        ),
        (
            Engine(answer=Answer.ANSWERS, version=version("19.03.8"), is_here=False),
            "19.03.8 at unix:///var/run/docker.sock",
            "upgrade the engine there",
        ),
    ],
    ids=["not installed", "not running", "nowhere", "old", "old elsewhere"],
)
def test_every_way_to_have_no_engine_has_its_own_words(
    engine: Engine, found: str, advice: str
) -> None:
    said = check(replace(GOOD, engine=engine), "engine")
    assert (said.status, said.found, said.advice) == (Status.ERROR, found, advice)


def test_a_user_without_permission_reads_the_command() -> None:
    engine = Engine(answer=Answer.NO_PERMISSION, socket_group="docker")
    said = check(replace(USERS, engine=engine), "engine")
    assert said.found == "running, but `ada` may not use unix:///var/run/docker.sock"
    expected = "`sudo usermod -aG docker ada`, then log in again or `newgrp docker`"
    assert said.advice == expected


def test_a_member_of_the_group_reads_that_the_session_is_older() -> None:
    engine = Engine(answer=Answer.NO_PERMISSION, socket_group="docker", is_member=True)
    said = check(replace(USERS, engine=engine), "engine")
    assert said.advice == "this session is older than the membership: `newgrp docker`"


def test_without_a_cli_nothing_can_be_asked_and_only_that_is_the_error() -> None:
    facts = replace(GOOD, client=Client(), engine=Engine(answer=Answer.UNASKED))
    assert check(facts, "cli").status is Status.ERROR
    assert {check(facts, name).status for name in ("engine", "compose", "buildx")} == {
        Status.UNKNOWN
    }


def test_an_old_compose_is_an_error_that_names_both_versions() -> None:
    said = check(with_engine(a_machine(DEBIAN_12), compose="2.17.2"), "compose")
    assert (said.status, said.found) == (Status.ERROR, "2.17.2")
    assert said.needed == "the Compose plugin, 2.20 or later"


def test_advice_depends_on_what_this_user_may_do_here() -> None:
    assert check(a_machine(DEBIAN_12), "engine").advice == "`qlocal doctor --fix`"
    printed = "type what `qlocal doctor --fix` prints"
    assert check(a_machine(DEBIAN_12, is_root=False), "engine").advice == printed
    assert check(a_machine(FEDORA), "engine").advice == printed
    assert check(stopped(a_machine(FEDORA)), "engine").advice == f"start it: {printed}"
    assert check(a_machine(ROCKY), "engine").advice.startswith("install it from https://")


@pytest.mark.parametrize(
    ("free", "status"),
    [(500_000_000, Status.ERROR), (5_000_000_000, Status.WARNING), (50_000_000_000, Status.OK)],
)
def test_disk_is_scarce_before_it_is_full(free: int, status: Status) -> None:
    facts = replace(GOOD, disk=Disk(path="/var/lib/docker", free=free))
    assert check(facts, "disk").status is status


def test_what_is_on_another_machine_is_unknown() -> None:
    facts = replace(GOOD, disk=None, limits_memory=None)
    assert check(facts, "disk").status is Status.UNKNOWN
    assert check(facts, "cgroup").status is Status.UNKNOWN


def test_missing_memory_limits_are_a_warning() -> None:
    assert check(replace(GOOD, limits_memory=False), "cgroup").status is Status.WARNING


def test_names_resolve_when_any_does() -> None:
    facts = replace(GOOD, names={"hub.example": False, "mirror.example": True})
    said = check(facts, "dns")
    assert (said.status, said.found) == (
        Status.OK,
        "`mirror.example` resolves, `hub.example` does not",
    )
    nothing = replace(GOOD, names={"hub.example": None, "mirror.example": False})
    assert check(nothing, "dns").status is Status.WARNING


def test_an_unreachable_registry_is_no_error() -> None:
    assert check(replace(GOOD, registry=UNREACHABLE), "registry").status is Status.WARNING


def test_debootstrap_and_root_matter_only_without_a_registry() -> None:
    assert check(GOOD, "debootstrap").found == "not needed"
    assert check(replace(GOOD, registry=UNREACHABLE), "debootstrap").found == "missing"
    machine = replace(USERS.machine, programs={"debootstrap": "/usr/sbin/debootstrap"})
    said = check(replace(USERS, machine=machine, registry=UNREACHABLE), "debootstrap")
    assert (said.status, said.advice) == (Status.WARNING, "run the first `qlocal up` as root")


def test_a_taken_port_names_its_owner() -> None:
    facts = replace(
        GOOD,
        ports=(
            Port(number=80, is_free=False, owner="nginx", pid=812),
            Port(number=443, is_free=False),
            Port(number=8080, is_free=None),
        ),
    )
    assert check(facts, "port 80").found == "taken by `nginx` (pid 812)"
    assert check(facts, "port 443").found == "taken by another user"
    assert check(facts, "port 8080").status is Status.UNKNOWN
