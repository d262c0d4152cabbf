"""A program that is asked something: what it prints, within a time, and nothing left of it afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

_REAP_SECONDS = 0.5


async def printed(command: Sequence[str], seconds: float) -> tuple[int, str]:
    """Its exit status and its standard output; it is given no input, and its complaints are dropped.

    Raises OSError where it can't be run, and TimeoutError when it was killed after so many seconds.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
    except BaseException:
        await _end(process)
        raise
    return process.returncode or 0, said.decode("utf-8", "replace")


async def _end(process: Process) -> None:
    """With all that it started: asyncio waits for whoever has its output open, and not for it alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_REAP_SECONDS):
            await process.wait()
