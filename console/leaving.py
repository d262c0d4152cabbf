"""Leaving the console: what would end with it, and whether the person means it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.app import Quarterdeck

AGAIN_SECONDS = 2.0


class Twice:
    """A key that does something when it is pressed again soon."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._pressed = -AGAIN_SECONDS

    def again(self) -> bool:
        """It is pressed: whether that is the second time within AGAIN_SECONDS."""
        before, self._pressed = self._pressed, self._now()
        return self._pressed - before < AGAIN_SECONDS


class Leaving:
    """Knows what would end with the console."""

    def __init__(self, app: Quarterdeck) -> None:
        self._app = app
        self._twice = Twice()

    def ends(self) -> str:
        """What still runs and would end, in words; "" for nothing. A log loses nothing by it."""
        shells = sum(tab.running and tab.wanted.purpose != "logs" for tab in self._app.desk.tabs)
        told = [f"{shells} shells still run" if shells > 1 else "a shell still runs"] if shells else []
        told += [f"`{run.title[:40]}` still runs on hosts" for run in self._app.fanouts.running]
        return ", ".join(told)

    def may_go(self) -> bool:
        """A key that leaves is pressed: whether to, which while something runs is by the second press."""
        if not (ends := self.ends()) or self._twice.again():
            return True
        self._app.say(f"{ends}: the same key again quits, and ends it", "warn")
        return False
