"""A login shell on a terminal of a host, as a Session."""

from __future__ import annotations

import asyncio

import asyncssh

from providers.sessions import Ending, Size
from providers.ssh.channel import Channel
from providers.ssh.login import Login

WINDOW = 1 << 16
"""Bytes on their way: a flood must stop soon after its reader does."""


class Screen(Channel):
    """Keeps what comes until it is read, and has no more sent meanwhile. The server's banner comes first."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()
        self._news = asyncio.Event()

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        super().connection_made(chan)
        login = chan.get_connection().get_owner()
        if isinstance(login, Login):
            self._waiting += "".join(f"{line}\r\n" for line in login.banner).encode()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._waiting += data
        self._news.set()
        if len(self._waiting) >= WINDOW and self.channel is not None:
            self.channel.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._news.set()

    async def read(self) -> bytes:
        """What came; b"" at the end."""
        while not self._waiting and not self._over.done():
            self._news.clear()
            await self._news.wait()
        data = bytes(self._waiting)
        self._waiting.clear()
        if data and self.channel is not None and not self._over.done():
            self.channel.resume_reading()
        return data


class Shell:
    """The Session of a shell."""

    def __init__(self, screen: Screen, sent: str) -> None:
        self.sent = sent
        self._screen = screen

    async def read(self) -> bytes:
        return await self._screen.read()

    async def write(self, data: bytes) -> None:
        await self._screen.write(data)

    async def end(self) -> None:
        channel = self._screen.channel
        if channel is not None and not channel.is_closing():
            channel.write_eof()

    def resize(self, size: Size) -> None:
        channel = self._screen.channel
        if channel is not None and not channel.is_closing():
            channel.change_terminal_size(size.columns, size.rows)

    async def ended(self) -> Ending:
        return await self._screen.ended()

    async def close(self) -> None:
        self._screen.abort()


def terminal(size: Size) -> dict[str, object]:
    """How a shell's channel is opened."""
    return {
        "request_pty": "force",
        "term_type": "xterm-256color",
        "term_size": (size.columns, size.rows),
        "send_env": ["LANG", "LC_*"],
        "window": WINDOW,
    }
