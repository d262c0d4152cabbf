"""One question, asked again and again: when, how it stands, and what is done about a failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from providers.aws.budget import Wait, waiting
from providers.aws.timing import Timing
from providers.aws.troubles import Throttled
from providers.contract import Problem
from providers.model import State

_SPENT = "name fewer regions, or raise calls_per_minute in [providers.aws]"

log = logging.getLogger(__name__)

Ask = Callable[[], Awaitable[bool]]
"""Puts what it finds into the stream; whether there was any reason to ask at all. Raises Problem."""


class Poll:
    """Asks until it is cancelled. What fails is its own affair: the last answer stays, and it says why."""

    def __init__(
        self,
        name: str,
        ask: Ask,
        every: Callable[[], float],
        timing: Timing,
        changed: Callable[[], Awaitable[None]],
        *,
        actions: Sequence[str],
        essential: bool = True,
    ) -> None:
        """`changed` is called after each attempt."""
        self.name = name
        """What it asks about, in a word for people: "checks"."""
        self.actions = tuple(actions)
        """What must be allowed for it."""
        self.essential = essential
        """False: without it only some fields are unknown."""
        self.asked = False
        """There has been a reason to ask."""
        self.state: State = "connecting"
        self.problem: Problem | None = None
        self.paced: Problem | None = None
        """What the account's budget does to it, where that can be noticed. It is in no trouble for that."""
        self.tried = asyncio.Event()
        """It has been answered or has failed at least once."""
        self.whole = False
        """It has been answered in full."""
        self._ask, self._every, self._timing, self._changed = ask, every, timing, changed
        self._wake = asyncio.Event()
        self._failures = 0
        self._heard = 0.0
        self._wait = Wait()

    async def run(self, after: asyncio.Event | None = None) -> None:
        """For ever; first when that has happened."""
        if after is not None:
            await after.wait()
        waiting.set(self._wait)
        self._heard = self._now()
        while True:
            self._wake.clear()
            pause = await self._once()
            self.tried.set()
            await self._changed()
            await self._rest(pause)

    def now(self) -> None:
        """Do not wait any longer: ask at once."""
        self._wake.set()

    async def loading(self) -> None:
        """A part of the first answer is there."""
        if not self.whole and self.state != "loading":
            self.state, self.problem = "loading", None
            await self._changed()

    async def look(self) -> None:
        """Say when the answer is overdue, or waits for the account's budget. Called now and then."""
        before, late = (self.state, self.paced), self._now() - self._heard
        if self._wait.since is not None:
            self._waits(late)
        if self.state == "live" and late > 2 * self._every() + self._timing.silence:
            self.state = "lagging"
            self.problem = Problem(f"{self.name}: no answer for {late:.0f} s", "it is still being asked")
        if before != (self.state, self.paced):
            await self._changed()

    def _waits(self, late: float) -> None:
        """Its next call waits for the budget, with the last answer so long ago."""
        if self.state in ("live", "lagging") and self.whole:
            if late > 2 * self._every() and self.paced is None:
                self.paced = self._asked_every(late)
        elif self.paced is None:
            self.paced = Problem(
                f"{self.name}: waiting for the API budget of {self._wait.limit} calls a minute", _SPENT
            )

    def _asked_every(self, seconds: float) -> Problem:
        spent = f"the budget of {self._wait.limit} calls a minute is spent"
        return Problem(f"{self.name}: asked every {round(seconds, -1):.0f} s: {spent}", _SPENT)

    # ---- one attempt ---------------------------------------------------------------------------------

    async def _once(self) -> float:
        """Ask; the seconds until the next time."""
        waited = self._wait.spent
        try:
            self.asked = await self._ask() or self.asked
        except Problem as problem:
            return self._failed(problem)
        except Exception as error:  # an answer that nobody foresaw must not cost the other questions
            log.exception("%s", self.name)
            return self._failed(Problem(f"{self.name}: an answer that is not understood: {error!r}"))
        apart, waited = self._now() - self._heard, self._wait.spent - waited
        self.paced = self._asked_every(apart) if waited > self._every() and self.whole else None
        self.state, self.problem, self.whole = "live", None, True
        self._failures = 0
        self._heard = self._now()
        timing = self._timing
        return self._every() * (1 + timing.jitter * (2 * timing.random() - 1))

    def _failed(self, problem: Problem) -> float:
        self.problem, self.paced = problem, None
        timing, self._failures = self._timing, self._failures + 1
        if problem.state == "denied":
            self.state = "denied"
            return timing.denied * (1 + timing.jitter * (2 * timing.random() - 1))
        if not isinstance(problem, Throttled):
            self.state = "lost"
        elif self.whole or self._failures > 1:
            self.state = "lagging"
        longest = min(timing.longest, timing.first * 2.0 ** min(self._failures - 1, 16))
        return longest * (0.1 + 0.9 * timing.random())

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
