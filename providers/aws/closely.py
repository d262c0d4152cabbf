"""Single instances that are looked at often, until their state has settled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from providers.aws.questions import Questions
from providers.aws.timing import Timing
from providers.contract import Problem
from providers.model import Instance

SETTLED = ("running", "stopped", "terminated")
_BELIEVED = 3
"""Looks that find the state as it was before it is believed: EC2 says the old one for a while."""

Take = Callable[[list[Instance], float], Awaitable[None]]
"""Instances as they are, and when they were asked for (the loop's time)."""


class _Watch:
    """One instance: until when it is looked at, how often it was, and what is expected of it."""

    def __init__(self, until: float, before: str, expected: str) -> None:
        self.until, self.before, self.expected = until, before, expected
        self.looks = 0

    def is_over(self, state: str | None) -> bool:
        """Whether this look was the last. None: it is not there."""
        self.looks += 1
        if state is None:
            return self.looks >= _BELIEVED
        news = state == self.expected or state != self.before
        return state in SETTLED and (news or self.looks >= _BELIEVED)


class Closely:
    """One request each time for all that are watched."""

    def __init__(self, questions: Questions, take: Take, timing: Timing) -> None:
        self._questions, self._take, self._timing = questions, take, timing
        self._watched: dict[str, _Watch] = {}
        self._more = asyncio.Event()

    def watch(self, uid: str, before: str, expected: str = "") -> None:
        """Begin with that one, which was in the state `before`, or go on for longer."""
        until = asyncio.get_running_loop().time() + self._timing.closely_for
        self._watched[uid] = _Watch(until, before, expected)
        self._more.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._watched:
                await self._look()
                if self._watched:
                    await asyncio.sleep(self._timing.closely)

    async def _look(self) -> None:
        watched, asked = dict(self._watched), asyncio.get_running_loop().time()
        try:
            found = await self._questions.some(watched)
        except Problem as problem:
            over = [uid for uid, watch in watched.items() if problem.state == "denied" or watch.until < asked]
        else:
            await self._take(found, asked)
            states = {each.uid: each.state for each in found}
            over = [
                uid for uid, watch in watched.items() if watch.is_over(states.get(uid)) or watch.until < asked
            ]
        for uid in over:
            if self._watched.get(uid) is watched[uid]:
                del self._watched[uid]
