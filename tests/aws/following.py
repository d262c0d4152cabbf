"""A stream followed in the background, as the engine would: what is shown now, and how it got there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from providers.aws.options import Options
from providers.aws.source import RegionSource
from providers.aws.timing import Timing
from providers.contract import Host
from providers.model import About, Batch, Complete, Deletes, Health, Heard, Instance, Object, Upserts, kind_of
from tests.aws.cloud import Cloud
from tests.waiting import until

QUICK = Timing(
    instances=0.05,
    statuses=0.05,
    memberships=0.05,
    requests=0.05,
    prices=0.05,
    groups=0.05,
    volumes=0.05,
    clusters=0.05,
    nodegroups=0.05,
    denied=0.3,
    first=0.01,
    longest=0.05,
    patience=0.5,
    closely=0.02,
    closely_for=5.0,
    closely_pushed=0.02,
    closely_apart=0.02,
    tick=0.05,
)
"""Everything that takes minutes, in the blink of an eye."""
ONCE = Timing(
    denied=3600,
    first=3600,
    longest=3600,
    closely=0.02,
    closely_for=5.0,
    closely_pushed=0.02,
    closely_apart=0.02,
    tick=0.05,
)
"""Each question is asked once; the next time is far off."""


class Followed:
    """What a stream has said so far."""

    def __init__(self, source: RegionSource) -> None:
        self.source = source
        self.objects: dict[tuple[str, str], Object] = {}
        self.health: dict[str, Health] = {}
        self.complete: set[str] = set()
        self.gone: list[str] = []
        """uids, in the order in which they were said to be gone."""
        self.batches: list[Batch] = []
        self.info = source.info
        self.heard = 0
        self.failed: Exception | None = None

    @property
    def instances(self) -> dict[str, Instance]:
        return {uid: each for (_, uid), each in self.objects.items() if isinstance(each, Instance)}

    def of(self, kind: str) -> list[Any]:
        """The objects of a kind."""
        return [each for (own, _), each in self.objects.items() if own == kind]

    async def run(self) -> None:
        stream = self.source.stream()
        try:
            async for batch in stream:
                self._take(batch)
        except Exception as error:
            self.failed = error
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    async def until(self, so: Callable[[Followed], object], seconds: float = 10.0) -> None:
        """Go on until it is so. Fails after so many seconds."""
        await until(
            lambda: self.failed or so(self), seconds, lambda: (self.health, len(self.objects), self.complete)
        )
        if self.failed:
            raise self.failed

    def _take(self, batch: Batch) -> None:
        self.batches.append(batch)
        match batch:
            case Upserts(objects):
                self.objects.update({(kind_of(each), each.uid): each for each in objects})
            case Deletes(kind, uids):
                for uid in uids:
                    del self.objects[kind, uid]
                    self.gone.append(uid)
            case Health(kind=kind):
                self.health[kind] = batch
            case Complete(kind):
                self.complete.add(kind)
            case About(info):
                self.info = info
            case Heard():
                self.heard += 1


def made(url: str, region: str = "eu-west-1", timing: Timing = QUICK, **more: Any) -> RegionSource:
    """A source of a region behind that URL."""
    return RegionSource(Cloud(url).account().used(), region, Options(), Host(), timing=timing, **more)


@asynccontextmanager
async def following(source: RegionSource) -> AsyncIterator[Followed]:
    """Follow it, and stop in the end."""
    followed = Followed(source)
    task = asyncio.create_task(followed.run())
    try:
        yield followed
    finally:
        task.cancel()
        await asyncio.wait({task})
