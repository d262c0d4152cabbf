"""A program on a terminal of its own: real programs, and what the kernel says of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from providers.contract import Problem
from providers.pty import Pty, start
from providers.sessions import Size
from tests.waiting import until

SIZE = Size(100, 30)


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[Pty]:
    terminal = start(command, SIZE)
    try:
        yield terminal
    finally:
        await terminal.close()


async def shown(terminal: Pty, text: bytes) -> bytes:
    """What it prints, until that is part of it."""
    said = b""
    async with asyncio.timeout(10):
        while text not in said:
            data = await terminal.read()
            assert data, said
            said += data
    return said


async def rest(terminal: Pty) -> bytes:
    """All that it prints to its end."""
    said = b""
    async with asyncio.timeout(20):
        while data := await terminal.read():
            said += data
    return said


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_it_has_a_session_a_controlling_terminal_and_a_size() -> None:
    async with running(
        "sh", "-c", "stty size </dev/tty; ps -o pid=,sid=,tty= -p $$; echo $TERM $COLORTERM"
    ) as it:
        said = (await rest(it)).decode()
    assert "30 100" in said
    pid, session, terminal = said.splitlines()[1].split()
    assert pid == session
    assert terminal.startswith("pts/")
    assert "xterm-256color truecolor" in said


async def test_signals_that_the_engine_ignores_are_its_own() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    script = "import signal; print(signal.getsignal(2) is signal.default_int_handler)"
    try:
        async with running(sys.executable, "-c", script) as it:
            assert b"True" in await rest(it)
    finally:
        signal.signal(signal.SIGINT, before)


async def test_the_locale_is_handed_on_and_a_size_in_the_environment_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "7")
    async with running("sh", "-c", "echo $LC_ALL-$COLUMNS-") as it:
        assert b"C.UTF-8--" in await rest(it)


TELLS_ITS_SIZE = """
import os, signal
signal.signal(signal.SIGWINCH, lambda *_: print(*os.get_terminal_size(), flush=True))
print("ready", flush=True)
while True:
    signal.pause()
"""


async def test_a_resize_is_told_by_a_signal() -> None:
    async with running(sys.executable, "-c", TELLS_ITS_SIZE) as it:
        await shown(it, b"ready")
        it.resize(Size(91, 17))
        await shown(it, b"91 17")
        it.resize(Size(0, 1 << 20))  # bounded to what the kernel can say
        await shown(it, b"1 65535")


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)])
async def test_its_exit_status_is_that_of_a_shell(script: str, status: int) -> None:
    async with running("sh", "-c", script) as it:
        assert await rest(it) == b""
        assert (await it.ended()).status == status


async def test_what_was_printed_before_the_end_is_all_read_after_it() -> None:
    async with running("sh", "-c", "seq 1 500; exit 3") as it:
        await it.ended()
        assert (await rest(it)).split() == [str(n).encode() for n in range(1, 501)]


async def test_a_child_that_keeps_the_terminal_open_does_not_keep_the_session() -> None:
    async with running("bash", "-c", "trap '' HUP; sleep 600 & echo $!; disown; exit 5") as it:
        said = await rest(it)
        assert (await it.ended()).status == 5
    await until(lambda: not alive(int(said)))


async def test_more_than_the_terminal_takes_waits_until_it_is_read() -> None:
    async with running("sh", "-c", "stty raw -echo; echo ready; sleep 0.3; head -c 300000 | wc -c") as it:
        await shown(it, b"ready")
        writing = asyncio.create_task(it.write(b"x" * 300_000))
        await shown(it, b"300000")
        await asyncio.wait_for(writing, 5)


async def test_what_is_written_after_the_end_is_dropped() -> None:
    async with running("true") as it:
        await it.ended()
        await it.write(b"x" * 100_000)
    await it.write(b"x")
    it.resize(SIZE)
    assert await it.read() == b""


@pytest.mark.parametrize(
    "script",
    [
        "echo $$; sleep 600",
        "trap '' HUP TERM; echo $$; while :; do sleep 600; done",
        "set -m; trap '' HUP; sleep 601 & echo $$; wait",
    ],
)
async def test_closing_ends_everything_on_the_terminal_within_a_second(script: str) -> None:
    async with running("bash", "-c", script) as it:
        await shown(it, b"\n")
        children = [p.pid for p in psutil.Process(it.pid).children(recursive=True)]
        async with asyncio.timeout(1):
            await it.close()
    await until(lambda: not any(alive(pid) for pid in (it.pid, *children)), 2)


async def test_reading_and_writing_end_when_it_is_closed() -> None:
    async with running("sh", "-c", "stty raw; sleep 600") as it:
        reading = asyncio.create_task(rest(it))
        writing = asyncio.create_task(it.write(b"x" * 1_000_000))
        await asyncio.sleep(0)
        await it.close()
        async with asyncio.timeout(1):
            await asyncio.gather(reading, writing)


async def test_a_program_that_is_not_there_is_a_problem_in_words() -> None:
    with pytest.raises(Problem, match="no-such-program can't be run"):
        start(["no-such-program"], SIZE)


async def test_fifty_cost_no_thread_and_leave_no_descriptor_behind() -> None:
    descriptors, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    terminals = [start(["cat"], SIZE) for _ in range(50)]
    assert threading.active_count() == threads
    await asyncio.gather(*(terminal.write(b"echo\n") for terminal in terminals))
    await asyncio.gather(*(shown(terminal, b"echo") for terminal in terminals))
    await asyncio.gather(*(terminal.close() for terminal in terminals))
    assert len(os.listdir("/proc/self/fd")) == descriptors


async def test_without_descriptors_for_processes_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pidfd_open", _refuse)
    async with running("sh", "-c", "exit 4") as it:
        assert (await it.ended()).status == 4


def _refuse(pid: int) -> int:
    raise OSError("not here")


async def test_it_is_told_whether_each_key_is_taken_as_it_is_typed() -> None:
    async with running("sh", "-c", "echo asks; read x; stty raw; echo stands; sleep 600") as it:
        await shown(it, b"asks")
        assert not it.raw
        await it.write(b"\n")
        await shown(it, b"stands")
        assert it.raw
    assert not it.raw
