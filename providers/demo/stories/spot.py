"""A spot machine is reclaimed: the instance stops, its node falls silent, its pods are lost, others come."""

from __future__ import annotations

from msgspec.structs import replace

from providers.demo import machines, names, pods
from providers.demo.life import Life, Story
from providers.demo.names import Pool
from providers.demo.stories.choice import well_node
from providers.demo.stories.rollout import bring_up, forget, release
from providers.demo.world import Cluster
from providers.model import Instance, Node, Notice, Pod

_WARNING = 12.0
"""Seconds between the notice and the end: a tenth of the real one, nobody watches a demo for two minutes."""
_AT_ONCE = 4
"""Pods that are given up at a time."""


def reclaimed(cluster: Cluster, life: Life) -> Story | None:
    """A spot machine with a node on it goes; a new one replaces it."""
    node = well_node(cluster, "spot")
    return None if node is None else _reclaim(cluster, life, node)


def _reclaim(cluster: Cluster, life: Life, node: Node) -> Story:
    instance = cluster.instances[node.provider_id.rpartition("/")[2]]
    notice = Notice(kind="spot interruption", at=cluster.now() + _WARNING, told=cluster.now())
    cluster.put(replace(instance, notices=(notice,)))
    yield _WARNING
    going = replace(instance, state="shutting-down", reason=machines.RECLAIMED, group_state="Terminating")
    cluster.put(replace(going, since=cluster.now()))
    yield 3.0
    if now := cluster.nodes.get(node.uid):
        cluster.put(machines.unheard(now, cluster.now()))
    yield 2.0
    cluster.put(replace(going, state="terminated", checks="", group_state="", since=cluster.now()))
    yield cluster.rng.uniform(4, 8)
    yield from _give_up(cluster, life, node)
    yield from renew(cluster, life, node)


def _give_up(cluster: Cluster, life: Life, node: Node) -> Story:
    """The pods on a silent node are to go, and Deployments make others at once."""
    for number, pod in enumerate(cluster.pods_on(node.name)):
        workload = cluster.workload_of(pod)
        if pod.uid not in cluster.pods or pod.deleting or pod.phase not in ("Running", "Pending"):
            continue
        if workload is not None and workload.kind == "DaemonSet":
            cluster.put(replace(pod, ready=0))  # a daemon's pod stays for as long as its node
            continue
        cluster.put(pods.lost(pod))
        release(cluster, pod)
        if workload is not None and workload.kind == "Deployment":
            life.begin(bring_up(cluster, workload))
        if number % _AT_ONCE == _AT_ONCE - 1:
            yield 0.5


def renew(cluster: Cluster, life: Life, node: Node) -> Story:
    """A new machine and a new node take the place of a lost one, whose remains are cleared away."""
    old = cluster.instances[node.provider_id.rpartition("/")[2]]
    yield from _new_node(cluster, life, node, old)
    yield 2.0
    for pod in cluster.pods_on(node.name):
        if pod.uid in cluster.pods:
            _bury(cluster, life, pod)
    if now := cluster.nodes.get(node.uid):
        cluster.drop(now)
    yield 45.0
    cluster.drop(cluster.instances[old.uid])


def _new_node(cluster: Cluster, life: Life, node: Node, old: Instance) -> Story:
    pool = next((pool for pool in names.POOLS if pool.type == old.type), names.POOLS[0])
    instance = machines.machine(
        cluster, pool, "abc".index(old.zone[-1]), float(int(cluster.now())), "pending"
    )
    cluster.put(instance)
    yield 3.0
    runs = replace(instance, state="running", checks="0/2", since=cluster.now(), group_state="InService")
    cluster.put(runs)
    yield 4.0
    yield from _join(cluster, life, instance, pool, node.pod_limit or 110)
    cluster.put(replace(runs, checks="2/2"))


def _join(cluster: Cluster, life: Life, instance: Instance, pool: Pool, pod_limit: int) -> Story:
    made = machines.node(cluster, instance, pool, created=float(int(cluster.now())), pod_limit=pod_limit)
    cluster.put(machines.starting(made, cluster.now()))
    for workload in cluster.roster():
        if workload.kind == "DaemonSet":
            life.begin(bring_up(cluster, workload, node=made.name), after=0.4)
    yield 4.0
    if now := cluster.nodes.get(made.uid):
        cluster.put(machines.started(now, cluster.now()))
    yield 3.0


def _bury(cluster: Cluster, life: Life, pod: Pod) -> None:
    """The pod is gone with its node; what its workload lacks now is made again."""
    workload = cluster.workload_of(pod)
    forget(cluster, pod.uid)
    if workload is None or len(workload.pods) >= workload.replicas:
        return
    if workload.kind == "StatefulSet":
        life.begin(bring_up(cluster, workload, name=pod.name), after=0.5)
    elif workload.kind == "Deployment":
        life.begin(bring_up(cluster, workload), after=0.5)
