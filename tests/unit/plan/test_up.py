"""What `up` would do and why, as whole texts."""

from dataclasses import replace

import pytest

from qlocal.compose.given import Image
from qlocal.compose.naming import LABEL_ROOT
from qlocal.errors import QlocalError
from qlocal.plan.facts import Container, Observed, ObservedVolume
from qlocal.plan.steps import Plan, Remove
from qlocal.plan.up import Before, plan_images, references, services_to_make
from tests.unit.compose.translating import translated
from tests.unit.plan.worlds import (
    MANIFEST,
    before,
    changed,
    container,
    everything,
    running,
    shop,
    up,
)


def text(*lines: str) -> str:
    return "\n".join(lines)


def test_the_first_up() -> None:
    assert str(up(shop(), Observed(), Before(), present=frozenset())) == text(
        "build shop: first build",
        "create volume demo--main_db_data: first start",
        "create db: not there",
        "create shop: not there",
        "start db: created",
        "wait for db: ready by its health check",
        "start shop: created",
        "wait for shop: ready by port 8080",
    )


def test_nothing_changed() -> None:
    plan = up(shop(), running(shop()), before(shop()))
    assert str(plan) == "nothing to do"
    assert plan.is_empty


def test_one_variable_changed() -> None:
    was, now = shop(dotenv="COLOUR=red\n"), shop(dotenv="COLOUR=blue\n")
    assert str(up(now, running(was), before(was))) == text(
        "recreate shop: variable COLOUR changed",
        "start shop: created",
        "wait for shop: ready by port 8080",
    )


@pytest.mark.parametrize(
    ("was", "now", "cause"),
    [
        ("", "A=1\n", "variable A added"),
        ("A=1\n", "", "variable A removed"),
        ("A=1\nB=1\n", "A=2\nC=1\n", "variable C added, variable B removed, variable A changed"),
        (
            "A=1\nB=1\nC=1\nD=1\nE=1\n",
            "A=2\nB=2\nC=2\nD=2\nE=2\n",
            "variable A changed, variable B changed, variable C changed, 2 more",
        ),
    ],
)
def test_causes_name_what_changed(was: str, now: str, cause: str) -> None:
    plan = up(shop(dotenv=now), running(shop(dotenv=was)), before(shop(dotenv=was)))
    assert str(plan.steps[0]) == f"recreate shop: {cause}"


def test_no_cause_holds_a_value() -> None:
    was, now = shop(dotenv="PASSWORD=hidden1\n"), shop(dotenv="PASSWORD=hidden2\n")
    assert "hidden" not in str(up(now, running(was), before(was)))


def test_the_source_changed() -> None:
    was, now = shop(context="one"), shop(context="two")
    image = now.project.service("shop").image
    assert str(up(now, running(was), before(was), present=everything(now) - {image})) == text(
        "build shop: source changed",
        "recreate shop: image changed",
        "start shop: created",
        "wait for shop: ready by port 8080",
    )


def test_the_source_changed_back_and_its_image_is_still_here() -> None:
    was, now = shop(context="one"), shop(context="two")
    assert "build" not in str(up(now, running(was), before(was)))


def test_a_change_without_a_memory_of_before_is_only_a_change() -> None:
    was, now = shop(dotenv="COLOUR=red\n"), shop(dotenv="COLOUR=blue\n")
    assert str(up(now, running(was), Before()).steps[0]) == "recreate shop: changed"


def test_an_exited_container_is_started_again() -> None:
    observed = changed(running(shop()), "shop", state="exited", exit_code=137)
    assert str(up(shop(), observed, before(shop()))) == text(
        "start shop: exited with 137",
        "wait for shop: ready by port 8080",
    )


def test_a_container_that_was_only_created_is_started() -> None:
    observed = changed(running(shop()), "shop", state="created")
    assert str(up(shop(), observed, before(shop()))) == text(
        "start shop: created",
        "wait for shop: ready by port 8080",
    )


@pytest.mark.parametrize("state", ["restarting", "dead", "removing", "paused"])
def test_a_container_in_a_bad_way_is_replaced(state: str) -> None:
    observed = changed(running(shop()), "shop", state=state)
    assert str(up(shop(), observed, before(shop())).steps[0]) == f"recreate shop: {state}"


def test_an_unhealthy_container_is_replaced() -> None:
    observed = changed(running(shop()), "db", health="unhealthy")
    assert str(up(shop(), observed, before(shop()))) == text(
        "recreate db: unhealthy",
        "start db: created",
        "wait for db: ready by its health check",
    )


