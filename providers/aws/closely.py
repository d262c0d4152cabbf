"""Single instances that are looked at often, until their state has settled."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from providers.aws.budget import Urgency
from providers.aws.questions import FILTER_VALUES, Questions
from providers.aws.timing import Timing
from providers.contract import Problem
from providers.model import Instance

SETTLED = ("running", "stopped", "terminated")
_BELIEVED = 3
"""Looks that find the state as it was before it is believed: EC2 says the old one for a while."""
_SOON = 4
"""Looks at what was pushed that may follow each other before they have to keep apart."""

Take = Callable[[list[Instance], float], Awaitable[None]]
"""Instances as they are, and when they were asked for (the loop's time)."""


@dataclass(eq=False)
class _Watch:
    """One instance that is looked at. Times are the loop's."""

    before: str
    expected: str
    """Its state as it was, and as it will be if that is known."""
    due: float
    until: float
    pause: float
    longest: float
    """Seconds to the look after the next one, and the most that they become."""
    looks: int = 0

    def is_over(self, state: str | None) -> bool:
        """Whether this look was the last. None: it is not there."""
        self.looks += 1
        if state is None:
            return self.looks >= _BELIEVED
        news = state == self.expected or state != self.before
        return state in SETTLED and (news or self.looks >= _BELIEVED)

    def later(self, now: float) -> None:
        """Look again, and after twice as long the time after, unless that is too long."""
        self.due = now + self.pause
        self.pause = min(2 * self.pause, self.longest)


class Closely:
    """One request each time for all that are due.

    What was acted on is looked at every so often. Of what was pushed the state is known: the rest is looked
    for once soon and then ever more rarely, and however much is pushed, the region's calls are for its polls.
    """

    def __init__(self, questions: Questions, take: Take, timing: Timing) -> None:
        self._questions, self._take, self._timing = questions, take, timing
        self._acted: dict[str, _Watch] = {}
        self._pushed: dict[str, _Watch] = {}
        self._spent = 0.0
        """When the looks at what was pushed would be over, were they as far apart as they should be."""
        self._more = asyncio.Event()

    def acted(self, uid: str, before: str) -> None:
        """Something was done to that one, which was in the state `before`."""
        every = self._timing.closely
        self._acted[uid] = self._watch(before, "", 0.0, longest=every)
        self._pushed.pop(uid, None)
        self._more.set()

    def pushed(self, uid: str, before: str, expected: str) -> None:
        """That one, which was in the state `before`, was said to have changed to another."""
        if (acted := self._acted.get(uid)) is not None:
            acted.before, acted.expected = before, expected
            return
        timing = self._timing
        self._pushed[uid] = self._watch(before, expected, timing.closely, longest=timing.closely_pushed)
        self._more.set()

    def _watch(self, before: str, expected: str, wait: float, *, longest: float) -> _Watch:
        timing, now = self._timing, asyncio.get_running_loop().time()
        return _Watch(before, expected, now + wait, now + timing.closely_for, timing.closely, longest)

    async def run(self) -> None:
        """For ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._more.clear()
            wait = min(_first(self._acted), max(_first(self._pushed), self._free())) - loop.time()
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait if wait < math.inf else None):
                        await self._more.wait()
                continue
            await self._look(self._chosen(loop.time()))

    def _free(self) -> float:
        """When what was pushed may be looked at next."""
        return self._spent - (_SOON - 1) * self._timing.closely_apart

    def _chosen(self, now: float) -> dict[str, _Watch]:
        chosen = {uid: watch for uid, watch in self._acted.items() if watch.due <= now}
        if max(_first(self._pushed), self._free()) <= now:
            oldest = sorted(self._pushed.items(), key=lambda pushed: pushed[1].due)
            # What would be due before the next look can be comes along, as much as one request holds.
            near = now + self._timing.closely
            chosen |= {uid: watch for uid, watch in oldest[:FILTER_VALUES] if watch.due < near}
            self._spent = max(self._spent, now) + self._timing.closely_apart
        return chosen

    async def _look(self, chosen: dict[str, _Watch]) -> None:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            acted = any(uid in self._acted for uid in chosen)
            found = await self._questions.some(chosen, Urgency.ACTED if acted else Urgency.INSTANCES)
        except Problem as problem:
            over = chosen.keys() if problem.state == "denied" else set[str]()
        else:
            await self._take(found, asked)
            states = {each.uid: each.state for each in found}
            over = {uid for uid, watch in chosen.items() if watch.is_over(states.get(uid))}
        self._end(chosen, {*over, *(uid for uid, watch in chosen.items() if watch.until < asked)})
        for watch in chosen.values():
            watch.later(loop.time())

    def _end(self, chosen: dict[str, _Watch], over: Iterable[str]) -> None:
        """Those are over, but for what was begun anew meanwhile."""
        for uid in over:
            for watched in (self._acted, self._pushed):
                if watched.get(uid) is chosen[uid]:
                    del watched[uid]


def _first(watched: dict[str, _Watch]) -> float:
    return min((watch.due for watch in watched.values()), default=math.inf)
