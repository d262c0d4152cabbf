"""The list/watch machine: one collection of one kind, kept equal to what the server has.

What is given out is, at one version, exactly what the server had, then every change after it, in order.
An error never leaves half a list applied; what was deleted while disconnected is found; nothing goes back
in time unless the server forces it. The anchor is client-go's Reflector; where this one differs, the
reason stands beside it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes.api import Api, Expired, is_expired, retry_after, status_of
from providers.kubernetes.changes import Changes
from providers.kubernetes.decode import Codec
from providers.kubernetes.known import Known
from providers.kubernetes.lines import Lines
from providers.kubernetes.listing import Listing
from providers.kubernetes.reports import Put, Reports
from providers.kubernetes.timing import Backoff, Timing
from providers.model import Began, Complete, Deletes, Health, Heard, Object, Upserts

FLOOD = 32 << 10
"""Bytes in a chunk: more is a list, less are changes."""


class Collection(Struct, frozen=True):
    """What is listed and watched: the path, and how to read it."""

    path: str
    codec: Codec[Any]
    where: str = "at the cluster scope"
    """As people say it, for messages."""


class NoStreamingList(Exception):
    """The server does not give the first list as a stream; pages will do."""


class Denied(Problem):
    """Refused to this identity."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, problem.remedy, state="denied")


