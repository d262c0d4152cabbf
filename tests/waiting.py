"""Waiting for what others do: tasks, threads, other processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(
    so: Callable[[], object], seconds: float = 20.0, instead: Callable[[], object] = lambda: "it never was"
) -> None:
    """Go on until it is so. Fails after so many seconds, and says what is `instead`."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, instead()
        await asyncio.sleep(0.005)
