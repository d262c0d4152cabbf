"""What makes pods: a Deployment, StatefulSet, DaemonSet or Job of the simulated fleet."""

from __future__ import annotations

from random import Random

from providers.demo import names
from providers.demo.names import WorkloadKind
from providers.model import Owner

_STRIDE = 6_700_417
"""No multiple of three, so stepping by it meets every suffix before any comes again."""

Key = tuple[str, str, str]
"""Namespace, kind, name."""


class Workload:
    """A controller, the pods it has, and the names it gives them."""

    __slots__ = (
        "containers", "created", "kind", "labels", "lanes", "name", "namespace", "owner", "paused", "pods",
        "replicas", "restarted", "revision", "serial", "template", "uid",
    )  # fmt: skip

    def __init__(
        self, kind: WorkloadKind, namespace: str, name: str, rng: Random, *, replicas: int, containers: int
    ) -> None:
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.replicas = replicas
        self.containers = containers
        self.uid = names.uid(rng)
        self.created = 0.0
        self.restarted: float | None = None
        self.paused = False
        self.pods: dict[str, None] = {}
        """uids of the pods it counts as its own, oldest first; a terminating one is no longer among them."""
        self.lanes = 0
        """Lanes of its rollout that are under way."""
        self.serial = rng.randrange(names.SUFFIXES)
        self.revision = 0
        self.template = ""
        self.owner: Owner
        self.labels = ""
        self.revise(rng)

    @property
    def key(self) -> Key:
        return (self.namespace, self.kind, self.name)

    def revise(self, rng: Random) -> None:
        """Begin a new revision: for a Deployment, a ReplicaSet of another name."""
        self.revision += 1
        self.template = names.template_hash(rng)
        if self.kind == "Deployment":
            self.owner = Owner("ReplicaSet", f"{self.name}-{self.template}", names.uid(rng))
        else:
            self.owner = Owner(self.kind, self.name, self.uid)
        self.labels = f"app={self.name},{self._stamp()},team={self.namespace}"

    def _stamp(self) -> str:
        """The label that its kind puts on its pods."""
        if self.kind == "Job":
            return f"batch.kubernetes.io/job-name={self.name}"
        key = "pod-template-hash" if self.kind == "Deployment" else "controller-revision-hash"
        return f"{key}={self.template}"

    def claims(self, pod: str) -> tuple[str, ...]:
        """The claims to volumes that its pod of that name mounts."""
        return (f"data-{pod}",) if self.kind == "StatefulSet" else ()

    def next_name(self) -> str:
        """A pod name with a suffix that none of its pods has had; not for StatefulSets, which count."""
        self.serial = (self.serial + _STRIDE) % names.SUFFIXES
        return f"{self.owner.name}-{names.suffix(self.serial)}"


def key_of(namespace: str, owner: Owner) -> Key:
    """The key of the workload that an owner stands for: a ReplicaSet's is its Deployment."""
    if owner.kind == "ReplicaSet":
        return (namespace, "Deployment", owner.name.rpartition("-")[0])
    return (namespace, owner.kind, owner.name)
