"""Keys that were meant for a program which has just ended: they do nothing, until the person pauses."""

from __future__ import annotations

import time

PAUSE_SECONDS = 0.4
"""Without a key: whoever types on has not seen yet that the program is gone."""


class Swallow:
    """Called to begin; then it takes keys until the first that comes after a pause."""

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(self) -> None:
        """The program has ended just now."""
        self._until = time.monotonic() + PAUSE_SECONDS

    def takes(self) -> bool:
        """Whether the key that came was for the program."""
        now = time.monotonic()
        if now >= self._until:
            return False
        self._until = now + PAUSE_SECONDS
        return True
