"""What `down` would do."""

from dataclasses import replace

from qlocal.plan.down import plan_down
from qlocal.plan.facts import Observed
from tests.unit.plan.worlds import changed, running, shop


def test_applications_first_then_services_then_the_network() -> None:
    observed = running(shop())
    for containers in (observed.containers, observed.containers[::-1]):
        assert str(plan_down(replace(observed, containers=containers), volumes=False)) == (
            "remove shop: running\n"
            "remove db: running\n"
            "remove network demo--main_default: no longer used"
        )


def test_data_goes_only_when_asked() -> None:
    last = str(plan_down(running(shop()), volumes=True)).splitlines()[-1]
    assert last == "delete volume demo--main_db_data: asked for with --volumes"


def test_the_cause_is_the_state_it_was_found_in() -> None:
    observed = changed(running(shop()), "shop", state="exited")
    assert str(plan_down(observed, volumes=False)).startswith("remove shop: exited\n")


def test_where_nothing_is_there_is_nothing_to_do() -> None:
    assert plan_down(Observed(), volumes=True).is_empty
