"""Bytes on their way into a terminal: parsed in slices that leave the loop to others, each acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine

from widgets.emulator import Terminal

SLICE_SECONDS = 0.004
"""So long at most is parsed in one turn of the loop: a key goes through half a dozen turns."""


class Intake:
    """Takes what the program writes. A flood waits here; what is small is parsed before `put()` returns."""

    def __init__(
        self,
        terminal: Terminal,
        taken: Callable[[int], object],
        parsed: Callable[[], object],
        start: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        """`taken` is told of the bytes that were parsed, `parsed` is called after each slice.

        `start` runs a coroutine beside everything else.
        """
        self.waiting = 0
        """Bytes that were not parsed yet."""
        self._terminal = terminal
        self._taken = taken
        self._parsed = parsed
        self._start = start
        self._chunks: deque[bytes] = deque()
        self._busy = False

    def put(self, data: bytes) -> None:
        """Parse this after all that came before."""
        if data:
            self._chunks.append(data)
            self.waiting += len(data)
            if not self._busy:
                self._slice()
                if self._chunks:
                    self._busy = True
                    self._start(self._go_on())

    async def _go_on(self) -> None:
        try:
            while self._chunks:
                await asyncio.sleep(0)
                self._slice()
        finally:
            self._busy = False

    def _slice(self) -> None:
        end = time.monotonic() + SLICE_SECONDS
        done = 0
        while self._chunks and (left := end - time.monotonic()) > 0:
            data = self._chunks.popleft()
            used = self._terminal.feed(data, left)
            if used < len(data):
                self._chunks.appendleft(data[used:])
            done += used
        self.waiting -= done
        self._parsed()
        self._taken(done)
