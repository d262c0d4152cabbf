"""Whom it befalls: a pod, a workload or a node of a cluster, taken at random among the well."""

from __future__ import annotations

from providers.demo import names
from providers.demo.workload import Workload
from providers.demo.world import Cluster
from providers.model import Node, Pod

_TRIES = 8
_ILL = frozenset((*names.CRASHING, names.MISNAMED))


def steady_workload(cluster: Cluster) -> Workload | None:
    """A workload whose rollout may begin: with pods, no job, not paused, not rolling, none of the ill."""
    for _ in range(_TRIES):
        workload = _any(cluster)
        if workload is not None and not workload.lanes and not workload.paused:
            return workload
    return None


def well_pod(cluster: Cluster) -> Pod | None:
    """A pod that runs and is ready, of a workload that is none of the ill."""
    for _ in range(_TRIES):
        workload = _any(cluster)
        if workload is None:
            continue
        pod = cluster.pods[cluster.rng.choice(tuple(workload.pods))]
        node = cluster.node_named(pod.node)
        if pod.status == "Running" and pod.ready == pod.containers and node is not None and node.ready:
            return pod
    return None


def _any(cluster: Cluster) -> Workload | None:
    roster = cluster.roster()
    if not roster:
        return None
    workload = cluster.rng.choice(roster)
    ill = (names.family(workload.namespace), workload.name) in _ILL
    return workload if workload.pods and workload.kind != "Job" and not ill else None


def well_node(cluster: Cluster, lifecycle: str = "") -> Node | None:
    """A node that takes pods, on a machine of that lifecycle ("spot"), or on any."""
    nodes = cluster.open_nodes()
    for _ in range(_TRIES if nodes else 0):
        node = cluster.rng.choice(nodes)
        instance = cluster.instances[node.provider_id.rpartition("/")[2]]
        if not lifecycle or instance.lifecycle == lifecycle:
            return node
    return None