class Reflector:
    """Runs until cancelled. `put` takes the batches and is the back-pressure.

    Began is sent once, Complete once, at the first whole list; from then on a relist sends only what
    differs. With `yields` a refusal ends run() with Denied instead of being looked at again later.
    """

    def __init__(
        self, api: Api, collection: Collection, put: Put, timing: Timing, *, yields: bool = False
    ) -> None:
        self.known = Known()
        self.collection = collection
        self._api, self._put, self._timing, self._yields = api, put, timing, yields
        self._codec = collection.codec
        self._reports = Reports(collection.codec.kind, put, timing.wall)
        self._backoff = Backoff(timing.random)
        self._must_list = True
        self._streams = True
        self._unlisted = 0
        self._lines = Lines()
        self._skipped = 0
        self._wake = asyncio.Event()
        self._reading: asyncio.Timeout | None = None
        self._kicked = False
        self._open = False
        self._silent = True
        """Not a byte has come on this watch …"""
        self._mute = 0
        """… nor on so many before it."""
        self._heard = 0.0
        self._taken = 0.0

    @property
    def health(self) -> Health:
        """As last said."""
        return self._reports.health

    @property
    def whole(self) -> bool:
        """The first list has been complete."""
        return self._reports.whole

    # ---- the loop ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """List and watch for ever."""
        self._heard = self._now()
        await self._put(Began(self._codec.kind))
        await self._reports.begin()
        while True:
            self._wake.clear()
            try:
                await self._round()
            except NoStreamingList:
                self._streams = False
            except Expired as problem:
                self._must_list = True
                await self._pause(self._backoff.at_once(self._now()), problem)
            except Problem as problem:
                await self._failed(problem)

    async def _round(self) -> None:
        """One list if there must be one, then one watch to its end."""
        streaming = self._must_list and self._streams and not self._reports.whole and not len(self.known)
        if self._must_list and not streaming:
            await self._list()
        await self._watch(initial=streaming)

    async def _failed(self, problem: Problem) -> None:
        refused = status_of(problem) == 403 or problem.state == "denied"
        if status_of(problem) == 403 and self._yields:
            raise Denied(problem) from None
        await self._reports.say("denied" if refused else "lost", problem.detail, problem.remedy)
        delay = self._timing.denied if refused else self._backoff.failed(self._now())
        await self._pause(max(delay, retry_after(problem)))

    async def _pause(self, seconds: float, why: Problem | None = None) -> None:
        """Wait, unless refresh() ends it."""
        if seconds <= 0:
            return
        if why is not None:
            await self._reports.say("lost", why.detail, why.remedy)
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    def refresh(self) -> None:
        """Connect anew at once: ends a wait, or a watch while it is only reading."""
        self._wake.set()
        if self._reading is not None and not self._reading.expired():
            self._kicked = True
            if self._reading.when() is not None:
                self._reading.reschedule(self._now())

    # ---- lists ---------------------------------------------------------------------------------------

    async def _list(self) -> None:
        """A list in pages. Once something complete is shown it is applied only when it is whole;
        before that its pages are shown as they come, as "loading"."""
        if not self._reports.whole:
            await self._reports.say("loading")
        listing = Listing(self._api, self.collection.path, self._codec)
        known, show = self.known, None if self._reports.whole else self._show_page
        found = await listing.fetch(known.version, known, show)
        self._skipped += found.skipped
        await self._show(found.objects)
        gone = known.sweep(found.seen)
        if gone:
            await self._put(Deletes(self._codec.kind, gone))
        await self._listed(found.version)

    async def _show_page(self, objects: list[Any]) -> None:
        self._touch()
        await self._show(objects)

    async def _show(self, shapes: list[Any]) -> None:
        for start in range(0, len(shapes), 500):
            made = (self._noted(each) for each in shapes[start : start + 500])
            if some := tuple(each for each in made if each is not None):
                await self._put(Upserts(some))

    def _noted(self, shape: Any) -> Object | None:
        """The object where it is news; it is known from then on."""
        if self.known.has(shape.metadata):
            return None
        made = self._codec.made(shape)
        if made is None:
            self._skipped += 1
        else:
            self.known.note(shape.metadata)
        return made

    async def _listed(self, version: str) -> None:
        self.known.version = version
        self._must_list = False
        self._touch()
        await self._reports.skipped(self._unreadable())
        if not self._reports.whole:
            self._reports.whole = True
            await self._put(Complete(self._codec.kind))
        await self._reports.say("live")

    # ---- watches -------------------------------------------------------------------------------------

    async def _watch(self, *, initial: bool) -> None:
        """One watch, until its server ends it. With `initial` it brings the first list before."""
        timing, started = self._timing, self._now()
        spread = timing.longest_watch - timing.shortest_watch
        seconds = int(timing.shortest_watch + spread * timing.random())
        self._kicked, self._open, self._silent = False, False, True
        self._lines = self._fresh_lines()
        limit = started + (timing.initial_total if initial else seconds + timing.grace)
        events = 0
        try:
            async with asyncio.timeout_at(started + timing.initial if initial else limit) as reading:
                self._reading = reading
                events = await self._read(reading, self._params(seconds, initial), limit, seconds)
        except TimeoutError:
            if initial and self._must_list and not self._kicked:
                raise NoStreamingList from None
            return  # It was ended here, not by its server: no reason to think ill of it.
        except Problem as problem:
            self._turned_down(problem, initial)
            raise
        finally:
            self._reading = None
        if self._kicked:
            return
        if initial and self._must_list:
            raise NoStreamingList
        await self._closed(events, self._now() - started)

    def _params(self, seconds: int, initial: bool) -> dict[str, str]:
        params = {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
        if initial:
            params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
            params["resourceVersion"] = ""
        else:
            params["resourceVersion"] = self.known.version
        return params

    def _turned_down(self, problem: Problem, initial: bool) -> None:
        """A streaming list that is refused or cut is tried as pages. No connection, or a refusal of the
        person or of the hour, is not about streaming."""
        answered = self._open or status_of(problem)
        if initial and self._must_list and answered and status_of(problem) not in (401, 403, 429):
            raise NoStreamingList from problem
        if not initial and not isinstance(problem, Expired) and is_expired(problem):
            raise Expired(problem.detail, problem.remedy) from problem
        if self._open and self._silent:
            # A watch from a version that the server has yet to reach brings nothing, not even a bookmark:
            # its store may have been put back from a backup. A list tells; once is enough.
            self._mute += 1
            self._must_list = self._must_list or self._mute == 2

    async def _read(
        self, reading: asyncio.Timeout, params: dict[str, str], limit: float, seconds: int
    ) -> int:
        """The number of events. While a batch waits to be taken no clock runs."""
        events, api, timing = 0, self._api, self._timing
        total = seconds + timing.grace
        async with api.stream(self.collection.path, params, sock_read=timing.silence, total=total) as chunks:
            initial = self._must_list
            await self._opened(initial)
            async for chunk in chunks:
                reading.reschedule(None)
                events += await self._chunk(chunk, initial)
                await self._linger(len(chunk))
                if self._kicked:
                    break
                if initial and not self._must_list:
                    initial, limit = False, self._now() + total
                idle = self._now() + timing.initial if initial else limit
                reading.reschedule(min(limit, idle))
        return events

    async def _linger(self, size: int) -> None:
        """Let chunks that come thick gather: a tenth of the batches, half the CPU. Where much comes at
        once it is for less long, before the buffers of the connection are full."""
        timing, before, self._taken = self._timing, self._taken, self._now()
        if self._taken - before < timing.thick:
            await asyncio.sleep(timing.linger_flood if size > FLOOD else timing.linger)
            self._taken = self._now()

    async def _opened(self, initial: bool) -> None:
        self._open = True
        self._touch()
        await self._reports.say("loading" if initial else "live")

    async def _closed(self, events: int, lasted: float) -> None:
        if self._lines.cut():
            self._skipped += 1
            await self._reports.skipped(self._unreadable())
        if not events and lasted < self._timing.short:
            self._must_list = True
            problem = Problem(f"{self.collection.path}: the server ended the watch at once")
            await self._pause(self._backoff.failed(self._now()), problem)

    async def _chunk(self, chunk: bytes, initial: bool) -> int:
        """Take in what a chunk completes; the number of events."""
        self._touch()
        self._silent, self._mute = False, 0
        if self.health.state == "lagging":
            await self._reports.say("live")
        lines = self._lines.feed(chunk)
        changes = Changes(self._codec, self.known, initial=initial)
        for line in lines:
            changes.take(line)
            if changes.broken is not None:
                break
        self._skipped += changes.skipped
        await self._give(changes)
        return len(lines)

    async def _give(self, changes: Changes) -> None:
        if changes.upserts:
            await self._put(Upserts(tuple(changes.upserts.values())))
        if changes.deletes:
            await self._put(Deletes(self._codec.kind, tuple(changes.deletes)))
        if changes.ended:
            await self._listed(self.known.version)
        elif changes.bookmarks and not changes.upserts and not changes.deletes:
            await self._put(Heard())
        await self._reports.skipped(self._unreadable())
        if changes.broken is not None:
            self._must_list = self._must_list or changes.relist
            raise changes.broken

    # ---- health --------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Say "lagging" when nothing was heard for too long. Called now and then."""
        silent = self._now() - self._heard
        if self.health.state == "live" and silent > self._timing.lagging:
            await self._reports.say(
                "lagging",
                f"{self._codec.kind}s: nothing heard for {silent:.0f} s",
                "what is shown may be old; ctrl-r reconnects",
                since=self._timing.wall() - silent,
            )

    def _unreadable(self) -> int:
        return self._skipped + self._unlisted + self._lines.too_long + self._codec.garbled

    def _fresh_lines(self) -> Lines:
        self._unlisted += self._lines.too_long
        return Lines(self._lines.limit)

    def _touch(self) -> None:
        self._heard = self._now()
        self._backoff.well(self._heard)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
