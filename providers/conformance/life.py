"""Checks of how a stream lives and ends: closed midway, cancelled, opened twice, opened again."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from providers.conformance.kit import Kit, closed
from providers.conformance.look import FREE_SECONDS, Look, look, opened, shut, until
from providers.contract import Problem, Source
from providers.model import Batch

_ROUNDS = 6


class LifeChecks(Kit):
    """Nothing is left behind, and nothing is shared that should not be."""

    def test_closing_midway_frees_everything(self) -> None:
        async def check(source: Source) -> None:
            before = asyncio.all_tasks()
            async with opened(source) as stream:
                await self._midway(source, stream)
            await _none_left(before, source)

        self.each(check)

    def test_closing_again_and_again_keeps_no_files_open(self) -> None:
        async def check(source: Source) -> None:
            counts = []
            for _ in range(_ROUNDS):
                async with opened(source) as stream:
                    await self._midway(source, stream)
                counts.append(_open_files())
            grown = counts[-1] - counts[1]  # the first ones may open what is kept
            assert grown < _ROUNDS - 2, f"{source.info.name}: every stream leaves a file or a socket open"

        self.each(check)

    def test_cancelling_while_it_waits_ends_it(self) -> None:
        async def check(source: Source) -> None:
            before = asyncio.all_tasks()
            stream = source.stream()
            task = asyncio.create_task(_exhaust(stream))
            await _passed(task, self.follow)
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=FREE_SECONDS)
            assert done, f"{source.info.name}: cancelled, it went on: it must not swallow CancelledError"
            await shut(stream, source.info.name)
            await _none_left(before, source)
            await self.look(source)

        self.each(check)

    def test_two_streams_at_once_show_the_same(self) -> None:
        async def check(source: Source) -> None:
            one, two = await asyncio.gather(look(source, self.timeout), look(source, self.timeout))
            self._same(one, two, "at once")

        self.each(check)

    def test_a_second_stream_shows_the_same(self) -> None:
        async def check(source: Source) -> None:
            self._same(await self.look(source), await self.look(source), "one after the other")

        self.each(check)

    def test_sources_made_anew_show_the_same(self) -> None:
        async def check() -> None:
            first, second = await self.sources(), await self.sources()
            for one in first:
                two = next(source for source in second if source.info.name == one.info.name)
                self._same(await self.look(one), await self.look(two), "of sources made anew")
            await closed([*first, *second])

        self.run(check)

    async def _midway(self, source: Source, stream: AsyncIterator[Batch]) -> None:
        """To the first objects, or the end of the list where there are none."""
        found = Look(source.info)
        begun = lambda: bool(found.objects) or not found.missing  # noqa: E731
        await until(stream, found, begun, self.timeout, f"{found.info.name}: nothing came")

    def _same(self, one: Look, two: Look, how: str) -> None:
        if self.still:
            only = sorted(one.keys() ^ two.keys())
            assert not only, f"two looks {how} differ: {only[:3]} (a living place? set `still = False`)"
        elif one.objects and two.objects:
            assert one.keys() & two.keys(), f"two looks {how} have no uid in common"


async def _exhaust(stream: AsyncIterator[Batch]) -> None:
    with contextlib.suppress(Problem):
        async for _ in stream:
            pass


async def _passed(task: asyncio.Task[Any], seconds: float) -> None:
    """Let the task run so long."""
    await asyncio.wait({task}, timeout=seconds)


async def _none_left(before: set[asyncio.Task[Any]], source: Source) -> None:
    """Fails when tasks are still there after the time that closing may take."""
    left = asyncio.all_tasks() - before
    if left:
        await asyncio.wait(left, timeout=FREE_SECONDS)
    left = {task for task in left if not task.done()}
    if left:
        await closed([source])  # what it keeps between streams, it must give back here
        left = {task for task in asyncio.all_tasks() - before if not task.done()}
    names = sorted(str(task.get_coro()) for task in left)
    for task in left:
        task.cancel()
    assert not left, f"{source.info.name}: closed, and still running: {names}"


def _open_files() -> int:
    listing = Path("/proc/self/fd")
    if not listing.is_dir():
        listing = Path("/dev/fd")
    return len(os.listdir(listing))
