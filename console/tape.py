"""Recordings: a file of frames in place of an engine, and a file that frames are kept in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from console.link import Link
from providers.recording import Recorder, replay
from providers.stream import Command, Failed, Frame, Welcome
from providers.wire import WireError


class Tape:
    """A recording as the console's link: read-only, and its time is that of its last frame."""

    unsent = "this is a recording"

    def __init__(self, path: Path) -> None:
        """Raises OSError and WireError for what is no recording."""
        self._path = path
        self._ids = count(1)
        self._over = asyncio.Event()
        self._at = next(iter(replay(path)), [Frame(time.time(), "", Failed(id=0, detail=""))])[0].at

    def now(self) -> float:
        """The moment that was played last, seconds since the epoch."""
        return self._at

    def next_id(self) -> int:
        """A number for a command."""
        return next(self._ids)

    def send(self, command: Command) -> bool:
        """Nobody is there to take it."""
        return False

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """All that was recorded, as fast as it is taken; then nothing more comes."""
        try:
            for frames in replay(self._path):
                self._at = max(self._at, frames[-1].at)
                yield [_harmless(frame) for frame in frames]
        except (WireError, OSError) as error:
            yield [
                Frame(
                    self._at,
                    "",
                    Failed(id=0, detail=f"{self._path}: {error}", remedy="its beginning is shown"),
                )
            ]
        await self._over.wait()

    async def close(self) -> None:
        """No more of it is wanted."""
        self._over.set()


def _harmless(frame: Frame) -> Frame:
    """The engine that spoke is gone: nothing can be done to what is shown."""
    if isinstance(frame.body, Welcome):
        return replace(frame, body=replace(frame.body, read_only=True))
    return frame


async def keep(link: Link, recorder: Recorder, seconds: float | None) -> int:
    """Write the frames of a link to a recording for `seconds`, or for ever; how many there were."""
    kept = 0
    try:
        async with asyncio.timeout(seconds):
            async for frames in link.frames():
                recorder.record(frames)
                kept += len(frames)
    except TimeoutError:
        pass
    finally:
        await link.close()
        recorder.close()
    return kept
