"""What a cluster's days are made of: rollouts and hiccups as the rate asks for, and trouble in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from providers.demo import names, pods
from providers.demo.life import Life, Story
from providers.demo.stories.choice import steady_workload, well_pod
from providers.demo.stories.crash import crash_loop, crashing, once, out_of_memory
from providers.demo.stories.disk import full_disk
from providers.demo.stories.image import bad_image
from providers.demo.stories.job import job_run
from providers.demo.stories.outage import unreachable
from providers.demo.stories.rollout import alive, roll
from providers.demo.stories.room import too_big
from providers.demo.stories.spot import reclaimed, renew
from providers.demo.world import Cluster

Trouble = Callable[[Cluster, Life], Story | None]

_TURNS: Sequence[Sequence[Trouble]] = (
    (crash_loop, bad_image, too_big, job_run, full_disk, out_of_memory, reclaimed),
    (reclaimed, out_of_memory, bad_image, job_run, crash_loop, full_disk, too_big),
    (full_disk, job_run, crash_loop, reclaimed, too_big, out_of_memory, bad_image),
)
"""What befalls the first, second and third cluster, over and over; the fourth is like the first."""
_LANE_RATE = 0.8
"""Changes a second that one lane of a rollout makes."""
_ROLLING = 0.05
"""Of all pods, how many may be giving way at a time."""
_UNREADY = 0.2
"""Of all pods, how many may be unready at a time for no reason."""
_RESTARTS_APART = 12.0
"""Seconds between two restarts for no reason."""


class Days:
    """The routine of one cluster, and what interrupts it."""

    def __init__(self, cluster: Cluster, life: Life, number: int, *, outages: bool) -> None:
        """`number` says whose turn of troubles it is."""
        self._cluster = cluster
        self._life = life
        self._turns = _TURNS[number % len(_TURNS)]
        self._outages = outages
        self._last_restart = life.now

    def begin(self) -> None:
        """Set everything going; without a rate nothing is."""
        life, cluster = self._life, self._cluster
        if life.rate <= 0:
            return
        life.idle = self.hour
        life.begin(self._troubles(), after=cluster.rng.uniform(6, 14))
        for uid in self._crashing():
            life.begin(crashing(cluster, uid), after=cluster.rng.uniform(3, 30))
        for node in [node for node in cluster.nodes.values() if not node.ready]:
            life.begin(renew(cluster, life, node), after=25.0)
        if self._outages:
            life.begin(self._blackouts(), after=40.0, pace="clock")

    def hour(self) -> bool:
        """One thing of no consequence, while there is budget: a rollout, a restart, a hiccup."""
        cluster, life = self._cluster, self._life
        if cluster.lanes * _LANE_RATE < 0.8 * life.rate and cluster.lanes < len(cluster.pods) * _ROLLING:
            workload = steady_workload(cluster)
            if workload is not None:
                roll(cluster, life, workload)
                return True
        pod = well_pod(cluster)
        if pod is None:
            return False
        if life.now - self._last_restart > _RESTARTS_APART:
            self._last_restart = life.now
            life.begin(once(cluster, pod.uid))
            return True
        cluster.put(pods.unready(pod))
        longest = 2 * _UNREADY * len(cluster.pods) / life.rate
        life.begin(_recover(cluster, pod.uid), after=min(cluster.rng.uniform(1.5, 4.0), longest))
        return True

    def _crashing(self) -> list[str]:
        """The pods that crash from the start, as many as the rate has room for."""
        cluster = self._cluster
        ill = [
            workload
            for workload in cluster.roster()
            if (names.family(workload.namespace), workload.name) in names.CRASHING
        ]
        pods_of = (uid for workload in ill for uid in workload.pods)
        found = [uid for uid in pods_of if cluster.pods[uid].status == "CrashLoopBackOff"]
        return found[: max(1, int(3 * self._life.rate))]

    def _troubles(self) -> Story:
        while True:
            for trouble in self._turns:
                while self._life.budget < 0:
                    yield 1.0  # the last one is still being paid for
                story = trouble(self._cluster, self._life)
                if story is not None:
                    self._life.begin(story)
                    yield self._cluster.rng.uniform(15, 30)

    def _blackouts(self) -> Story:
        while True:
            yield from unreachable(self._cluster)
            yield self._cluster.rng.uniform(150, 240)


def _recover(cluster: Cluster, uid: str) -> Story:
    pod = alive(cluster, uid)
    if pod is not None and pod.status == "Running":
        cluster.put(pods.running(pod))
    yield from ()
