"""What `stop`, `start` and `run` have to do."""

from dataclasses import replace

from qlocal.compose.naming import LABEL_RUN, LABEL_STORE
from qlocal.plan.down import plan_down
from qlocal.plan.facts import Container, Observed
from qlocal.plan.lifecycle import changed as changed_services
from qlocal.plan.lifecycle import plan_start, plan_stop
from qlocal.plan.one_off import Part, plan_leftovers, plan_part
from tests.unit.plan.worlds import before, changed, running, shop, up


def one_off(run: str, store: str = "mine") -> Container:
    return Container(
        id=f"id-{run}",
        name=f"demo--main-shop-run-{run}",
        service="shop",
        image="x",
        state="running",
        labels={LABEL_RUN: run, LABEL_STORE: store},
    )


def test_applications_stop_before_the_databases_they_talk_to() -> None:
    plan = plan_stop(running(shop()), {"db", "shop"})
    assert str(plan) == "stop shop: running\nstop db: running"


def test_what_is_stopped_is_not_stopped_again() -> None:
    observed = changed(running(shop()), "shop", state="exited")
    assert str(plan_stop(observed, {"db", "shop"})) == "stop db: running"


def test_start_begins_with_what_is_depended_on_and_waits_for_each_wave() -> None:
    translation = shop()
    observed = running(translation)
    for service in ("db", "shop"):
        observed = changed(observed, service, state="exited", health="")
    assert str(plan_start(translation, observed, {"shop"})) == (
        "start db: exited\n"
        "wait for db: ready by its health check\n"
        "start shop: exited\n"
        "wait for shop: ready by port 8080"
    )
    assert str(plan_start(translation, observed, {"db"})) == (
        "start db: exited\nwait for db: ready by its health check"
    )


def test_what_runs_is_not_started() -> None:
    translation = shop()
    assert plan_start(translation, running(translation), {"db", "shop"}).is_empty


def test_what_up_would_replace_is_known() -> None:
    assert changed_services(shop(context="two"), running(shop(context="one"))) == ("shop",)


def test_a_part_runs_databases_and_only_builds_the_application() -> None:
    translation = shop()
    whole = up(translation, Observed(), before(translation), present=frozenset())
    part = Part(running=frozenset({"db"}), made=frozenset({"shop"}))
    assert str(plan_part(whole, part)) == (
        "build shop: source changed\n"
        "create volume demo--main_db_data: first start\n"
        "create db: not there\n"
        "start db: created\n"
        "wait for db: ready by its health check"
    )


def test_a_part_removes_nobody() -> None:
    translation = shop()
    observed = running(translation)
    stranger = replace(observed.containers[0], id="other", service="gone")
    observed = replace(observed, containers=(*observed.containers, stranger))
    whole = up(translation, observed, before(translation))
    assert "remove gone" in str(whole)
    assert plan_part(whole, Part(running=frozenset({"db"}))).is_empty


def test_only_one_offs_of_ours_whose_owner_is_dead_are_left_over() -> None:
    kept = one_off("")
    observed = Observed(one_offs=(one_off("dead"), one_off("alive"), one_off("x", "theirs"), kept))
    plan = plan_leftovers(observed, store="mine", held=frozenset({"alive"}))
    assert str(plan) == "remove shop: its `qlocal run` was killed"


def test_down_removes_every_one_off_first() -> None:
    observed = replace(running(shop()), one_offs=(one_off("alive"),))
    assert str(plan_down(observed, volumes=False)).startswith("remove shop: made by `qlocal run`")
