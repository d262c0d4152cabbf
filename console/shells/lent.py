"""The person's own terminal, lent to a tab for a while: raw bytes both ways, and everything as it was after.

What the program says passes a sieve (console.shells.sieve); what is typed passes as it is, up to the key
that comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
import tty
from collections import deque
from collections.abc import Iterator

from console.shells.portrait import GIVEN_BACK, TITLE_GIVEN_BACK, TITLE_KEPT, portrait
from console.shells.sieve import Sieve
from console.shells.tab import Tab

_READ = 1 << 14


@contextlib.contextmanager
def keys_lent() -> Iterator[None]:
    """While another program has the terminal, ctrl-c and ctrl-\\ are its own.

    A handler that does nothing, not SIG_IGN: the program must not inherit it.
    """
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def raw(fd: int) -> Iterator[None]:
    """That terminal raw, and given back with every mode as a shell expects it, whatever happens."""
    before = termios.tcgetattr(fd)
    os.write(fd, TITLE_KEPT)
    tty.setraw(fd)
    try:
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # it may be gone
            os.write(fd, GIVEN_BACK + TITLE_GIVEN_BACK)
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)


class Loan:
    """One tab on one terminal, until the key that comes back, or the end."""

    def __init__(self, tab: Tab, leave: bytes, sieve: Sieve, fd: int | None = None) -> None:
        """`leave`: what the key that comes back sends. `fd`: the terminal, by default standard input."""
        self.tab = tab
        self._leave = leave
        self._sieve = sieve
        self._fd = sys.__stdin__.fileno() if fd is None and sys.__stdin__ else fd or 0
        self._said: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._left = False

    async def run(self, greeting: str) -> bool:
        """Whether the person left before the end. `greeting`: clean text at the right of the first row."""
        loop = asyncio.get_running_loop()
        with raw(self._fd), self._watched(loop):
            self._resize()
            while self.tab.behind:
                self.tab.pour(_READ)
            await self._show(portrait(self.tab.terminal, greeting), sifted=False)
            while not self._left and (self.tab.running or self._said):
                await self._news.wait()
                self._news.clear()
                while self._said and not self._left:
                    data = self._said.popleft()
                    await self._show(data)
                    self.tab.shown(data)
        return self._left

    @contextlib.contextmanager
    def _watched(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        self.tab.lent_to = self._hear
        loop.add_reader(self._fd, self._typed)
        before = signal.signal(signal.SIGWINCH, lambda *_: loop.call_soon_threadsafe(self._resize))
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, before)
            loop.remove_reader(self._fd)
            self.tab.lent_to = None
            for data in self._said:
                self.tab.shown(data)

    def _hear(self, data: bytes) -> None:
        self._said.append(data)
        self._news.set()

    def wake(self) -> None:
        """Something about the tab is another: it may have ended."""
        self._news.set()

    def leave(self) -> None:
        """Come back, as by the key."""
        self._left = True
        self._news.set()

    def _typed(self) -> None:
        try:
            data = os.read(self._fd, _READ)
        except OSError:
            data = b""
        before, left, _ = data.partition(self._leave)
        self.tab.write(before)
        if left or not data:
            self._left = True
            self._news.set()

    def _resize(self) -> None:
        with contextlib.suppress(OSError):
            self.tab.resize(*os.get_terminal_size(self._fd))

    async def _show(self, data: bytes, *, sifted: bool = True) -> None:
        """In a thread: a terminal that is slow must hold up the program, not the streams."""
        passed = self._sieve.sift(data) if sifted else data
        if passed:
            await asyncio.to_thread(_write_all, self._fd, passed)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