def test_a_container_that_is_still_starting_is_waited_for() -> None:
    observed = changed(running(shop()), "db", health="starting")
    assert str(up(shop(), observed, before(shop()))) == "wait for db: still starting"


def test_a_container_that_does_not_answer_is_waited_for() -> None:
    plan = up(shop(), running(shop()), before(shop()), answering=frozenset())
    assert str(plan) == "wait for shop: port 8080 does not answer"


def test_a_service_that_left_the_manifest_is_removed() -> None:
    now = shop(MANIFEST.partition("databases:")[0])
    removed = [step for step in up(now, running(shop()), before(shop())).steps if _is_removal(step)]
    assert [str(step) for step in removed] == [
        "remove db: no longer in the manifest; its data stays"
    ]


def test_a_service_that_another_folders_manifest_asked_for_is_left_alone() -> None:
    now = shop(MANIFEST.partition("databases:")[0])
    observed = running(shop())
    others = [
        replace(one, labels={**one.labels, LABEL_ROOT: "another"}) if one.service == "db" else one
        for one in observed.containers
    ]
    plan = up(now, replace(observed, containers=tuple(others)), before(shop()))
    assert not [step for step in plan.steps if _is_removal(step)]


def _is_removal(step: object) -> bool:
    return isinstance(step, Remove)


def test_a_second_container_that_a_killed_run_left_is_removed() -> None:
    """The engine lists the newest first, and the newest is kept."""
    observed = running(shop())
    older = container(shop(), "shop", "older")
    plan = up(shop(), replace(observed, containers=(*observed.containers, older)), before(shop()))
    (step,) = plan.steps
    assert str(step) == "remove shop: left over"
    assert isinstance(step, Remove)
    assert step.container == "older"


def test_data_of_another_major_version_is_refused() -> None:
    observed = running(shop(MANIFEST.replace('"15"', '"14"')))
    with pytest.raises(QlocalError) as caught:
        up(shop(), observed, Before())
    assert caught.value.message == (
        "the data of `db` was written by postgresql 14, and postgresql 15 cannot read it"
    )
    assert "ask for postgresql 14 again" in caught.value.hint


def test_data_of_another_minor_version_is_read() -> None:
    observed = running(shop(MANIFEST.replace('"15"', '"15.4"')))
    assert up(shop(), observed, Before())


def test_data_without_a_version_is_trusted() -> None:
    volume = ObservedVolume(name="demo--main_db_data", service="db", type="postgresql", version="")
    assert up(shop(), Observed(volumes=(volume,)), Before())


# Images


def images(present: frozenset[str], *given_images: Image, dockerfile: str = "") -> Plan:
    more = {"dockerfile": dockerfile} if dockerfile else {}
    translation = translated(MANIFEST, images=given_images, **more)
    services = services_to_make(translation, Observed())
    return plan_images(translation, services, present)


def test_missing_images_are_provided() -> None:
    assert str(images(frozenset())) == text(
        "provide image postgres:15: not on this engine",
        "provide image debian:bookworm-slim: not on this engine",
    )


def test_images_that_are_here_are_not_provided() -> None:
    assert images(frozenset({"postgres:15", "debian:bookworm-slim"})).is_empty


def test_what_an_application_is_built_from_is_not_needed_once_it_is_built() -> None:
    image = shop().project.service("shop").image
    translation = shop(context="one")
    services = services_to_make(translation, Observed())
    plan = plan_images(translation, services, frozenset({image, "postgres:15"}))
    assert plan.is_empty


def test_nothing_is_needed_for_what_runs_unchanged() -> None:
    services = services_to_make(shop(), running(shop()))
    assert services == frozenset()
    assert references(shop(), services) == ()
    assert plan_images(shop(), services, frozenset()).is_empty


def test_a_stand_in_that_is_gone_is_provided_anew() -> None:
    """By the name that was asked for: perhaps a registry answers by now."""
    image = Image(requested="postgres:15", reference="qlocal.local/postgresql:x", version="15.19")
    assert "provide image postgres:15" in str(images(frozenset({"debian:bookworm-slim"}), image))
    here = frozenset({"debian:bookworm-slim", "qlocal.local/postgresql:x"})
    assert images(here, image).is_empty


def test_an_image_that_is_also_a_base_is_known_by_its_type() -> None:
    (step,) = images(frozenset(), dockerfile="FROM postgres:15\nEXPOSE 1\n").steps
    assert getattr(step, "service_type", None) == "postgresql"


def test_of_two_containers_of_a_service_the_first_listed_counts() -> None:
    one, other = (container(shop(), "shop", identity) for identity in ("newest", "older"))
    found: Container | None = Observed(containers=(one, other)).container("shop")
    assert found is one
