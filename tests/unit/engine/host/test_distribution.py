"""Which distribution this is."""

from qlocal.engine.host.distribution import Distribution, Part, recipe_for
from tests.unit.engine.host.machines import DEBIAN_12, DEBIAN_TESTING, UBUNTU_22

OS_RELEASE = """\
PRETTY_NAME="Ubuntu 22.04.4 LTS"
VERSION_ID="22.04"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE="debian"
"""


def test_os_release_is_read_with_and_without_quotes() -> None:
    assert Distribution.parse(OS_RELEASE) == Distribution(
        id="ubuntu", like=("debian",), version="22.04", codename="jammy", name="Ubuntu 22.04.4 LTS"
    )


def test_a_release_without_a_number_has_no_major() -> None:
    assert UBUNTU_22.major == 22
    assert DEBIAN_TESTING.major is None
    assert Distribution.parse("").major is None


def test_a_system_that_says_nothing_has_a_name_all_the_same() -> None:
    assert str(Distribution.parse("")) == "this system"


def test_packages_come_once_and_in_the_order_of_the_parts() -> None:
    recipe = recipe_for("Linux", UBUNTU_22)
    assert recipe
    assert recipe.names([Part.BUILDX, Part.CLI, Part.ENGINE]) == ("docker.io", "docker-buildx")


def test_only_the_engines_parts_are_foreign() -> None:
    recipe = recipe_for("Linux", DEBIAN_12)
    assert recipe
    assert recipe.foreign_packages == (
        "docker.io", "docker-cli", "docker-compose", "docker-buildx",
    )  # fmt: skip
