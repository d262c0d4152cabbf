"""A pair of file descriptors as two non-blocking directions of bytes on the running event loop.

Sockets, pipes and devices alike: asyncio's own pipe transports take data that arrives on a two-way socket
for its end, and its stream reader copies everything twice.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque

_CHUNK = 1 << 18


class Silent(Exception):
    """Nothing came within the time given to read()."""


class Channel:
    """Bytes both ways. Owns the descriptors: close() closes them. Made inside a running loop."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._in, self._out = read_fd, write_fd
        self._waiting: asyncio.Future[bool] | None = None
        self._queue: deque[memoryview] = deque()
        self._drained: asyncio.Future[None] | None = None
        self._writing = False
        self._posted = 0
        """Bytes, since it was made."""
        self.queued = 0
        """Bytes posted that the system has not taken yet."""
        self.closed = False
        self.broken = False
        """The other end no longer reads."""
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)

    async def read(self, timeout: float | None = None) -> bytes:
        """What has arrived, at least one byte; b"" at the end or once closed. Raises Silent.

        Data that arrived while this process was stopped counts, however late its timer is.
        """
        while not self.closed:
            try:
                return os.read(self._in, _CHUNK)
            except BlockingIOError:
                await self._readable(timeout)
            except OSError:
                return b""
        return b""

    async def _readable(self, timeout: float | None) -> None:
        self._waiting = waiting = self._loop.create_future()
        timer = self._loop.call_later(timeout, _settle, waiting, False) if timeout is not None else None
        self._loop.add_reader(self._in, _settle, waiting, True)
        try:
            if not await waiting:
                raise Silent
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()
            if not self.closed:
                self._loop.remove_reader(self._in)

    def post(self, data: bytes) -> None:
        """Write as much as the system takes now and keep the rest for later, in order."""
        if self.closed or self.broken or not data:
            return
        self._queue.append(memoryview(data))
        self.queued += len(data)
        self._posted += len(data)
        if not self._writing:
            self._push()

    async def drain(self) -> bool:
        """Wait until the system has taken all that was posted before this call; False when it never will.

        What others post meanwhile is not waited for: one that never stops must not hold up the rest.
        """
        mark = self._posted
        while self._posted - self.queued < mark and not self.closed and not self.broken:
            if self._drained is None:
                self._drained = self._loop.create_future()
            await asyncio.shield(self._drained)
        return not self.closed and not self.broken

    def close(self) -> None:
        """Stop both directions at once; waiting readers get b""."""
        if self.closed:
            return
        self._loop.remove_reader(self._in)
        self._stop_writing()
        self.closed = True
        self._give_up()
        for fd in {self._in, self._out}:
            os.close(fd)
        if self._waiting is not None:
            _settle(self._waiting, True)

    def _push(self) -> None:
        try:
            while self._queue:
                sent = os.write(self._out, self._queue[0])
                self.queued -= sent
                if sent < len(self._queue[0]):
                    self._queue[0] = self._queue[0][sent:]
                else:
                    self._queue.popleft()
        except BlockingIOError:
            if not self._writing:
                self._loop.add_writer(self._out, self._push)
                self._writing = True
            self._progress()
            return
        except OSError:  # EPIPE, ECONNRESET: the reader learns the same from its end
            self.broken = True
        self._stop_writing()
        self._give_up()

    def _stop_writing(self) -> None:
        if self._writing:
            self._loop.remove_writer(self._out)
            self._writing = False

    def _give_up(self) -> None:
        if self.broken or self.closed:
            self._queue.clear()
            self.queued = 0
        self._progress()

    def _progress(self) -> None:
        if self._drained is not None:
            drained, self._drained = self._drained, None
            if not drained.done():
                drained.set_result(None)


def _settle(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)
