"""Programs that are asked something: answered, absent, or ended with all that they started."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from providers.processes import printed
from tests.waiting import until


async def test_its_status_and_what_it_prints() -> None:
    assert await printed(("sh", "-c", "echo said; echo complained >&2; exit 3"), 10) == (3, "said\n")


async def test_what_is_not_there_can_not_be_run() -> None:
    with pytest.raises(FileNotFoundError):
        await printed(("quarterdeck-is-no-such-program",), 10)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_it_is_ended_in_time_with_what_it_started(tmp_path: Path, cancelled: bool) -> None:
    """One that it leaves behind has its output open, which is what asyncio waits for."""
    told = tmp_path / "pids"
    command = ("sh", "-c", f"sleep 600 & echo $! $$ >{told}.part && mv {told}.part {told}; wait")
    asking = asyncio.create_task(printed(command, 600 if cancelled else 2))
    await until(told.exists)
    if cancelled:
        asking.cancel()
    with pytest.raises(asyncio.CancelledError if cancelled else TimeoutError):
        await asyncio.wait_for(asking, 20)
    for pid in told.read_text().split():
        await until(lambda pid=pid: not Path("/proc", pid).exists())
