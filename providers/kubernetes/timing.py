"""When to try again, and how long anything may take."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from msgspec import Struct


class Timing(Struct, frozen=True, kw_only=True):
    """Every bound of the list/watch machine, in seconds. Elapsed time is the event loop's clock, which is
    monotonic; only what people read comes from `wall`."""

    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random
    shortest_watch: float = 300
    longest_watch: float = 600
    """A watch is asked to end after a random time between these: the server's load stays spread."""
    grace: float = 30
    """A watch that its server did not end by then is ended here."""
    silence: float = 90
    """No byte for this long ends a watch; servers send bookmarks about every 60 s."""
    lagging: float = 75
    """Not heard from for this long: what is shown may be old."""
    initial: float = 10
    """A streaming list that brings nothing for this long is given up for pages."""
    initial_total: float = 60
    """A streaming list that is not whole after this long, too: a server that does not know streaming
    lists sends changes for ever and no end."""
    short: float = 1
    """A watch that ends sooner without an event was no watch."""
    thick: float = 0.05
    """Chunks that follow one another within this are let gather …"""
    linger: float = 0.04
    """… for this long, well below what anybody sees …"""
    linger_flood: float = 0.01
    """… or for this long in a list: 10,000 pods by stream take 0.54 CPU s instead of 1.0."""
    denied: float = 300
    """Between looks at what was refused."""
    tick: float = 5
    """Between looks at the clocks."""
    jump: float = 15
    """Wall clock and monotonic clock apart by more than this: the machine slept, or its clock was set."""


class Backoff:
    """Delays of 0.8 s doubling to 30 s, with full jitter, from the start again after two minutes of
    health."""

    FIRST, LONGEST, HEALTHY = 0.8, 30.0, 120.0

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0
        self._well_since: float | None = None
        self._at_once = float("-inf")

    def well(self, now: float) -> None:
        """It works at this moment (monotonic seconds)."""
        if self._well_since is None:
            self._well_since = now

    def failed(self, now: float) -> float:
        """It failed at this moment; seconds to wait before the next try."""
        self._settle(now)
        self._failures += 1
        return self._jitter() * min(self.LONGEST, self.FIRST * 2.0 ** min(self._failures - 1, 16))

    def at_once(self, now: float) -> float:
        """As failed(), but without a wait unless this happened within the last half minute, too."""
        before, self._at_once = self._at_once, now
        return 0.0 if now - before >= self.LONGEST else self.failed(now)

    def _settle(self, now: float) -> None:
        if self._well_since is not None and now - self._well_since >= self.HEALTHY:
            self._failures = 0
        self._well_since = None
