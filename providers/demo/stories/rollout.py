"""Pods come and go: how one is brought up and taken down, and how a workload replaces its own."""

from __future__ import annotations

from providers.demo import pods
from providers.demo.life import Life, Story
from providers.demo.workload import Workload
from providers.demo.world import Cluster
from providers.model import Pod

_LOOK_AGAIN = 5.0
"""Seconds until the scheduler tries a pod again that fits nowhere."""


def bring_up(cluster: Cluster, workload: Workload, name: str = "", node: str = "") -> Story:
    """A new pod of the workload, from Pending to ready, on that node or on any with room."""
    rng = cluster.rng
    pod = pods.fresh(cluster, workload, name or workload.next_name())
    cluster.put(pod)
    workload.pods[pod.uid] = None
    yield rng.uniform(0.2, 0.8)
    while True:
        found = cluster.node_named(node) if node else cluster.find_room()
        if pod.uid not in cluster.pods or cluster.pods[pod.uid].deleting:
            return
        if found is not None:
            break
        message = cluster.no_room("Too many pods")
        if cluster.pods[pod.uid].message != message:
            cluster.put(pods.waiting(cluster.pods[pod.uid], message))
        yield _LOOK_AGAIN
    yield from _start(cluster, pod.uid, found.name)


def _start(cluster: Cluster, uid: str, node: str) -> Story:
    rng = cluster.rng
    if pod := _alive(cluster, uid):
        cluster.put(pods.bound(pod, node))
        yield rng.uniform(0.8, 2.5)
    if pod := _alive(cluster, uid):
        cluster.put(pods.running(pod, ip=cluster.next_pod_address(), ready=pod.containers - 1))
        yield rng.uniform(1.5, 4.0)
    if pod := _alive(cluster, uid):
        cluster.put(pods.running(pod))


def _alive(cluster: Cluster, uid: str) -> Pod | None:
    pod = cluster.pods.get(uid)
    return None if pod is None or pod.deleting else pod


def take_down(cluster: Cluster, uid: str) -> Story:
    """The pod terminates, and is gone once its containers have ended."""
    pod = _alive(cluster, uid)
    if pod is None:
        return
    workload = cluster.workload_of(pod)
    if workload is not None:
        workload.pods.pop(uid, None)
    cluster.put(pods.terminating(pod))
    yield cluster.rng.uniform(1.0, 4.0)
    if uid in cluster.pods:
        cluster.drop(cluster.pods[uid])


def replace_pod(cluster: Cluster, workload: Workload, uid: str) -> Story:
    """One pod of the workload gives way to a new one, in the order that its kind keeps."""
    old = _alive(cluster, uid)
    if old is None:
        return
    if workload.kind == "Deployment":
        yield from bring_up(cluster, workload)
        yield from take_down(cluster, uid)
        return
    yield from take_down(cluster, uid)
    name = old.name if workload.kind == "StatefulSet" else ""
    node = old.node if workload.kind == "DaemonSet" else ""
    yield from bring_up(cluster, workload, name, node)


def roll(cluster: Cluster, life: Life, workload: Workload) -> Story:
    """Every pod of the workload gives way to one of a new revision; Deployments several at a time."""
    workload.revise(cluster.rng)
    revision = workload.revision
    uids = list(workload.pods)
    if workload.kind == "StatefulSet":
        uids.sort(key=lambda uid: -int(cluster.pods[uid].name.rpartition("-")[2]))
    lanes = max(1, len(uids) // 4) if workload.kind == "Deployment" else 1
    for lane in range(lanes):
        life.begin(_lane(cluster, workload, revision, uids[lane::lanes]), after=0.3 * lane)
    yield 0.1


def _lane(cluster: Cluster, workload: Workload, revision: int, uids: list[str]) -> Story:
    for uid in uids:
        if workload.revision != revision:
            return  # a later rollout replaces them all
        yield from replace_pod(cluster, workload, uid)
        yield 0.1
