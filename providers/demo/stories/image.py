"""A rollout of an image that nobody pushed: its first pod never starts, and it is taken back."""

from __future__ import annotations

from providers.demo import pods
from providers.demo.life import Life, Story
from providers.demo.stories.choice import steady_workload
from providers.demo.stories.rollout import alive, create, take_down
from providers.demo.workload import Workload
from providers.demo.world import Cluster

_LAPS = 4


def bad_image(cluster: Cluster, life: Life) -> Story | None:
    """A Deployment is given an image that can't be pulled; the rollback comes after most of a minute."""
    workload = steady_workload(cluster)
    if workload is None or workload.kind != "Deployment":
        return None
    return _misroll(cluster, workload)


def _misroll(cluster: Cluster, workload: Workload) -> Story:
    good = (workload.owner, workload.labels, workload.template)
    workload.lanes += 1
    workload.revise(cluster.rng)
    revision = workload.revision
    uid = create(cluster, workload)
    yield 0.5
    yield from _pull(cluster, uid)
    if workload.revision == revision:  # nobody has rolled it since
        workload.owner, workload.labels, workload.template = good
    yield from take_down(cluster, uid)
    workload.lanes -= 1


def _pull(cluster: Cluster, uid: str) -> Story:
    node = cluster.find_room()
    pod = alive(cluster, uid)
    if pod is None or node is None:
        return
    cluster.put(pods.bound(pod, node.name))
    yield 2.0
    for lap in range(2 * _LAPS):
        pod = alive(cluster, uid)
        if pod is None:
            return
        cluster.put(pods.pull_failed(pod, pods.bad_image(pod), backing=lap % 2 == 1))
        yield 12.0 if lap % 2 else 2.0
