"""A console being measured: a command in a pty with its whole process tree watched."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from tests.terminal import Terminal

SAMPLE_SECONDS = 0.25


@dataclass
class Tree:
    """CPU seconds used so far and resident bytes of a process and all its descendants, dead ones included."""

    pid: int
    peak: int = 0
    _cpu: dict[tuple[int, float], float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> Tree:
        """Sample four times a second until stop()."""
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def stop(self) -> None:
        """Sample no more."""
        self._stop.set()

    def sample(self) -> None:
        """Look once."""
        resident = 0
        try:
            root = psutil.Process(self.pid)
            processes = [root, *root.children(recursive=True)]
        except psutil.Error:
            return
        for process in processes:
            try:
                times = process.cpu_times()
                resident += process.memory_info().rss
                self._cpu[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:
                continue
        self.peak = max(self.peak, resident)

    @property
    def cpu(self) -> float:
        """CPU seconds until now."""
        self.sample()
        return sum(self._cpu.values())

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.sample()


class Subject:
    """A console in a terminal. All times are seconds."""

    def __init__(self, command: list[str], *, columns: int = 160, rows: int = 50) -> None:
        self.terminal = Terminal(command, columns=columns, rows=rows)
        self.tree = Tree(self.terminal.process.pid).start()

    def until(self, seen: Callable[[str], bool], timeout: float = 60.0) -> float:
        """Seconds since the command started until the screen's text is so."""
        self.terminal.wait(lambda terminal: seen(terminal.text), timeout)
        return self.terminal.read_at - self.terminal.started

    def over(self, seconds: float) -> tuple[float, int]:
        """CPU seconds and bytes to the terminal during that long."""
        cpu, sent = self.tree.cpu, self.terminal.bytes
        self.terminal.run_for(seconds)
        return self.tree.cpu - cpu, self.terminal.bytes - sent

    def key_times(self, keys: str, pause: float = 0.1) -> list[float]:
        """For each key, sent one at a time: seconds until the highlighted row has moved on the screen."""
        return [self._time(key, self.terminal.styles, pause) for key in keys]

    def moves(self, keys: str, pause: float = 0.1) -> list[float]:
        """As key_times(), told by the cursor's glyph: on a screen where other things change all the time."""
        return [self._time(key, self._glyphs, pause) for key in keys]

    def _time(self, key: str, look: Callable[[], object], pause: float) -> float:
        """Seconds from sending the key to the bytes that made the screen look otherwise; 5 when none did."""
        before = look()
        begin = time.monotonic()
        self.terminal.send(key)
        while (left := begin + 5.0 - time.monotonic()) > 0:
            if self.terminal.read(left) and look() != before:
                taken = self.terminal.read_at - begin
                self.terminal.run_for(pause)
                return taken
        return 5.0

    def _glyphs(self) -> list[tuple[int, int]]:
        lines = self.terminal.lines
        return [(y, x) for y, line in enumerate(lines) for x, char in enumerate(line) if char == "▌"]

    def close(self) -> None:
        """End it."""
        self.tree.stop()
        self.terminal.close()


def middle_and_worst(times: list[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
