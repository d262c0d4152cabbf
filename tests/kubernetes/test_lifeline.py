"""The main process of a debug pod, in every shell that is here: it ends with whoever held it."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from providers.kubernetes.lifeline import listening

SHELLS = [["dash"], ["bash"], ["busybox", "sh"]]


async def _started(shell: list[str], seconds: int, *, bash: bool) -> asyncio.subprocess.Process:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"no {shell[0]} here")
    _, option, script = listening(seconds)
    if not bash:
        script = script.replace("/bin/bash", "/no/bash")
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*shell, option, script, stdin=pipe, stdout=pipe, stderr=pipe)


@pytest.mark.parametrize("bash", [True, False])
@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
async def test_it_lives_while_it_is_told_so_and_ends_at_the_end(shell: list[str], bash: bool) -> None:
    process = await _started(shell, 60, bash=bash)
    assert process.stdin is not None
    for _ in range(3):
        process.stdin.write(b"\n")
        await process.stdin.drain()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 0.3)
    process.stdin.close()
    assert await asyncio.wait_for(process.communicate(), 10) == (b"", b"")


@pytest.mark.parametrize(("shell", "bash"), [(["dash"], True), (["bash"], False), (["busybox", "sh"], False)])
async def test_it_ends_when_it_hears_nothing(shell: list[str], bash: bool) -> None:
    process = await _started(shell, 1, bash=bash)
    await asyncio.wait_for(process.wait(), 10)
    assert process.stdin is not None
    process.stdin.close()
    await process.communicate()
