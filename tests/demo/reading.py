"""A source being read while a test moves the clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Self

from providers.contract import Host, Source
from providers.demo.clock import ManualClock
from providers.demo.fleet import Fleet, Options
from providers.demo.provider import Demo
from providers.model import Batch, Deletes, Health, Kind, Node, Object, Pod, Ref, Upserts, kind_of

STEP = 0.1


class Reader:
    """Pulls a stream into a store, keeping every batch."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.batches: list[Batch] = []
        self.objects: dict[str, Object] = {}
        self.live = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        async with asyncio.timeout(10):
            await self.live.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        stream = self.source.stream()
        async for batch in stream:
            self.batches.append(batch)
            if isinstance(batch, Upserts):
                self.objects.update({obj.uid: obj for obj in batch.objects})
            elif isinstance(batch, Deletes):
                for uid in batch.uids:
                    self.objects.pop(uid, None)
            elif isinstance(batch, Health) and batch.state == "live":
                self.live.set()

    def of(self, kind: Kind) -> list[Any]:
        return [obj for obj in self.objects.values() if kind_of(obj) == kind]

    def node(self, status: str) -> Node:
        """The first node of that status."""
        return next(node for node in self.of("node") if node.status == status)

    def pod(self, namespace: str, name: str) -> Pod:
        """The first pod there whose name begins so."""
        return next(pod for pod in self.of("pod") if pod.namespace == namespace and pod.name.startswith(name))

    def ref(self, obj: Object) -> Ref:
        return Ref(self.source.info.name, kind_of(obj), obj.uid)


async def opened(
    clock: ManualClock | None = None, host: Host | None = None, **options: Any
) -> dict[str, Any]:
    """The sources of a fleet, by name."""
    sources = await Demo(clock).sources(Options(**options), host or Host())
    return {source.info.name: source for source in sources}


async def let_read() -> None:
    """Everyone who can go on does."""
    for _ in range(12):
        await asyncio.sleep(0)


async def pass_time(clock: ManualClock, seconds: float) -> None:
    for _ in range(round(seconds / STEP)):
        clock.advance(STEP)
        await let_read()


async def until_live(source: Source) -> list[Batch]:
    """Every batch of a stream up to its first being live."""
    batches = []
    stream: AsyncIterator[Batch] = source.stream()
    async with contextlib.aclosing(stream):  # type: ignore[type-var]
        async for batch in stream:
            batches.append(batch)
            if isinstance(batch, Health) and batch.state == "live" and not batch.kind:
                return batches
    raise AssertionError("the stream ended before it was live")


def grown(clock: ManualClock | None = None, **options: Any) -> Fleet:
    """A fleet with all its pods, without anyone streaming it."""
    fleet = Fleet(Options(**options), clock or ManualClock())
    for home in fleet.clusters:
        home.grow_machines()
        for _ in home.grow():
            pass
    return fleet


def live(fleet: Fleet, seconds: float) -> None:
    """Let a fleet on a manual clock live for so long."""
    assert isinstance(fleet.clock, ManualClock)
    for _ in range(round(seconds / STEP)):
        fleet.clock.advance(STEP)
        for home in fleet.clusters:
            home.advance()
