"""Whether the machine slept, or its clock was set: the wall clock and the loop's then come apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Clocks:
    """Both clocks, compared at each look. Made on the running loop, whose clock stands still in sleep."""

    def __init__(self, wall: Callable[[], float], jump: float) -> None:
        """`wall` tells seconds since the epoch; more than `jump` seconds between two looks are a jump."""
        self._wall = wall
        self._jump = jump
        self._loop = asyncio.get_running_loop()
        self._apart = self._now_apart()

    def jumped(self) -> bool:
        """Whether they came apart since the last look."""
        before, self._apart = self._apart, self._now_apart()
        return abs(self._apart - before) > self._jump

    def _now_apart(self) -> float:
        return self._wall() - self._loop.time()
