"""A real terminal for a real command: a pty whose output is drawn on an emulated screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte


class _Screen(pyte.Screen):
    """Textual asks for private modes and reports that pyte can't parse as methods with keywords."""

    def report_device_status(self, mode: int = 0, **_: object) -> None:
        """Nothing answers: no more would a slow link."""

    def set_margins(self, *args: int | None, **_: object) -> None:
        super().set_margins(*args)

    def select_graphic_rendition(self, *attributes: int, **kwargs: object) -> None:
        if not kwargs:
            super().select_graphic_rendition(*attributes)


def _as_a_login() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background inherit it as ignored


class Terminal:
    """A command running in a pty of `columns` × `rows`. Times are seconds."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 160,
        rows: int = 50,
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
    ) -> None:
        self.screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        """Bytes that the command has written so far."""
        self.log = bytearray()
        self.started = time.monotonic()
        self.read_at = self.started
        """When the last of it came: drawing and looking at it costs the emulated screen some milliseconds."""
        master, slave = pty.openpty()
        self._resize(slave, columns, rows)
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        if "NO_COLOR" not in (environment or {}):
            env.pop("NO_COLOR", None)
        # As installed: a machine that forbids byte code would compile every module at each start.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True, cwd=folder,
            # A session of its own with the pty as its terminal, as a login has; no threads run here yet.
            preexec_fn=_as_a_login,  # noqa: PLW1509
        )  # fmt: skip
        os.close(slave)
        self.master = master

    @staticmethod
    def _resize(fd: int, columns: int, rows: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.screen.resize(rows, columns)
        self._resize(self.master, columns, rows)
        os.killpg(os.tcgetpgrp(self.master), signal.SIGWINCH)

    def read(self, timeout: float = 0.0) -> bool:
        """Draw what has come, waiting `timeout` for it; whether anything came."""
        ready, _, _ = select.select([self.master], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.read_at = time.monotonic()
        self.bytes += len(data)
        self.log += data
        self._stream.feed(data)
        return bool(data)

    def run_for(self, seconds: float) -> None:
        """Draw whatever comes for that long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.read(left) and self.process.poll() is not None:
                return

    def wait(self, seen: Callable[[Terminal], bool], timeout: float) -> float:
        """Draw until `seen`; how long that took. Raises TimeoutError with the screen in its words."""
        begin = time.monotonic()
        while not seen(self):
            left = begin + timeout - time.monotonic()
            if left <= 0 or (self.process.poll() is not None and not self.read(0.05)):
                raise TimeoutError(f"not seen within {timeout} s; exit {self.process.poll()}\n{self.text}")
            self.read(min(left, 0.05))
        return time.monotonic() - begin

    def wait_for(self, text: str, timeout: float = 10.0) -> float:
        """Draw until the text is somewhere on the screen; how long that took."""
        return self.wait(lambda terminal: text in terminal.text, timeout)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    @property
    def lines(self) -> list[str]:
        """The screen's lines."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.screen.display)

    def styles(self) -> list[tuple[object, ...]]:
        """Each line's colours and attributes: what a moved highlight changes."""
        buffer = self.screen.buffer
        columns = range(self.screen.columns)
        return [
            tuple((c.bg, c.reverse) for c in map(buffer[y].__getitem__, columns))
            for y in range(self.screen.lines)
        ]

    def close(self, timeout: float = 3.0) -> int | None:
        """End the command if it has not ended; its exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        os.close(self.master)
        return self.process.returncode

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
