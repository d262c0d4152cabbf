"""Time in the simulated fleet: the wall's, one that stands still, and one that a test moves."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol

FROZEN_NOW = 1_768_443_247.0
"""When a frozen fleet is seen, unless it is told: 2026-01-15 02:14:07 UTC."""


class Clock(Protocol):
    """Seconds since the epoch, and calls at a later time."""

    def now(self) -> float: ...

    def call_later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Calls once, `seconds` from now; the returned function takes that back."""


class WallClock:
    """The wall's time, shifted so that it starts at `start` when that is given."""

    def __init__(self, start: float | None = None) -> None:
        self._shift = 0.0 if start is None else start - time.time()

    def now(self) -> float:
        return time.time() + self._shift

    def call_later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(seconds, call).cancel


class FrozenClock:
    """Always the same moment; nothing comes later."""

    def __init__(self, now: float = FROZEN_NOW) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


class ManualClock:
    """Moves only when it is told to."""

    def __init__(self, now: float = FROZEN_NOW) -> None:
        self._now = now
        self._order = 0
        self._calls: list[tuple[float, int, Callable[[], None]]] = []
        self._taken_back: set[int] = set()

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        self._order += 1
        order = self._order
        heapq.heappush(self._calls, (self._now + seconds, order, call))
        return lambda: self._taken_back.add(order)

    def advance(self, seconds: float) -> None:
        """Moves time on and makes the calls that fall due, in their order."""
        target = self._now + seconds
        while self._calls and self._calls[0][0] <= target:
            self._now, order, call = heapq.heappop(self._calls)
            if order not in self._taken_back:
                call()
            self._taken_back.discard(order)
        self._now = target
