"""How hard an account is asked: calls are counted, paced, and slowed where a region says it is too much.

Counted are the calls of the last minute. Paced they are by a bucket of tokens that all regions of the account
share: it holds a minute's worth at the start, so that the first picture is not delayed, and from then on so
many that in any minute no more than `per_minute` are made. A region that throttles waits by itself.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable

from providers.aws.failure import Throttled
from providers.contract import Problem
from providers.model import Budget

MINUTE = 60.0
BURST = 1 / 6
"""Of a minute's calls, how many may be made at once when it was quiet for a while; the rest trickles."""
FIRST, LONGEST = 1.0, 60.0
"""Seconds: the most that a region waits after the first answer that it is asked too often, and after many."""

Sleep = Callable[[float], Awaitable[None]]


class Pace:
    """The calls of one account, in all its regions. note() may be called from any thread."""

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._per_minute = max(1, per_minute)
        self._clock = clock
        self._sleep = sleep
        self._draw = draw
        self._tokens = float(self._per_minute)
        self._filled = clock()
        self._calls: deque[float] = deque()
        self._throttled: deque[float] = deque()
        self._regions: dict[str, _Region] = {}
        self._lock = threading.Lock()

    async def admit(self, region: str) -> None:
        """Wait until one more call may be made there, and count it."""
        while (wait := self._region(region).until - self._clock()) > 0:
            await self._sleep(wait)
        with self._lock:
            wait = self._take()
        try:
            if wait > 0:
                await self._sleep(wait)
        except BaseException:  # it is not made after all
            with self._lock:
                self._tokens += 1
            raise
        self.count()

    def count(self) -> None:
        """A call is made without waiting: one that a person asked for."""
        with self._lock:
            self._calls.append(self._clock())

    def note(self, region: str, problem: Problem) -> None:
        """Learn from a call that failed: one that was throttled slows its region down."""
        if not isinstance(problem, Throttled):
            return
        with self._lock:
            now = self._clock()
            self._throttled.append(now)
            self._region(region).slow_down(now, self._draw())

    def answered(self, region: str) -> None:
        """Learn from a call that went well: its region may be asked more freely again, step by step."""
        self._region(region).recover()

    @property
    def spent(self) -> Budget:
        """How it stands now."""
        with self._lock:
            since = self._clock() - MINUTE
            for times in (self._calls, self._throttled):
                while times and times[0] <= since:
                    times.popleft()
            return Budget(calls=len(self._calls), limit=self._per_minute, throttled=len(self._throttled))

    def _take(self) -> float:
        """Take a token, perhaps one that is only to come; the seconds until it does."""
        now = self._clock()
        rate = self._per_minute * (1 - BURST) / MINUTE
        if self._tokens < (most := max(1.0, self._per_minute * BURST)):
            self._tokens = min(most, self._tokens + (now - self._filled) * rate)
        self._filled = now
        self._tokens -= 1
        return -self._tokens / rate if self._tokens < 0 else 0.0

    def _region(self, name: str) -> _Region:
        return self._regions.setdefault(name, _Region())


class _Region:
    """How far one region is held back."""

    def __init__(self) -> None:
        self.until = 0.0
        self._level = 0

    def slow_down(self, now: float, draw: float) -> None:
        """Full jitter: anything up to a bound that doubles. Several that were under way count as one."""
        if now < self.until:
            return
        self.until = now + draw * min(LONGEST, FIRST * 2**self._level)
        self._level += 1

    def recover(self) -> None:
        self._level = max(0, self._level - 1)
