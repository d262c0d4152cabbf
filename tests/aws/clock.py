"""A loop whose clock moves on by itself when nothing is left to do: hours pass at once, and always alike.

Only for what waits for nothing but time and other tasks: no thread, no socket.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Idle(selectors.DefaultSelector):  # type: ignore[misc, valid-type]  # it is chosen at run time
    """Does not wait: says how long it should have."""

    slept = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everybody waits for ever")
        self.slept += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._idle = _Idle()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._idle.slept


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run it from moment 0 to its end."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(scene)
