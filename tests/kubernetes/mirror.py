"""A console in small: applies batches, and keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from providers.kubernetes import decode
from providers.kubernetes.reflector import Collection, Reflector
from providers.kubernetes.timing import Timing
from providers.model import (
    Batch,
    Began,
    Complete,
    Deletes,
    Health,
    Heard,
    Node,
    Object,
    Pod,
    Upserts,
    kind_of,
)

from .apiserver import ApiServer


class Mirror:
    """Objects by uid, as a consumer of the stream ends up with them."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.batches: list[Batch] = []
        self.health: dict[str, Health] = {}
        self.states: list[str] = []
        """Every state that a kind went through, in order."""
        self.complete: set[str] = set()
        self.least: int | None = None
        """The fewest objects held since it was complete first."""
        self._listed: dict[str, set[str]] = {}
        self._told = asyncio.Event()

    async def put(self, batch: Batch) -> None:
        self.batches.append(batch)
        if isinstance(batch, Upserts):
            self._upsert(batch)
        elif isinstance(batch, Deletes):
            for uid in batch.uids:
                del self.objects[uid]
        elif isinstance(batch, Began):
            self._listed[batch.kind] = set()
        elif isinstance(batch, Complete):
            self._sweep(batch.kind)
        elif isinstance(batch, Health):
            self.health[batch.kind] = batch
            self.states.append(batch.state)
        if self.complete:
            self.least = min(len(self.objects), self.least if self.least is not None else 1 << 30)
        self._told.set()

    def _upsert(self, batch: Upserts) -> None:
        for obj in batch.objects:
            self.objects[obj.uid] = obj
            for uids in self._listed.values():
                uids.add(obj.uid)

    def _sweep(self, kind: str) -> None:
        listed = self._listed.pop(kind)
        for uid, obj in list(self.objects.items()):
            if kind_of(obj) == kind and uid not in listed:
                del self.objects[uid]
        self.complete.add(kind)

    def versions(self) -> dict[str, str]:
        """resourceVersion by uid."""
        return {uid: obj.rv for uid, obj in self.objects.items() if isinstance(obj, Pod | Node)}

    def names(self) -> set[str]:
        return {obj.name for obj in self.objects.values() if isinstance(obj, Pod | Node)}

    async def until(self, met: Callable[[], bool], seconds: float = 3600) -> None:
        """Wait for it, in the loop's time. What never comes fails the test."""
        async with asyncio.timeout(seconds):
            while not met():
                self._told.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._told.wait()

    def heard(self) -> int:
        return sum(isinstance(each, Heard) for each in self.batches)


@asynccontextmanager
async def following(
    server: ApiServer, *, jitter: Callable[[], float] = lambda: 0.5, kind: str = "pods"
) -> AsyncIterator[tuple[Mirror, Reflector]]:
    """A reflector of the server's pods, fed to a mirror."""
    mirror = Mirror()
    codec = decode.pods() if kind == "pods" else decode.nodes()
    timing = Timing(thick=0, random=jitter, wall=lambda: 1_790_000_000 + asyncio.get_running_loop().time())
    reflector = Reflector(server, Collection(f"/api/v1/{kind}", codec), mirror.put, timing)
    task = asyncio.create_task(reflector.run())
    try:
        yield mirror, reflector
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})
