"""What the engine's end of a shell costs: time to a prompt, the echo of a key during a flood, megabytes.

A real engine process with the simulated fleet, and OpenSSH's server on loopback.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from providers import pty
from providers.channel import Channel
from providers.model import Ref, Target
from providers.sessions import Size
from providers.stream import Closed, Frame, Hello, Input, Open, Opened, Output, ProviderChoice, Shut, Taken
from providers.wire import Reader, Writer
from tests.bench.subject import middle_and_worst
from tests.sessions.hops import Hops

OPENINGS = 11
KEYS = 300
PAUSE = 0.01
"""Seconds between keys."""
MEGABYTES = 100


def report() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, Hops(Path(folder), goal={}, outer={}, inner={}) as hops:
        asyncio.run(_measure(hops, Path(folder)))


async def _measure(hops: Hops, folder: Path) -> None:
    print("\na shell by the system's ssh, the engine's part of it")
    direct = hops.configuration(folder / "direct")
    hopping = hops.configuration(folder / "hopping", jumps={"goal": "outer,inner"})
    async with _engine(folder, 0) as console:
        for config, way in ((direct, "no hop"), (hopping, "two hops")):
            begun, prompts = await _openings(console, config)
            _row(f"Open → ssh runs, {way}: resolved, checked, recorded", begun)
            _row(f"Open → prompt, {way}", prompts)
        _row("key → echo", await console.echoes(await console.prompt(direct)))
        await _flood(console, await console.prompt(direct))
    async with _engine(folder, 1000) as console:
        _row("key → echo while 1,000 changes/s stream", await console.echoes(await console.prompt(direct)))
    prompts, echoes = await _bare(direct)
    _row("ssh on a terminal without an engine: → prompt", prompts)
    _row("ssh on a terminal without an engine: key → echo", echoes)


def _row(title: str, seconds: list[float]) -> None:
    middle, worst = middle_and_worst(seconds)
    figures = f"{middle * 1e3:.1f} / {worst * 1e3:.1f} ms"
    print(f"{title + ', median / p99':<68}{figures:>18} ({len(seconds)})", flush=True)


async def _openings(console: Console, config: Path) -> tuple[list[float], list[float]]:
    begun, prompts = [], []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        number = await console.open(config)
        begun.append(time.perf_counter() - started)
        await console.at_prompt(number)
        prompts.append(time.perf_counter() - started)
        console.say(Shut(id=number))
        await console.until(lambda number=number: number not in console.said)  # type: ignore[misc]
    return begun, prompts


async def _flood(console: Console, number: int) -> None:
    engine = psutil.Process(console.engine.pid)
    before = sum(engine.cpu_times()[:2])
    started = time.perf_counter()
    flood = f"head -c {MEGABYTES}000000 /dev/zero | tr '\\0' x"
    console.type(number, f"stty -opost; {flood}; echo d-$((1+1))\n")
    await console.until(lambda: b"d-2" in console.said[number][-64:])
    took = time.perf_counter() - started
    used = sum(engine.cpu_times()[:2]) - before
    title = f"{MEGABYTES} MB through ssh, terminal and engine"
    print(f"{title:<68}{MEGABYTES / took:>10.0f} MB/s, {used:.2f} CPU s of the engine", flush=True)


async def _bare(config: Path) -> tuple[list[float], list[float]]:
    """The same on a terminal of this process."""
    prompts, echoes = [], []
    for number in range(OPENINGS):
        started = time.perf_counter()
        terminal = pty.start(["ssh", "-F", str(config), "goal"], Size(80, 24))
        said = b""
        while not _is_prompt(said):
            said += await terminal.read()
        prompts.append(time.perf_counter() - started)
        for _ in range(0 if number else KEYS):
            started = time.perf_counter()
            await terminal.write(b"x")
            await terminal.read()
            echoes.append(time.perf_counter() - started)
            await asyncio.sleep(PAUSE)
        await terminal.close()
    return prompts, echoes


def _is_prompt(said: bytes | bytearray) -> bool:
    return b"# " in said or b"$ " in said


class Console:
    """The console's end of an engine: takes all that it says, and keeps what sessions said."""

    def __init__(self, engine: subprocess.Popen[bytes], channel: Channel) -> None:
        self.engine = engine
        self.said: dict[int, bytearray] = {}
        self._channel = channel
        self._writer, self._reader = Writer(), Reader[Frame](Frame)
        self._came = asyncio.Event()
        self._number = 0

    async def read(self) -> None:
        """Until the engine ends."""
        while data := await self._channel.read():
            for frame in self._reader.feed(data):
                self._take(frame.body)
            self._came.set()

    def _take(self, body: object) -> None:
        if isinstance(body, Opened):
            self.said[body.id] = bytearray()
        elif isinstance(body, Closed):
            self.said.pop(body.id, None)
        elif isinstance(body, Output):
            self.said[body.id].extend(body.data)
            self.say(Taken(id=body.id, count=len(body.data)))

    def say(self, command: object) -> None:
        self._channel.post(self._writer.write([command]))

    def type(self, number: int, text: str) -> None:
        self.say(Input(id=number, data=text.encode()))

    async def until(self, so: Callable[[], bool]) -> None:
        while not so():
            self._came.clear()
            await self._came.wait()

    async def open(self, config: Path) -> int:
        """A new session, as soon as it stands."""
        self._number += 1
        number = self._number
        target = Target(ref=Ref("lab", "node", "n"), label="n", host="goal", options=("-F", str(config)))
        self.say(Open(id=number, target=target, way="ssh"))
        await self.until(lambda: number in self.said)
        return number

    async def at_prompt(self, number: int) -> None:
        await self.until(lambda: _is_prompt(self.said[number]))

    async def prompt(self, config: Path) -> int:
        """A new shell at its prompt."""
        number = await self.open(config)
        await self.at_prompt(number)
        return number

    async def echoes(self, number: int) -> list[float]:
        """Seconds from each key to its echo."""
        times = []
        for _ in range(KEYS):
            before = len(self.said[number])
            started = time.perf_counter()
            self.type(number, "x")
            await self.until(lambda before=before: len(self.said[number]) > before)  # type: ignore[misc]
            times.append(time.perf_counter() - started)
            await asyncio.sleep(PAUSE)
        return times


@asynccontextmanager
async def _engine(folder: Path, rate: int) -> AsyncIterator[Console]:
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "providers.engine", "--fd", str(theirs.fileno())]
        engine = await asyncio.to_thread(subprocess.Popen, command, pass_fds=(theirs.fileno(),))
    console = Console(engine, Channel(ours.fileno(), ours.detach()))
    choice = ProviderChoice("demo", {"rate": rate, "pods": 10_000})
    console.say(Hello(version="1", providers=(choice,), audit_path=str(folder / "audit.jsonl")))
    reading = asyncio.create_task(console.read())
    await asyncio.sleep(3.0)  # the fleet has come
    try:
        yield console
    finally:
        reading.cancel()
        engine.kill()
        await asyncio.to_thread(engine.wait)
