"""A node that takes no new pods, while nobody takes the old ones away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.disagreements.claim import Claim
from console.item import Item
from providers.model import Node, Pod

if TYPE_CHECKING:
    from console.disagreements.world import World

_LEAVING = (
    "ToBeDeletedByClusterAutoscaler",
    "karpenter.sh/disrupted",
    "karpenter.sh/disruption",
    "karpenter.sh/termination",
    "aws-node-termination-handler/",
    "node.cloudprovider.kubernetes.io/shutdown",
)
"""Beginnings of the taints by which somebody says that the node is about to go."""
_STAYING = frozenset({"DaemonSet", "Node"})
"""Whose pods a drain leaves where they are: daemons, and the kubelet's own."""
_OVER = frozenset({"Succeeded", "Failed"})


def nobody_drains(item: Item, world: World) -> Claim | None:
    """Pods that a drain would take away run on, none is going, and nothing is announced for the machine."""
    node: Node = item.obj
    if not node.unschedulable or not _all_is_seen(item, world):
        return None
    if any(taint.startswith(_LEAVING) for taint in node.taints) or _machine_may_go(item, world):
        return None
    pods = [pod.obj for pod in item.pods or () if _to_be_drained(pod.obj)]
    if not pods or any(pod.deleting for pod in pods):
        return None
    number = f"{len(pods):,} pods run" if len(pods) > 1 else "1 pod runs"
    return Claim(2, f"{number} on, none is being deleted, nothing is announced for the node", item.instance)


def _all_is_seen(item: Item, world: World) -> bool:
    """Where only some namespaces are looked into, the pods of the others may be on their way."""
    source = item.ref.source
    return not item.source.info.namespaces and world.knows(source, "node") and world.knows(source, "pod")


def _to_be_drained(pod: Pod) -> bool:
    return pod.phase not in _OVER and (pod.owner is None or pod.owner.kind not in _STAYING)


def _machine_may_go(item: Item, world: World) -> bool:
    """It is going, or about to, or nobody can say: then the cordon may be for that."""
    machine = item.instance
    if machine is None or not machine.obj.observed:
        return False
    instance = machine.obj
    return (
        bool(instance.notices)
        or instance.state != "running"
        or instance.group_state.startswith("Terminating")
        or not world.knows(machine.ref.source, "instance")
    )
