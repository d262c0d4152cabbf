"""How long to wait before trying again: longer each time, never in step with anyone else."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST, LONGEST, FACTOR = 0.8, 30.0, 2.0
SHORTEST = 0.1
"""Full jitter may draw zero; that would be a busy loop."""
HEALTHY_AFTER = 120.0
DENIED = 300.0
"""Seconds until a refusal is looked at again: rights change rarely, and each look is in their log."""


class Pauses:
    """The pauses of one feed, in seconds. `draw` gives a number from 0 to 1."""

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._next = FIRST

    def after(self, healthy_for: float) -> float:
        """The pause after a failure that came when all had been well for so many seconds."""
        if healthy_for >= HEALTHY_AFTER:
            self._next = FIRST
        pause = max(SHORTEST, self._draw() * self._next)
        self._next = min(self._next * FACTOR, LONGEST)
        return pause

    def denied(self) -> float:
        """The pause after a refusal: about five minutes."""
        return DENIED * (0.9 + 0.2 * self._draw())
