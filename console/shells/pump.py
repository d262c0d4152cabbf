"""Has what sessions said drawn on their screens, a piece at a time, the shown one first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from console.shells.tab import Tab

PIECE = 1 << 14
"""Bytes drawn in one turn of the loop, a millisecond or few: a key passes through half a dozen turns, and
with a screen of its own each tab would take one turn beside all the others."""
_PAUSE_SECONDS = 0.002
"""Between two looks whether a key is still on its way to its program."""


class Pump:
    """Hidden tabs are drawn too, one piece after the other, so that none of them holds up its program."""

    def __init__(self, held: Callable[[], bool]) -> None:
        """While it is `held` nothing is drawn."""
        self._held = held
        self._ready: deque[Tab] = deque()
        self._due: asyncio.Handle | None = None

    def note(self, tab: Tab, *, shown: bool) -> None:
        """It said something. The shown one is drawn at once: that may be what a key is waiting for."""
        if shown and not self._ready:
            tab.pour(PIECE)
        if tab.behind and tab not in self._ready:
            (self._ready.appendleft if shown else self._ready.append)(tab)
        self._schedule()

    def _schedule(self) -> None:
        if self._due is not None or not self._ready:
            return
        loop = asyncio.get_running_loop()
        held = self._held()
        self._due = loop.call_later(_PAUSE_SECONDS, self._run) if held else loop.call_soon(self._run)

    def _run(self) -> None:
        self._due = None
        if not self._held():
            tab = self._ready.popleft()
            tab.pour(PIECE)
            if tab.behind:
                self._ready.append(tab)
        self._schedule()
