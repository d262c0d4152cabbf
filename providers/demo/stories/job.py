"""A job runs: its pod comes, works, is completed, and is cleared away."""

from __future__ import annotations

from providers.demo import pods
from providers.demo.life import Life, Story
from providers.demo.stories.rollout import alive, create, forget, start
from providers.demo.workload import Workload
from providers.demo.world import Cluster


def job_run(cluster: Cluster, life: Life) -> Story | None:
    """A job with one pod."""
    number = int(cluster.now() // 60)
    workload = Workload("Job", "reports", f"hourly-{number}", cluster.rng, replicas=1, containers=1)
    return None if workload.key in cluster.workloads else _run(cluster, workload)


def _run(cluster: Cluster, workload: Workload) -> Story:
    cluster.enlist(workload)
    uid = create(cluster, workload)
    yield 0.4
    if node := cluster.find_room():
        yield from start(cluster, uid, node)
    yield cluster.rng.uniform(8, 20)
    if (pod := alive(cluster, uid)) and pod.status == "Running":
        cluster.put(pods.completed(pod))
    yield 60.0
    forget(cluster, uid)
    cluster.dismiss(workload)
