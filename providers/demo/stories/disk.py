"""A node's disk fills: pressure, evictions, and room again."""

from __future__ import annotations

from providers.demo import machines, pods
from providers.demo.life import Life, Story
from providers.demo.stories.choice import well_node
from providers.demo.stories.rollout import bring_up, forget, release
from providers.demo.world import Cluster
from providers.model import Node

_EVICTED = 3


def full_disk(cluster: Cluster, life: Life) -> Story | None:
    """A node reports DiskPressure and evicts some pods, whose workloads make others elsewhere."""
    node = well_node(cluster)
    return None if node is None else _fill(cluster, life, node)


def _fill(cluster: Cluster, life: Life, node: Node) -> Story:
    cluster.put(machines.disk_pressure(node, True, cluster.now()))
    yield 2.0
    evicted = []
    for pod in cluster.pods_on(node.name):
        workload = cluster.workload_of(pod)
        if workload is None or workload.kind != "Deployment" or pod.status != "Running" or pod.deleting:
            continue
        cluster.put(pods.evicted(pod))
        release(cluster, pod)
        life.begin(bring_up(cluster, workload), after=0.3)
        evicted.append(pod.uid)
        if len(evicted) == _EVICTED:
            break
        yield 1.5
    yield cluster.rng.uniform(20, 30)
    if now := cluster.nodes.get(node.uid):
        cluster.put(machines.disk_pressure(now, False, cluster.now()))
    yield cluster.rng.uniform(15, 25)
    for uid in evicted:
        forget(cluster, uid)
