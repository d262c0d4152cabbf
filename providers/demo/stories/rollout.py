"""Pods come and go: how one is brought up and taken down, and how a workload replaces its own."""

from __future__ import annotations

from providers.demo import pods
from providers.demo.disks import zone_held
from providers.demo.life import Life, Pace, Story
from providers.demo.workload import Workload
from providers.demo.world import Cluster
from providers.model import Node, Pod

_LOOK_AGAIN = 5.0
"""Seconds until the scheduler tries a pod again that fits nowhere."""


def bring_up(cluster: Cluster, workload: Workload, name: str = "", node: str = "") -> Story:
    """A new pod of the workload, from Pending to ready, on that node or on any with room."""
    uid = create(cluster, workload, name)
    yield cluster.rng.uniform(0.2, 0.8)
    while (pod := alive(cluster, uid)) is not None:
        if node and cluster.node_named(node) is None:
            forget(cluster, uid)  # a daemon's pod whose node went away before it came up
            return
        found = cluster.node_named(node) if node else cluster.find_room(zone_held(cluster, pod))
        if found is not None:
            yield from start(cluster, uid, found)
            return
        message = cluster.no_room("Too many pods")
        if pod.message != message:
            cluster.put(pods.waiting(pod, message))
        yield _LOOK_AGAIN


def create(cluster: Cluster, workload: Workload, name: str = "") -> str:
    """A new Pending pod of the workload; its uid."""
    pod = pods.fresh(cluster, workload, name or workload.next_name())
    cluster.put(pod)
    workload.pods[pod.uid] = None
    return pod.uid


def start(cluster: Cluster, uid: str, node: Node) -> Story:
    """The pod is bound to the node, its containers start and become ready."""
    rng = cluster.rng
    if pod := alive(cluster, uid):
        cluster.put(pods.bound(pod, node.name))
        yield rng.uniform(0.8, 2.5)
    if pod := alive(cluster, uid):
        cluster.put(pods.running(pod, ip=cluster.next_pod_address(), ready=pod.containers - 1))
        yield rng.uniform(1.5, 4.0)
    if pod := alive(cluster, uid):
        cluster.put(pods.running(pod))


def alive(cluster: Cluster, uid: str) -> Pod | None:
    """The pod, unless it is gone or going."""
    pod = cluster.pods.get(uid)
    return None if pod is None or pod.deleting else pod


def release(cluster: Cluster, pod: Pod) -> Workload | None:
    """Its workload counts it no longer; that workload."""
    workload = cluster.workload_of(pod)
    if workload is not None:
        workload.pods.pop(pod.uid, None)
    return workload


def forget(cluster: Cluster, uid: str) -> None:
    """The pod is gone at once, if it was still there."""
    if uid in cluster.pods:
        pod = cluster.pods[uid]
        release(cluster, pod)
        cluster.drop(pod)


def take_down(cluster: Cluster, uid: str) -> Story:
    """The pod terminates, and is gone once its containers have ended."""
    pod = alive(cluster, uid)
    if pod is None:
        return
    release(cluster, pod)
    cluster.put(pods.terminating(pod))
    yield cluster.rng.uniform(1.0, 4.0)
    forget(cluster, uid)


def replace_pod(cluster: Cluster, workload: Workload, uid: str) -> Story:
    """One pod of the workload gives way to a new one, in the order that its kind keeps."""
    old = alive(cluster, uid)
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


def roll(cluster: Cluster, life: Life, workload: Workload, *, pace: Pace = "budget") -> None:
    """Begin to replace every pod of the workload by one of a new revision.

    A Deployment replaces a quarter of them at a time, the others one by one, a StatefulSet from the last.
    """
    workload.revise(cluster.rng)
    uids = list(workload.pods)
    if workload.kind == "StatefulSet":
        uids.sort(key=lambda uid: -int(cluster.pods[uid].name.rpartition("-")[2]))
    count = max(1, len(uids) // 4) if workload.kind == "Deployment" else 1
    for number in range(count):
        workload.lanes += 1
        cluster.lanes += 1
        life.begin(_lane(cluster, workload, uids[number::count]), after=0.3 * number, pace=pace)


def _lane(cluster: Cluster, workload: Workload, uids: list[str]) -> Story:
    revision = workload.revision
    for uid in uids:
        if workload.revision != revision:
            break  # a later rollout replaces them all
        yield from replace_pod(cluster, workload, uid)
        yield 0.1
    workload.lanes -= 1
    cluster.lanes -= 1
