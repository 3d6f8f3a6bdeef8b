"""What would be done to which machine."""

from dataclasses import replace

import pytest

from qlocal.engine.host.apt import PREFERENCES_PATH, SOURCES_PATH
from qlocal.engine.host.distribution import APT_INSTALL, Distribution
from qlocal.engine.host.facts import Answer, Client, Engine
from qlocal.engine.host.setup import InstallPackages, StartDaemon, WriteFile, plan_setup
from tests.unit.engine.host.machines import (
    ALPINE,
    ARCH,
    DEBIAN_11,
    DEBIAN_12,
    DEBIAN_13,
    DEBIAN_TESTING,
    FEDORA,
    MINT,
    NIXOS,
    ROCKY,
    UBUNTU_20,
    UBUNTU_22,
    UBUNTU_24,
    UNREACHABLE,
    a_machine,
    stopped,
    version,
    with_engine,
)

PINNED = """\
Package: *
Pin: release n=trixie
Pin-Priority: -1

Package: docker.io docker-cli docker-compose docker-buildx
Pin: release n=trixie
Pin-Priority: 990
"""
TRIXIE = """\
Types: deb
URIs: http://mirror.example/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def installed(distribution: Distribution) -> tuple[str, ...]:
    steps = plan_setup(a_machine(distribution)).steps
    (packages,) = [step.packages for step in steps if isinstance(step, InstallPackages)]
    return packages


def test_debian_12_takes_four_packages_of_debian_13_and_nothing_else_of_it() -> None:
    assert str(plan_setup(a_machine(DEBIAN_12))) == (
        "  1. write /etc/apt/sources.list.d/qlocal-engine.sources: these packages, and no others,"
        " come from trixie\n"
        "      Types: deb\n"
        "      URIs: http://mirror.example/debian\n"
        "      Suites: trixie\n"
        "      Components: main\n"
        "      Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        "  2. write /etc/apt/preferences.d/qlocal-engine: these packages, and no others,"
        " come from trixie\n"
        "      Package: *\n"
        "      Pin: release n=trixie\n"
        "      Pin-Priority: -1\n"
        "\n"
        "      Package: docker.io docker-cli docker-compose docker-buildx\n"
        "      Pin: release n=trixie\n"
        "      Pin-Priority: 990\n"
        "  3. install packages\n"
        "      docker.io: there is no engine\n"
        "      docker-cli: there is no `docker` program\n"
        "      docker-compose: the Compose 2 plugin is missing\n"
        "      docker-buildx: the buildx plugin is missing\n"
        "      iptables: the engine needs `iptables`\n"
        "  4. start the engine (dockerd, log in /var/log/dockerd.log): it is new"
    )


def test_files_that_are_already_right_are_not_written_again() -> None:
    files = {SOURCES_PATH: TRIXIE, PREFERENCES_PATH: PINNED}
    steps = plan_setup(a_machine(DEBIAN_12, files=files)).steps
    assert not [step for step in steps if isinstance(step, WriteFile)]


def test_debian_12_without_a_source_of_its_own_is_told_so() -> None:
    plan = plan_setup(a_machine(DEBIAN_12, sources=""))
    assert not plan.steps
    assert plan.because == "apt has no source of `bookworm` with component `main`"


@pytest.mark.parametrize("distribution", [DEBIAN_13, DEBIAN_TESTING], ids=str)
def test_a_newer_debian_has_all_it_needs_itself(distribution: Distribution) -> None:
    plan = plan_setup(a_machine(distribution))
    assert not [step for step in plan.steps if isinstance(step, WriteFile)]
    assert installed(distribution) == (
        "docker.io", "docker-cli", "docker-compose", "docker-buildx", "iptables",
    )  # fmt: skip


@pytest.mark.parametrize("distribution", [UBUNTU_22, UBUNTU_24], ids=str)
def test_on_ubuntu_the_cli_comes_with_the_engine_and_compose_has_another_name(
    distribution: Distribution,
) -> None:
    assert installed(distribution) == (
        "docker.io", "docker-compose-v2", "docker-buildx", "iptables",
    )  # fmt: skip


def test_with_systemd_the_unit_is_started() -> None:
    steps = plan_setup(a_machine(UBUNTU_24, has_systemd=True)).steps
    assert steps[-1] == StartDaemon(with_systemd=True, cause="it is new")


def test_an_engine_that_only_does_not_run_is_only_started() -> None:
    plan = plan_setup(stopped(a_machine(DEBIAN_12)))
    assert plan.steps == (StartDaemon(with_systemd=False, cause="it is not running"),)


@pytest.mark.parametrize("is_root", [True, False])
@pytest.mark.parametrize("distribution", [DEBIAN_12, UBUNTU_24, FEDORA, NIXOS], ids=str)
def test_where_everything_is_there_nothing_is_done(
    distribution: Distribution, is_root: bool
) -> None:
    assert plan_setup(with_engine(a_machine(distribution, is_root=is_root))).is_done


def test_a_missing_plugin_leaves_the_engine_alone() -> None:
    facts = with_engine(a_machine(DEBIAN_13))
    facts = replace(facts, client=replace(facts.client, buildx=None))
    assert plan_setup(facts).steps == (
        InstallPackages(causes={"docker-buildx": "the buildx plugin is missing"}),
    )


def test_an_old_compose_is_replaced() -> None:
    plan = plan_setup(with_engine(a_machine(DEBIAN_13), compose="2.17.2"))
    cause = "Compose 2.17.2 is older than 2.20"
    assert plan.steps == (InstallPackages(causes={"docker-compose": cause}),)


def test_a_cli_from_elsewhere_is_kept() -> None:
    facts = replace(
        a_machine(DEBIAN_12),
        client=Client(path="/usr/local/bin/docker", version=version("28.2.2")),
    )
    (packages,) = [it for it in plan_setup(facts).steps if isinstance(it, InstallPackages)]
    assert "docker-cli" not in packages.packages


def test_without_a_cli_an_engine_that_listens_is_not_installed_a_second_time() -> None:
    facts = replace(a_machine(DEBIAN_13), engine=Engine(answer=Answer.UNASKED))
    (step,) = plan_setup(facts).steps
    assert isinstance(step, InstallPackages)
    assert step.packages == ("docker-cli", "docker-compose", "docker-buildx")


def test_an_engine_named_by_docker_host_is_nobody_elses_to_replace() -> None:
    nowhere = Engine(answer=Answer.NOWHERE, host="tcp://build.example:2375")
    assert plan_setup(replace(with_engine(a_machine(DEBIAN_12)), engine=nowhere)).is_done


def test_debootstrap_is_wanted_only_where_no_registry_answers() -> None:
    cause = "no image registry answers, so images are built from packages"
    assert plan_setup(with_engine(a_machine(DEBIAN_12, registry=UNREACHABLE))).steps == (
        InstallPackages(causes={"debootstrap": cause}),
    )


def test_without_root_a_missing_debootstrap_is_no_reason_to_ask_for_it() -> None:
    facts = a_machine(DEBIAN_12, registry=UNREACHABLE, is_root=False)
    assert plan_setup(with_engine(facts)).is_done


def test_without_root_the_same_steps_are_commands_to_read() -> None:
    plan = plan_setup(a_machine(DEBIAN_12, is_root=False, has_systemd=True))
    assert not plan.steps
    assert plan.because == "this needs root"
    assert plan.commands == (
        f"sudo tee {SOURCES_PATH} >/dev/null <<'END'\n{TRIXIE}END",
        f"sudo tee {PREFERENCES_PATH} >/dev/null <<'END'\n{PINNED}END",
        "sudo apt-get update",
        f"sudo {APT_INSTALL} docker.io docker-cli docker-compose docker-buildx iptables",
        "sudo systemctl enable --now docker",
        "sudo usermod -aG docker ada",
        "newgrp docker",
    )


def test_a_user_outside_the_group_is_told_how_to_join_it() -> None:
    engine = Engine(answer=Answer.NO_PERMISSION, socket_group="docker")
    facts = replace(with_engine(a_machine(DEBIAN_12, is_root=False)), engine=engine)
    plan = plan_setup(facts)
    assert plan.because == "`ada` may not use the engine's socket"
    assert plan.commands == ("sudo usermod -aG docker ada", "newgrp docker")


def test_a_member_whose_session_is_older_only_needs_a_new_one() -> None:
    engine = Engine(answer=Answer.NO_PERMISSION, socket_group="docker", is_member=True)
    facts = replace(with_engine(a_machine(DEBIAN_12, is_root=False)), engine=engine)
    assert plan_setup(facts).commands == ("newgrp docker",)


@pytest.mark.parametrize(
    ("distribution", "install", "start"),
    [
        (
            FEDORA,
            "dnf install -y moby-engine docker-cli docker-compose docker-buildx iptables-nft",
            ("systemctl enable --now docker",),
        ),
        (
            ARCH,
            "pacman -S --needed docker docker-compose docker-buildx iptables",
            ("systemctl enable --now docker",),
        ),
        (
            ALPINE,
            "apk add docker-engine docker-cli docker-cli-compose docker-cli-buildx iptables",
            ("rc-update add docker default", "service docker start"),
        ),
        (
            MINT,
            f"{APT_INSTALL} docker.io docker-compose-v2 docker-buildx iptables",
            ("systemctl enable --now docker",),
        ),
    ],
    ids=["fedora", "arch", "alpine", "mint"],
)
def test_elsewhere_the_commands_are_printed_and_nothing_is_changed(
    distribution: Distribution, install: str, start: tuple[str, ...]
) -> None:
    plan = plan_setup(a_machine(distribution))
    assert not plan.steps
    assert plan.commands == (install, *start)


def test_on_macos_the_engine_is_an_application() -> None:
    plan = plan_setup(a_machine(Distribution(), system="Darwin", is_root=False))
    assert plan.commands == ("brew install --cask docker-desktop", "open -a Docker")
    assert plan.because == "qlocal does not change macOS by itself"


@pytest.mark.parametrize("distribution", [DEBIAN_11, UBUNTU_20, ROCKY, NIXOS], ids=str)
def test_a_system_without_recent_packages_is_left_alone(distribution: Distribution) -> None:
    plan = plan_setup(a_machine(distribution))
    assert (plan.steps, plan.commands) == ((), ())
    assert plan.because == f"no packages recent enough are known for {distribution}"


def test_a_login_in_the_address_of_a_mirror_is_not_shown() -> None:
    sources = "Types: deb\nURIs: https://ada:pw@mirror.example/debian\nSuites: bookworm\n"
    facts = a_machine(DEBIAN_12, sources=f"{sources}Components: main\n")
    plan = plan_setup(facts)
    (written,) = [
        it.content for it in plan.steps if isinstance(it, WriteFile) and it.path == SOURCES_PATH
    ]
    assert "https://ada:pw@mirror.example" in written
    assert "pw" not in str(plan)
