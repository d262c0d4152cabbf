"""A real program on a real pty, its output noted into a view and what is typed written to it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import termios
from collections import deque

from tests.view.stage import Stage
from tests.waiting import until

WINDOW = 1 << 16
"""Bytes on their way to the view at most, as the stream has it."""


class Live(Stage):
    """The stage with a program in it. At most WINDOW bytes are noted that were not taken."""

    def __init__(self, *command: str, columns: int = 80, rows: int = 24) -> None:
        super().__init__(columns, rows)
        self.command = command
        self.noted = 0
        self.deepest = 0
        """The most bytes that were ever noted and not taken."""
        self._typed: deque[bytes] = deque()
        self.view.send = self._write
        self.fd = -1
        self.pid = 0

    def on_mount(self) -> None:
        super().on_mount()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PS1": "$ "}
            os.execvpe(self.command[0], self.command, environment)
        os.set_blocking(self.fd, False)
        self._give_size(self.terminal.columns, self.terminal.rows)
        self.view._resized = self._give_size
        asyncio.get_running_loop().add_reader(self.fd, self._read)

    async def on_unmount(self) -> None:
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)
        os.waitpid(self.pid, 0)  # noqa: ASYNC222 - it ends with its terminal

    def _give_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _write(self, data: bytes) -> None:
        self.sent += data
        os.write(self.fd, data)

    def _read(self) -> None:
        room = WINDOW - (self.noted - self.taken)
        if room <= 0:
            return
        try:
            data = os.read(self.fd, room)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self.fd)
            return
        self.noted += len(data)
        self.deepest = max(self.deepest, self.noted - self.taken)
        self.view.note(data)

    @property
    def text(self) -> str:
        """What is drawn."""
        return "\n".join(self.lines)

    async def shows(self, text: str, seconds: float = 20.0) -> None:
        """Waits until that text is drawn."""
        await until(lambda: text in self.text, seconds, lambda: f"{text!r} is not in\n{self.text}")
