"""How hard an account is asked: calls are counted, paced, and slowed where a region says it is too much.

Paced calls, of all regions of the account together, are at most `per_minute` in any minute. The first of all
are made at once, so that the first picture is not delayed, and from then on no more than a part of them. A
region that throttles waits by itself. What a person does, rehearsals and all of SQS are counted in what is
shown and never wait, so that it can be more than the limit. Where the limit is reached, what matters more
goes first.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

from providers.aws.troubles import Throttled
from providers.contract import Problem
from providers.model import Budget

MINUTE = 60.0
BURST = 1 / 6
"""Of a minute's calls and of a minute: no more than that part is made in that part of it."""
FIRST, LONGEST = 1.0, 60.0
"""Seconds: the most that a region waits after the first answer that it is asked too often, and after many."""

AHEAD = 300.0
"""Seconds that calls about instances go before all others that wait: those wait no longer for them."""

Sleep = Callable[[float], Awaitable[None]]


class Urgency(IntEnum):
    """What goes first where the budget is spent; among equals, what came first."""

    ACTED = 0
    """To see what became of what a person did. It never waits for the budget, and the others make room."""
    INSTANCES = 1
    REST = 2


@dataclass
class Wait:
    """How long the calls of one task have waited for the budget."""

    limit: int = 0
    """The budget's calls a minute, 0 before any had to wait."""
    since: float | None = None
    """When the one that waits now began to, by the pace's clock."""
    spent: float = 0.0
    """Seconds, of all that do not wait any more."""

    def so_far(self, now: float) -> float:
        """All of it, in seconds."""
        return self.spent + (now - self.since if self.since is not None else 0.0)


waiting: ContextVar[Wait | None] = ContextVar("waiting", default=None)
"""Where a task that wants to know has it written down."""


class Pace:
    """The calls of one account, in all its regions."""

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
        self._burst = math.ceil(self._per_minute * BURST)
        self._queue = list[tuple[float, int, asyncio.Future[None]]]()
        self._numbers = count()
        self._giving: asyncio.Task[None] | None = None
        self._paced: deque[float] = deque(maxlen=self._per_minute)
        self._calls: deque[float] = deque()
        self._throttled: deque[float] = deque()
        self._regions: dict[str, _Region] = {}

    async def admit(self, region: str, urgency: Urgency = Urgency.REST) -> None:
        """Wait until one more call may be made there, and count it."""
        while (wait := self._region(region).until - self._clock()) > 0:
            await self._sleep(wait)
        if urgency is Urgency.ACTED or (not self._queue and self._next() <= self._clock()):
            self._admitted()
        else:
            await self._turn(urgency)

    def count(self) -> None:
        """A call is made without waiting: one that a person asked for, or one to a queue."""
        self._calls.append(self._clock())

    def note(self, region: str, problem: Problem) -> None:
        """Learn from a call that failed: one that was throttled slows its region down."""
        if not isinstance(problem, Throttled):
            return
        now = self._clock()
        self._throttled.append(now)
        self._region(region).slow_down(now, self._draw())

    def answered(self, region: str) -> None:
        """Learn from a call that went well: its region may be asked more freely again, step by step."""
        self._region(region).recover()

    @property
    def spent(self) -> Budget:
        """How it stands now."""
        since = self._clock() - MINUTE
        for times in (self._calls, self._throttled):
            while times and times[0] <= since:
                times.popleft()
        return Budget(calls=len(self._calls), limit=self._per_minute, throttled=len(self._throttled))

    # ---- the queue -----------------------------------------------------------------------------------

    async def _turn(self, urgency: Urgency) -> None:
        """Wait in the queue, and say so."""
        now, turn = self._clock(), asyncio.get_running_loop().create_future()
        place = (now + (AHEAD if urgency is Urgency.REST else 0.0), next(self._numbers), turn)
        heapq.heappush(self._queue, place)
        if self._giving is None:
            self._giving = asyncio.create_task(self._give())
        wait = waiting.get() or Wait()
        wait.limit, wait.since = self._per_minute, now
        try:
            await turn
        finally:
            wait.since, wait.spent = None, wait.spent + self._clock() - now
            if turn.cancelled():
                self._leave(place)

    def _leave(self, place: tuple[float, int, asyncio.Future[None]]) -> None:
        """It is given up."""
        if place in self._queue:
            self._queue.remove(place)
            heapq.heapify(self._queue)
        if not self._queue and self._giving is not None:
            self._giving.cancel()
            self._giving = None

    async def _give(self) -> None:
        """Let them go one by one, until none is left."""
        while self._queue:
            if (wait := self._next() - self._clock()) > 0:
                await self._sleep(wait)
                continue
            turn = heapq.heappop(self._queue)[2]
            if not turn.done():
                self._admitted()
                turn.set_result(None)
        self._giving = None

    def _admitted(self) -> None:
        self._paced.append(self._clock())
        self.count()

    def _next(self) -> float:
        """When one more may be made."""
        paced = self._paced
        if len(paced) < self._per_minute:
            return 0.0
        return max(paced[0] + MINUTE, paced[-self._burst] + MINUTE * BURST)

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
