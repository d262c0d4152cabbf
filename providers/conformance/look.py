"""One look at a source: its stream followed until every kind is complete or denied, and a little on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from providers.contract import Problem, Source
from providers.model import (
    About,
    Batch,
    Complete,
    Deletes,
    Health,
    Kind,
    Object,
    Ref,
    SourceInfo,
    Upserts,
    kind_of,
)

FREE_SECONDS = 1.0
"""How long closing a stream may take."""

Stir = Callable[[Source], Awaitable[None]]


@dataclass
class Look:
    """What a stream said, in order."""

    info: SourceInfo
    batches: list[Batch] = field(default_factory=list)
    listed: int = 0
    """How many of the batches came until all kinds were complete."""
    objects: dict[tuple[Kind, str], Object] = field(default_factory=dict)
    """As they are at the end, by kind and uid."""
    complete: set[Kind] = field(default_factory=set)
    denied: set[Kind] = field(default_factory=set)

    def take(self, batch: Batch) -> None:
        self.batches.append(batch)
        match batch:
            case About(info):
                self.info = info
            case Upserts(objects):
                self.objects.update({(kind_of(obj), obj.uid): obj for obj in objects})
            case Deletes(kind, uids):
                for uid in uids:
                    self.objects.pop((kind, uid), None)
            case Complete(kind):
                self.complete.add(kind)
            case Health(state="denied", kind=kind):
                self.denied |= {kind} if kind else set(self.info.kinds)

    @property
    def missing(self) -> set[Kind]:
        """Kinds that are neither complete nor denied."""
        return set(self.info.kinds) - self.complete - self.denied

    def keys(self) -> set[tuple[Kind, str]]:
        return set(self.objects)

    def refs(self, kind: Kind) -> Iterator[Ref]:
        """A ref to each object of the kind."""
        return (Ref(self.info.name, of, uid) for of, uid in self.objects if of == kind)


async def look(source: Source, timeout: float, *, follow: float = 0.0, stir: Stir | None = None) -> Look:
    """Follow the source until it is whole, then `follow` seconds on, with `stir` called in between."""
    found = Look(source.info)
    async with opened(source) as stream:
        await until(stream, found, lambda: not found.missing, timeout, f"{found.info.name}: not complete")
        found.listed = len(found.batches)
        if stir:
            await stir(source)
        if follow:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(follow):
                    async for batch in stream:
                        found.take(batch)
    return found


async def until(
    stream: AsyncIterator[Batch], found: Look, enough: Callable[[], bool], timeout: float, otherwise: str
) -> None:
    """Take batches until it is enough. Fails, saying `otherwise`, when that does not come."""
    try:
        async with asyncio.timeout(timeout):
            while not enough():
                found.take(await anext(stream))
    except StopAsyncIteration:
        raise AssertionError(f"{otherwise}: the stream ended, kinds missing: {_names(found)}") from None
    except TimeoutError:
        told = f"{otherwise} within {timeout:g} s, kinds missing: {_names(found)}"
        raise AssertionError(told) from None
    except Problem as problem:
        raise AssertionError(f"{otherwise}: {problem.detail}; {problem.remedy}") from None


def _names(found: Look) -> str:
    return ", ".join(sorted(found.missing)) or "none"


@contextlib.asynccontextmanager
async def opened(source: Source) -> AsyncIterator[AsyncIterator[Batch]]:
    """A stream of the source that is closed at the end, in time."""
    stream = source.stream()
    assert hasattr(stream, "__anext__"), "stream() must return an async iterator: write it with `yield`"
    try:
        yield stream
    finally:
        await shut(stream, source.info.name)


async def shut(stream: AsyncIterator[Batch], name: str) -> None:
    """Close the stream. Fails when it has no aclose() or takes too long."""
    close = getattr(stream, "aclose", None)
    assert close is not None, f"{name}: the stream needs aclose(): write it as an async generator"
    try:
        async with asyncio.timeout(FREE_SECONDS):
            await close()
    except TimeoutError:
        raise AssertionError(f"{name}: closing the stream took over {FREE_SECONDS:g} s") from None
