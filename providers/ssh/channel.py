"""One channel of a connection: opening it so that it is known what was sent, and the bytes both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import asyncssh

from providers.contract import Uncertain
from providers.sessions import Ending
from providers.ssh.dial import Connection
from providers.text import clean

OPEN_SECONDS = 15.0
"""For the server to open a channel on a connection that stands: one that does not by then is dead."""
HIGH_WATER = 1 << 18
"""Bytes that wait to be sent, above which a writer waits."""


class Channel(asyncssh.SSHClientSession[bytes]):
    """What becomes of a channel. Subclasses take the bytes that come."""

    def __init__(self) -> None:
        self.opened = False
        """The server opened it: what is asked from then on may have happened."""
        self.channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._status: int | None = None
        self._signal = ""

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self.opened, self.channel = True, chan
        chan.set_write_buffer_limits(HIGH_WATER)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def exit_status_received(self, status: int) -> None:
        self._status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self._signal = clean(signal, 20) + (" (core dumped)" if core_dumped else "")

    def connection_lost(self, exc: Exception | None) -> None:
        self._writable.set()
        if not self._over.done():
            self._over.set_result(self._ending(exc))

    def _ending(self, error: Exception | None) -> Ending:
        if self._status is not None:
            return Ending(self._status)
        if self._signal:
            return Ending(None, f"killed by signal {self._signal}")
        said = clean(str(error), 200) if error is not None else ""
        return Ending(None, f"the connection was lost{f': {said}' if said else ''}", "open it again")

    async def ended(self) -> Ending:
        """Waits for the end."""
        return await asyncio.shield(self._over)

    def when_over(self, call: Callable[[], object]) -> None:
        """Call once it is over."""
        self._over.add_done_callback(lambda _: call())

    async def write(self, data: bytes) -> None:
        """Send it; returns when there is room again. What is said after the end is dropped."""
        if self.channel is not None and not self.channel.is_closing():
            self.channel.write(data)
            await self._writable.wait()

    def abort(self) -> None:
        """End it now."""
        if self.channel is not None:
            self.channel.abort()

    def forsake(self) -> None:
        """Nobody will have it: end it, and what it may have begun."""
        self.abort()


Kind = TypeVar("Kind", bound=Channel)


async def open_channel(connection: Connection, made: Callable[[], Kind], what: str, **how: Any) -> Kind:
    """Open one and ask for a command, a shell or a subsystem on it, as `how` says.

    Raises ChannelOpenError while nothing has been asked for, Uncertain when it was and no answer came, and
    Declined. Who is cancelled leaves no channel that stands.
    """
    session = made()
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await connection.create_session(lambda: session, encoding=None, **how)
    except TimeoutError:
        connection.abort()
        if session.opened:
            raise Uncertain(f"{what} was sent and no answer came", "look whether it happened") from None
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "no answer") from None
    except asyncio.CancelledError:
        session.forsake()
        raise
    except AttributeError:
        # A connection lost between the answer and its reader: asyncssh has forgotten the session by then.
        if not (session.opened and connection.is_closed()):
            raise
        raise _lost(what) from None
    except (asyncssh.Error, OSError) as error:
        if session.opened and connection.is_closed():
            raise _lost(what) from error
        if session.opened:
            raise Declined(clean(str(error), 200)) from error
        if isinstance(error, asyncssh.ChannelOpenError):
            raise
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, str(error)) from error
    return session


def _lost(what: str) -> Uncertain:
    return Uncertain(f"{what} was sent, and the connection was lost", "look whether it happened")


class Declined(Exception):
    """The server opened the channel and would not do what was asked on it."""
