"""A source being followed: its stream pulled, its lists swept, its health told, its failures its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from providers.contract import GivesWay, Refreshes, Source
from providers.engine.failure import failure
from providers.engine.outbox import Outbox
from providers.engine.pauses import Pauses
from providers.engine.shelf import Shelf
from providers.engine.watchers import Watchers
from providers.model import (
    About,
    Batch,
    Began,
    Complete,
    Deletes,
    Health,
    Heard,
    Kind,
    Object,
    Ref,
    Schema,
    SourceInfo,
    State,
    Upserts,
    kind_of,
)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode

_AT_ONCE = 2000
"""Objects handled before others get their turn: about 4 ms."""
_TURN = 0.005
"""Seconds of work between two turns of the loop, for sources that always have something ready."""
_CLOSING = 0.7
_BEFORE_LOADING: frozenset[State] = frozenset(("connecting", "lost", "denied"))

Rest = Callable[[asyncio.Event, float], Awaitable[None]]


async def rest(wake: asyncio.Event, seconds: float) -> None:
    """Wait for the event, so many seconds at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


class Feed:
    """Follows one source from start() to stop(), starting its stream again whenever it ends."""

    def __init__(
        self,
        name: str,
        source: Source,
        outbox: Outbox,
        watchers: Watchers,
        *,
        pauses: Pauses | None = None,
        rest: Rest = rest,
        clock: Callable[[], float] = time.monotonic,
        give_way: Callable[[Feed, Sequence[Source]], None] = lambda feed, sources: None,
    ) -> None:
        """`give_way` is told when the source knows what takes its place; it is then not streamed again."""
        self.name = name
        self.source = source
        self.health = Health(state="connecting", since=time.time())
        """Of the source as a whole, as last told."""
        self._info = source.info
        self._outbox = outbox
        self._watchers = watchers
        self._pauses = pauses or Pauses()
        self._rest = rest
        self._clock = clock
        self._give_way = give_way
        self._wake = asyncio.Event()
        self._resting = False
        self._live_at: float | None = None
        self._speaks = False
        """The source tells its own health, so it is not derived from its lists."""
        self._shelves: dict[Kind, Shelf] = {}
        self._kind_health: dict[Kind, Health] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def info(self) -> SourceInfo:
        """The source, under the name that it has in this fleet."""
        return self._info if self._info.name == self.name else _renamed(self._info, self.name)

    # ---- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to follow it."""
        self._tell(About(self.info))
        self._tell(self.health)
        self._task = asyncio.create_task(self._run(), name=f"feed {self.name}")

    def refresh(self) -> None:
        """Connect anew at once, whatever it is doing; a source that does not know how is streamed again."""
        if self._resting:
            self._wake.set()
        elif isinstance(self.source, Refreshes):
            self.source.refresh()
        elif self._task is not None:
            self._task.cancel()
            self._task = asyncio.create_task(self._run(after=self._task), name=f"feed {self.name}")

    def complain(self, error: Exception) -> None:
        """Say that something else than its stream failed."""
        self._note(failure(self._info.provider, error))

    async def stop(self) -> None:
        """End it within a second, whether or not the source obeys."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_CLOSING)

    async def _run(self, after: asyncio.Task[None] | None = None) -> None:
        if after is not None:
            await asyncio.wait({after}, timeout=_CLOSING)
        while True:
            error = await self._followed()
            if error is None and isinstance(self.source, GivesWay) and (found := self.source.successors()):
                self._give_way(self, found)
                return
            pause = self._failed(error)
            self._wake.clear()
            self._resting = True
            await self._rest(self._wake, pause)
            self._resting = False

    async def _followed(self) -> Exception | None:
        """One life of the stream; what ended it, None when it just returned."""
        try:
            stream = self.source.stream()
            try:
                turn = self._clock()
                async for batch in stream:
                    await self._take(batch)
                    if self._clock() - turn > _TURN:
                        await asyncio.sleep(0)
                        turn = self._clock()
            finally:
                close = getattr(stream, "aclose", None)
                if close is not None:
                    await close()
        except Exception as error:  # a stranger's code: whatever it raises stays with this source
            return error
        return None

    def _failed(self, error: Exception | None) -> float:
        """Say what ended the stream; the seconds to wait before the next."""
        for shelf in self._shelves.values():
            shelf.broke()
        self._speaks = False
        healthy_for = self._clock() - self._live_at if self._live_at is not None else 0.0
        health = failure(self._info.provider, error)
        self._note(health)
        return self._pauses.denied() if health.state == "denied" else self._pauses.after(healthy_for)

    # ---- batches -------------------------------------------------------------------------------------

    async def _take(self, batch: Batch) -> None:
        if len(getattr(batch, "objects", ())) > _AT_ONCE:
            objects = batch.objects  # type: ignore[union-attr]
            for start in range(0, len(objects), _AT_ONCE):
                self._taken(Upserts(objects[start : start + _AT_ONCE]))
                await asyncio.sleep(0)
        else:
            self._taken(batch)

    def _taken(self, batch: Batch) -> None:
        _check(batch)
        match batch:
            case Upserts():
                self._upserts(batch.objects)
                self._answered()
            case Deletes():
                self._deletes(batch.kind, batch.uids)
                self._answered()
            case Began():
                self._shelf(batch.kind).begin()
                self._tell(batch)
            case Complete():
                self._answered()
                self._complete(batch)
            case Heard():
                self._answered()
            case Health():
                self._speaks = self._speaks or not batch.kind
                self._note(batch)
            case About():
                self._info = batch.info
                self._tell(About(self.info))
            case Schema():
                self._tell(batch)

    def _upserts(self, objects: Sequence[Object]) -> None:
        kind, shelf = "", Shelf()
        for obj in objects:
            of = kind_of(obj)
            if of != kind:
                kind, shelf = of, self._shelf(of)
            self._outbox.upsert(self.name, obj, new=shelf.put(obj.uid))
            if self._watchers:
                self._watchers.passed(Ref(self.name, kind, obj.uid), obj)
        if objects and not self._speaks and self.health.state in _BEFORE_LOADING:
            self._note(Health(state="loading", since=time.time()))

    def _deletes(self, kind: Kind, uids: Sequence[str]) -> None:
        if gone := self._shelf(kind).drop(uids):
            self._outbox.delete(self.name, kind, gone)
        if self._watchers:
            for uid in uids:
                self._watchers.passed(Ref(self.name, kind, uid), None)

    def _complete(self, batch: Complete) -> None:
        if missing := self._shelf(batch.kind).end():
            self._deletes(batch.kind, missing)
        self._tell(batch)
        if not self._speaks and self._all_complete():
            self._note(Health(state="live", since=time.time()))

    def _all_complete(self) -> bool:
        if any(shelf.listing for shelf in self._shelves.values()):
            return False
        return all(
            (kind in self._shelves and self._shelves[kind].complete) or kind in self._kind_health
            for kind in self._info.kinds
        )

    def _shelf(self, kind: Kind) -> Shelf:
        shelf = self._shelves.get(kind)
        if shelf is None:
            shelf = self._shelves[kind] = Shelf()
        return shelf

    # ---- health --------------------------------------------------------------------------------------

    def _answered(self) -> None:
        self._outbox.heard(self.name, time.time())

    def _note(self, health: Health) -> None:
        """Tell a health unless it says nothing new; one that only goes on keeps its beginning."""
        last = self._kind_health.get(health.kind) if health.kind else self.health
        if last is not None and last.state == health.state:
            health = msgspec.structs.replace(health, since=last.since)
            if health == last:
                return
        if health.kind:
            self._kind_health[health.kind] = health
        else:
            self.health = health
            self._live_at = (self._live_at or self._clock()) if health.state == "live" else None
        self._tell(health)

    def _tell(self, body: About | Health | Began | Complete | Schema) -> None:
        self._outbox.tell(self.name, body)


def _check(batch: Batch) -> None:
    """Raise unless the console could read it: what breaks its end would cost every other source too.

    Costs 2 µs an object.
    """
    if not isinstance(batch, Batch):
        raise TypeError(f"stream() yielded {type(batch).__name__}, which is no batch")
    _decode(_encode(batch))


def _renamed(info: SourceInfo, name: str) -> SourceInfo:
    return msgspec.structs.replace(info, name=name)
