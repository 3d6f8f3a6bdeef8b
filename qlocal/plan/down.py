"""What `down` has to do."""

from qlocal.plan.facts import Observed
from qlocal.plan.steps import Plan, Remove, RemoveNetwork, RemoveVolume, Step


def plan_down(observed: Observed, *, volumes: bool) -> Plan:
    """Applications go before the backing services they talk to; data goes only when asked."""
    ordered = sorted(
        observed.containers, key=lambda container: "dev.qlocal.type" in container.labels
    )
    steps: list[Step] = [
        Remove(service=container.service, container=container.id, cause="made by `qlocal run`")
        for container in observed.one_offs
    ]
    steps += [
        Remove(service=container.service, container=container.id, cause=container.state)
        for container in ordered
    ]
    steps += [RemoveNetwork(network=name, cause="no longer used") for name in observed.networks]
    if volumes:
        steps += [
            RemoveVolume(volume=volume.name, cause="asked for with --volumes")
            for volume in observed.volumes
        ]
    return Plan(steps=tuple(steps))
