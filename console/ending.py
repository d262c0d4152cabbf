"""Ends that no key asked for: SIGTERM, SIGHUP, a terminal that is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

_STDIN = 0


class Ending:
    """Leaves as by the key where there is a terminal to be given back, and at once where there is none."""

    def __init__(self, leave: Callable[[int], object]) -> None:
        """`leave` is called with the exit status, on the main thread, and has to return."""
        self._leave = leave
        self._had_terminal = os.isatty(_STDIN)
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):
                # Not asyncio's: its handlers wait for a loop that may be stuck writing to a dead terminal.
                signal.signal(number, self._signalled)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        self.check()
        self._leave(128 + number)

    def check(self) -> None:
        """To be called now and then: whoever was started with `nohup` is sent no signal.

        Nothing is left to do without a terminal: the engine ends when its console's socket closes. Going
        on would be a process that nobody sees, whose reads from the terminal return at once, for ever.
        """
        if self._had_terminal and not os.isatty(_STDIN):
            os._exit(129)
