"""What the terminal pane makes of floods: bytes parsed and painted a second, how fast keys are answered."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from textual import events

from providers.stream import TERMINAL_WINDOW
from tests.bench.subject import middle_and_worst
from tests.view.stage import Stage
from widgets.terminal import TerminalView

FRAME = 1 << 14
COLUMNS, ROWS = 160, 50
FLOODS = {
    "plain lines": b"".join(
        b"2026-11-28T01:22:%02dZ INFO checkout/api-7f9c9d5b7b-%05d handled\r\n" % (n % 60, n)
        for n in range(1000)
    ),
    "`yes`": b"y\r\n" * 10_000,
    "coloured lines": b"".join(
        b"\x1b[32m-rw-r--r--\x1b[0m root \x1b[1;34mdirectory-%05d\x1b[0m \x1b[38;5;%dmfile\x1b[m\r\n"
        % (n, n % 256)
        for n in range(1000)
    ),
}


def report(megabytes: int = 10) -> None:
    """Run the pane in a real terminal whose output is thrown away, and print what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.json"
        _run([sys.executable, "-m", "tests.bench.terminal", str(path), str(megabytes)])
        figures = json.loads(path.read_text("utf-8"))
    print(f"\nthe terminal pane, {COLUMNS}×{ROWS}, load {os.getloadavg()[0]:.1f}")
    for name, text in figures.items():
        print(f"{name:<52}{text:>40}")


def _run(command: list[str]) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
    )
    os.close(slave)
    key_at = time.monotonic()
    while process.poll() is None:
        if select.select([master], [], [], 0.02)[0]:
            try:
                os.read(master, 1 << 16)
            except OSError:
                break
        if time.monotonic() >= key_at:
            os.write(master, b"x")
            key_at = time.monotonic() + 0.05
    process.wait()
    os.close(master)


class Timed(TerminalView):
    """Notes when keys were pressed; the stage is the program that sends them back."""

    pressed = 0.0

    def on_key(self, event: events.Key) -> None:
        self.pressed = event.time
        super().on_key(event)


class Flooded(Stage):
    """Measures itself, writes the figures and ends. Keys come from outside all the while."""

    def __init__(self, path: Path, megabytes: int) -> None:
        super().__init__(COLUMNS, ROWS)
        self.path = path
        self.megabytes = megabytes
        self.view = Timed(self.terminal, self._echo, lambda *_: None, taken=self._take)
        self.noted = 0
        self.echoes: list[tuple[int, float]] = []
        """Bytes that are taken when a key's echo is, and when it was pressed."""
        self.delays: list[float] = []

    def _echo(self, data: bytes) -> None:
        assert isinstance(self.view, Timed)
        self.echoes.append((self.noted + len(data), self.view.pressed))
        self.note(data)

    def note(self, data: bytes) -> None:
        """As the program wrote it."""
        self.noted += len(data)
        self.view.note(data)

    def post_display_hook(self) -> None:
        """Something was painted, and with it the echoes of what was parsed."""
        now = time.monotonic()
        parsed = self.noted - self.view.waiting
        self.delays += [now - pressed for mark, pressed in self.echoes if mark <= parsed]
        self.echoes = [echo for echo in self.echoes if echo[0] > parsed]

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        figures: dict[str, str] = {}
        await asyncio.sleep(0.5)
        self.delays.clear()
        await asyncio.sleep(5.0)
        figures["key → echo painted, quiet: median / p99"] = self._answered()
        for name, data in FLOODS.items():
            figures[name] = await self._flood(data)
            figures[f"key → echo painted, {name}: median / p99"] = self._answered()
        self.path.write_text(json.dumps(figures), "utf-8")
        self.exit()

    async def _flood(self, data: bytes) -> str:
        cpu, begin, painted, noted = time.process_time(), time.monotonic(), self.view.paints, self.noted
        count = 0
        while count < self.megabytes * 1e6:
            # A frame of the stream in each turn of the loop, as long as the window has room.
            if self.view.waiting + FRAME <= TERMINAL_WINDOW:
                self.note(data[:FRAME])
                count = self.noted - noted
            await asyncio.sleep(0)
        cpu, wall = time.process_time() - cpu, time.monotonic() - begin
        paints = self.view.paints - painted
        return (
            f"{count / 1e6 / cpu:.1f} MB/CPU s, {count / 1e6 / wall:.1f} MB/s, {paints / wall:.0f} paints/s"
        )

    def _answered(self) -> str:
        if not self.delays:
            return "no key came"
        middle, worst = middle_and_worst(self.delays)
        text = f"{middle * 1e3:.1f} / {worst * 1e3:.1f} ms ({len(self.delays)})"
        self.delays.clear()
        return text


if __name__ == "__main__":
    Flooded(Path(sys.argv[1]), int(sys.argv[2])).run()
