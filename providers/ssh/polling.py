"""Hosts asked again and again: a few at once, out of step, and those in trouble less often."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from providers.model import Batch, Deletes, Heard, Kind, Object, Upserts, kind_of
from providers.sessions import Reach
from providers.ssh.asking import Answer, ask, failed, unasked
from providers.ssh.listing import Wanted

log = logging.getLogger(__name__)

AT_ONCE = 24
"""Hosts that are being asked at one time, by one source."""
FIRST_ROUND = 20.0
"""Seconds after which the first look counts as whole, whoever has not answered by then."""

_LONGEST = {"unreachable": 300.0, "refused": 1800.0, "unverified": 120.0, "unreadable": 1800.0}
"""Seconds to which the pauses of a host in that state grow: failed logins in a row lock accounts."""
_AT_LEAST = {"refused": 300.0}

Key = tuple[Kind, str]
"""An object's kind and uid."""


class Polling:
    """One life of a source's stream. close() ends it."""

    def __init__(
        self, reach: Reach, every: float, *, now: Callable[[], float] = time.time, at_once: int = AT_ONCE
    ) -> None:
        """`every`: seconds between two looks at a host that is well."""
        self._reach = reach
        self._every = every
        self._now = now
        self._slots = asyncio.Semaphore(at_once)
        self._known: dict[str, Answer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wakes: dict[str, asyncio.Event] = {}
        self._wanted: dict[str, Wanted] = {}
        self._unasked: set[str] = set()
        self._changed: dict[Key, Object] = {}
        self._gone: set[Key] = set()
        self._said: set[Key] = set()
        self._heard = False
        self._stirred = asyncio.Event()

    # ---- which ---------------------------------------------------------------------------------------

    def look_after(self, wanted: Sequence[Wanted]) -> None:
        """These, instead of those before; what is known of those that stay is kept."""
        now = {each.uid: each for each in wanted}
        for uid in [uid for uid, each in self._wanted.items() if now.get(uid) != each]:
            self._leave(uid, kept=uid in now)
        for uid, each in now.items():
            if uid not in self._wanted:
                self._take_up(uid, each)

    def wake(self, uid: str = "") -> None:
        """Ask that host at once, or all of them, whatever pause they are in."""
        for wake in [self._wakes[uid]] if uid in self._wakes else [] if uid else self._wakes.values():
            wake.set()

    def _take_up(self, uid: str, wanted: Wanted) -> None:
        self._wanted[uid] = wanted
        self._wakes[uid] = asyncio.Event()
        self._unasked.add(uid)
        self._put(uid, Answer(host=unasked(wanted)))
        self._tasks[uid] = asyncio.create_task(self._life(uid, wanted), name=f"host {uid}")

    def _leave(self, uid: str, *, kept: bool) -> None:
        """Ask it no more. Where another of its uid takes its place, only its units go."""
        self._tasks.pop(uid).cancel()
        del self._wanted[uid], self._wakes[uid]
        self._unasked.discard(uid)
        answer = self._known.pop(uid)
        for unit in answer.units:
            self._drop("unit", unit.uid)
        if not kept:
            self._drop("host", uid)

    # ---- one host ------------------------------------------------------------------------------------

    async def _life(self, uid: str, wanted: Wanted) -> None:
        wake, failures = self._wakes[uid], 0
        while True:
            wake.clear()
            async with self._slots:
                answer = await self._asked(wanted)
            self._answered(uid, answer)
            failures = 0 if answer.host.state == "up" else failures + 1
            try:
                async with asyncio.timeout(pause(answer.host.state, failures, self._every, random.random())):
                    await wake.wait()
            except TimeoutError:
                pass

    async def _asked(self, wanted: Wanted) -> Answer:
        before = self._known[wanted.uid]
        try:
            return await ask(self._reach, wanted, before, self._now)
        except Exception as error:  # a fault of ours: the others must not wait for it
            log.exception("host %s", wanted.uid)
            return failed(before, error, self._now())

    def _answered(self, uid: str, answer: Answer) -> None:
        self._unasked.discard(uid)
        self._heard = True
        self._put(uid, answer)
        self._stirred.set()

    def _put(self, uid: str, answer: Answer) -> None:
        before = self._known.get(uid)
        self._known[uid] = answer
        if before is None or before.host != answer.host:
            self._change(answer.host)
        units = {unit.uid: unit for unit in before.units} if before else {}
        for unit in answer.units:
            if units.pop(unit.uid, None) != unit:
                self._change(unit)
        for gone in units:
            self._drop("unit", gone)

    def _change(self, obj: Object) -> None:
        key = (kind_of(obj), obj.uid)
        self._gone.discard(key)
        self._changed[key] = obj
        self._stirred.set()

    def _drop(self, kind: Kind, uid: str) -> None:
        self._changed.pop((kind, uid), None)
        if (kind, uid) in self._said:
            self._gone.add((kind, uid))
            self._stirred.set()

    # ---- what is said --------------------------------------------------------------------------------

    def answers(self) -> Iterable[Answer]:
        """What is known of each host."""
        return self._known.values()

    def answer(self, uid: str) -> Answer | None:
        """What is known of that host."""
        return self._known.get(uid)

    async def first_round(self) -> AsyncIterator[Batch]:
        """Until every host was asked once, FIRST_ROUND seconds at most."""
        until = asyncio.get_running_loop().time() + FIRST_ROUND
        for batch in self._take():
            yield batch
        while self._unasked and (left := until - asyncio.get_running_loop().time()) > 0:
            for batch in await self.news(left):
                yield batch

    async def news(self, seconds: float) -> list[Batch]:
        """What is new since the last time; Heard when all is the same; nothing after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            return []
        return self._take()

    def _take(self) -> list[Batch]:
        self._stirred.clear()
        heard, self._heard = self._heard, False
        changed, self._changed = self._changed, {}
        gone, self._gone = self._gone, set()
        self._said = (self._said - gone) | changed.keys()
        batches: list[Batch] = [
            Deletes(kind, tuple(sorted(uid for of, uid in gone if of == kind)))
            for kind in sorted({kind for kind, _ in gone})
        ]
        if changed:
            batches.append(Upserts(tuple(changed.values())))
        return batches or ([Heard()] if heard else [])

    async def close(self) -> None:
        """Ask nobody any more."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def pause(state: str, failures: int, every: float, draw: float) -> float:
    """Seconds until a host is asked again; `draw` from 0 to 1 keeps them out of step.

    One that is up: `every`, 10 % more or less. One that was not for so many times: twice as long each time.
    """
    longest = _LONGEST.get(state)
    if longest is None:
        return every * (0.9 + 0.2 * draw)
    grown = every * 2.0 ** min(failures - 1, 10)
    return max(min(grown, longest), _AT_LEAST.get(state, 0.0)) * (0.8 + 0.4 * draw)
