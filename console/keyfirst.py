"""The key that was pressed last goes before everything else: who waits for whom, until it is painted."""

from __future__ import annotations

import time

KEY_SECONDS = 0.05
"""So long at most frames and ticks wait for a key that was pressed to be painted."""


class KeyFirst:
    """A key passes through half a dozen queues, and each turn of the loop is one of them further."""

    def __init__(self) -> None:
        self.since: float | None = None
        """When a key came that nothing was painted after so far."""
        self._told = False
        """Whether it went to a program: what is painted after it comes as a frame."""

    def pressed(self) -> None:
        """A key came. One that is held down and paints nothing must not hold up everything else."""
        now = time.monotonic()
        if now - (self.since or 0.0) > 2 * KEY_SECONDS:
            self.since, self._told = now, False

    def told(self) -> None:
        """It went to a program: one of the frames to come is its echo."""
        self._told = True

    def painted(self) -> None:
        """Something was painted."""
        self.since = None

    @property
    def waits(self) -> bool:
        """Whether it is not painted yet, and may still be waited for."""
        return self.since is not None and time.monotonic() - self.since < KEY_SECONDS

    @property
    def echo_due(self) -> bool:
        """Whether it went to a program and its echo is not painted: all else waits a moment."""
        return self.waits and self._told

    @property
    def on_its_way(self) -> bool:
        """Whether it waits for what only this process does with it."""
        return self.waits and not self._told
