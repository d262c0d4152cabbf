"""A container that ends: once and is well again, killed for its memory, or over and over."""

from __future__ import annotations

from itertools import count

from providers.demo import pods
from providers.demo.life import Life, Story
from providers.demo.stories.choice import well_pod
from providers.demo.stories.rollout import alive
from providers.demo.world import Cluster

_LONGEST = 40
"""Seconds; the kubelet goes up to five minutes, which nobody would wait for here."""


def crash_loop(cluster: Cluster, life: Life) -> Story | None:
    """A pod begins to crash, and after six times is well again."""
    pod = well_pod(cluster)
    return None if pod is None else crashing(cluster, pod.uid, 6)


def out_of_memory(cluster: Cluster, life: Life) -> Story | None:
    """A container is killed for its memory, and restarted at once."""
    pod = well_pod(cluster)
    return None if pod is None else once(cluster, pod.uid, "OOMKilled")


def once(cluster: Cluster, uid: str, status: str = "Error") -> Story:
    """A container of the pod ends with that status, and is well after its restart."""
    if pod := alive(cluster, uid):
        cluster.put(pods.failed(pod, status))
        yield cluster.rng.uniform(1.0, 2.0)
    yield from _restart(cluster, uid)


def crashing(cluster: Cluster, uid: str, times: int | None = None) -> Story:
    """A container of the pod ends again and again: Error, CrashLoopBackOff, Running; for ever with None."""
    laps = range(times) if times is not None else count()
    for lap in laps:
        pod = alive(cluster, uid)
        if pod is None:
            return
        cluster.put(pods.failed(pod))
        yield 1.0
        if pod := alive(cluster, uid):
            pause = min(10 << min(lap, 8), _LONGEST)
            cluster.put(pods.backing_off(pod, pause))
            yield pause
        yield from _restart(cluster, uid)
        yield cluster.rng.uniform(2.0, 5.0)


def _restart(cluster: Cluster, uid: str) -> Story:
    if pod := alive(cluster, uid):
        again = pods.restarted(pod, float(int(cluster.now())))
        cluster.put(pods.running(again, ready=pod.containers - 1))
        yield cluster.rng.uniform(1.0, 3.0)
    if pod := alive(cluster, uid):
        cluster.put(pods.running(pod))
