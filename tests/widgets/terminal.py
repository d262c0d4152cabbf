"""A program in a real pseudo-terminal, its output counted and fed to a screen emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pyte

DEADLINE_SECONDS = 20.0


class Terminal:
    """A child under a terminal of a known size."""

    def __init__(
        self, *command: str, width: int = 160, height: int = 50, env: dict[str, str] | None = None
    ) -> None:
        self.raw = bytearray()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            base = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **os.environ}
            base.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})})
            os.execve(sys.executable, [sys.executable, *command], base)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self._fd)

    def resize(self, width: int, height: int) -> None:
        """Another size, as when its window is dragged."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def send(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def pump(self, seconds: float) -> bool:
        """Read what comes within that time; False when nothing did."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    def settle(self, quiet: float = 0.3) -> None:
        """Read until nothing comes for a while."""
        while self.pump(quiet):
            pass

    def until(self, text: str) -> None:
        """Read until the screen shows that text."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while text not in "\n".join(self.screen.display):
            if not self.pump(0.1) and time.monotonic() > deadline:
                raise AssertionError(f"{text!r} never appeared on:\n" + "\n".join(self.screen.display))

    def taken(self, keys: str, quiet: float = 0.3) -> bytes:
        """The bytes that answer to some keys."""
        before = len(self.raw)
        self.send(keys)
        self.settle(quiet)
        return bytes(self.raw[before:])

    def closed(self) -> bytes:
        """Read until the program has ended; everything it wrote."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            self.pump(0.05)
            if time.monotonic() > deadline:
                raise AssertionError("the program did not end")
        self.settle(0.05)
        return bytes(self.raw)
