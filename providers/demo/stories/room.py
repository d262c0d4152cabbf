"""A job too big for any node: its pods stay Pending, until somebody gives up on it."""

from __future__ import annotations

from providers.demo import pods
from providers.demo.life import Life, Story
from providers.demo.stories.rollout import create, forget
from providers.demo.workload import Workload
from providers.demo.world import Cluster


def too_big(cluster: Cluster, life: Life) -> Story | None:
    """Some pods that fit nowhere appear, and are deleted after most of a minute."""
    number = cluster.rng.randrange(1000, 9999)
    name = f"backfill-{number}"
    workload = Workload("Job", "reports", name, cluster.rng, replicas=cluster.rng.randint(2, 4), containers=1)
    return None if workload.key in cluster.workloads else _hope(cluster, workload)


def _hope(cluster: Cluster, workload: Workload) -> Story:
    cluster.enlist(workload)
    uids = [create(cluster, workload) for _ in range(workload.replicas)]
    yield 0.3
    for uid in uids:
        if pod := cluster.pods.get(uid):
            cluster.put(pods.waiting(pod, cluster.no_room()))
    yield cluster.rng.uniform(35, 55)
    for uid in uids:
        forget(cluster, uid)
    cluster.dismiss(workload)
