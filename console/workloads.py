"""The workload of a pod: what stays when a rollout replaces every pod and the ReplicaSet above them."""

from __future__ import annotations

from dataclasses import dataclass

from console.item import Item
from providers.model import Pod

_HASH = "pod-template-hash="
"""The label with what a Deployment puts after its name in that of each of its ReplicaSets."""


@dataclass(frozen=True)
class Workload:
    """By name, so that one that was made anew under the same name is the same."""

    source: str
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        """As people say it: "deployment web"."""
        return f"{self.kind.lower()} {self.name}"


def workload_of(item: Item) -> Workload | None:
    """The Deployment, StatefulSet, … of that pod; None of one that stands alone, and of what is no pod."""
    pod = item.obj
    if not isinstance(pod, Pod) or pod.owner is None:
        return None
    kind, name = pod.owner.kind, pod.owner.name
    if kind == "ReplicaSet" and (end := _hash(pod.labels)) and name.endswith(f"-{end}"):
        kind, name = "Deployment", name.removesuffix(f"-{end}")
    return Workload(item.ref.source, pod.namespace, kind, name)


def _hash(labels: str) -> str:
    found = (each.removeprefix(_HASH) for each in labels.split(",") if each.startswith(_HASH))
    return next(found, "")
