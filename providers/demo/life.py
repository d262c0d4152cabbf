"""What happens next in a cluster: stories told step by step, at a number of changes a second.

A story is a generator: it changes the cluster, yields how many seconds to wait, and goes on. Life tells
the ones that are due in ticks of TICK seconds, which are the same whoever looks and however late: the same
seed makes the same changes in the same order. A budget of changes fills at the rate; ordinary stories may
overdraw it a little, so that trouble comes in a burst, and are then told more slowly. What a person
asked for is told on time whatever the budget.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Literal

from providers.demo.world import Cluster

TICK = 0.1
"""Seconds."""
_BEHIND_AT_MOST = 5.0
"""Seconds that are caught up with; a longer pause (a laptop that slept) is skipped."""

Story = Iterator[float]
Pace = Literal["budget", "clock", "person"]
"""As the budget allows; on time; on time and at once where time stands still."""
_Entry = tuple[int, int, Pace, Story]
"""The tick it goes on at, its place among those of that tick, its pace, and itself."""


class Life:
    """The stories of one cluster, by when they go on."""

    def __init__(self, cluster: Cluster, rate: float, origin: float) -> None:
        self.cluster = cluster
        self.rate = rate
        """Changes a second."""
        self.budget = 0.0
        self.overdraft = max(40.0, rate * TICK)
        self.idle: Callable[[], bool] = lambda: False
        """Called while there is budget and nothing is due: makes a change or begins a story, and says
        whether it found anything to do."""
        self._origin = origin
        self._tick = 0
        self._order = 0
        self._asked = False
        self._due: list[_Entry] = []

    @property
    def now(self) -> float:
        """Seconds since the epoch, at the tick that is being told."""
        return self._origin + self._tick * TICK

    def begin(self, story: Story, after: float = 0.0, *, pace: Pace = "budget") -> None:
        """Tell a story from `after` seconds on. What a person's story begins is the person's too."""
        self._order += 1
        at = self._tick + 1 + round(after / TICK)
        heapq.heappush(self._due, (at, self._order, "person" if self._asked else pace, story))

    def advance(self, now: float) -> None:
        """Live up to that time, in seconds since the epoch."""
        if abs(now - self.now) > _BEHIND_AT_MOST:
            self._origin = now - _BEHIND_AT_MOST - self._tick * TICK
        while self.now + TICK <= now + 1e-3:
            self.tick()

    def tick(self) -> None:
        """Live for TICK seconds."""
        self._tick += 1
        self.budget += self.rate * TICK
        self._tell_due()
        while self.budget >= 1:
            before = self.cluster.changes
            if not self.idle():
                self.budget = min(self.budget, 1.0 + self.rate)
                break
            self.budget -= self.cluster.changes - before

    def hurry(self, seconds: float) -> None:
        """Tell what a person asked for without time passing, up to what would happen in `seconds`."""
        stop = self._tick + round(seconds / TICK)
        while asked := [entry for entry in self._due if entry[2] == "person" and entry[0] <= stop]:
            entry = min(asked)
            self._due.remove(entry)
            heapq.heapify(self._due)
            self._tell(entry)

    def seconds_to_next(self) -> float:
        """How long nothing can happen, at least: 0 while it may at the next tick, at most 5 s."""
        waits = [50.0]
        if self._due:
            waits.append(self._due[0][0] - self._tick)
        if self.rate > 0:
            waits.append((1 - self.budget) / (self.rate * TICK))
        return max(0.0, min(waits) * TICK)

    def _tell_due(self) -> None:
        waiting: list[_Entry] = []
        while self._due and self._due[0][0] <= self._tick:
            entry = heapq.heappop(self._due)
            if entry[2] != "budget" or self.budget > -self.overdraft:
                self._tell(entry)
            else:
                waiting.append(entry)
        for entry in waiting:
            heapq.heappush(self._due, entry)

    def _tell(self, entry: _Entry) -> None:
        at, _, pace, story = entry
        before = self.cluster.changes
        self._asked = pace == "person"
        wait = next(story, None)
        self._asked = False
        if pace != "person":
            self.budget -= self.cluster.changes - before
        if wait is not None:
            self._order += 1
            again = max(at, self._tick) + max(1, round(wait / TICK))
            heapq.heappush(self._due, (again, self._order, pace, story))
