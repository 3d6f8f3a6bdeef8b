"""What a one-off needs of `up`, and what one leaves when its owner was killed."""

from dataclasses import dataclass

from qlocal.compose.naming import LABEL_RUN, LABEL_STORE
from qlocal.plan.facts import Observed
from qlocal.plan.steps import BuildImage, CreateVolume, Plan, Remove, ServiceStep, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of an environment: the services that are to run, and those of which only the image and the
    volumes are wanted.
    """

    running: frozenset[str]
    made: frozenset[str] = frozenset()

    @property
    def services(self) -> frozenset[str]:
        return self.running | self.made


def plan_part(plan: Plan, part: Part) -> Plan:
    """The steps of a whole `up` that this part needs; nobody is removed for it."""
    return Plan(steps=tuple(step for step in plan.steps if _serves(step, part)))


def _serves(step: Step, part: Part) -> bool:
    if isinstance(step, Remove):
        return False
    if isinstance(step, BuildImage):
        return step.service in part.services
    if isinstance(step, CreateVolume):
        return step.volume.service in part.services
    return isinstance(step, ServiceStep) and step.service in part.running


def plan_leftovers(observed: Observed, *, store: str, held: frozenset[str]) -> Plan:
    """One-offs of ours whose owner no longer lives. `held` are those of living ones."""
    return Plan(
        steps=tuple(
            Remove(service=one.service, container=one.id, cause="its `qlocal run` was killed")
            for one in observed.one_offs
            if (run := one.labels.get(LABEL_RUN))
            and one.labels.get(LABEL_STORE) == store
            and run not in held
        )
    )
