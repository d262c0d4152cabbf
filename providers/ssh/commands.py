"""A command on a host: what it said, as much of it as is kept, and how it ended."""

from __future__ import annotations

import asyncio

from providers.sessions import Completed
from providers.ssh.channel import Channel
from providers.text import clean

SLICE = 1 << 16
"""Bytes of the input that are handed over at a time."""
KILL_SECONDS = 1.0


class Command(Channel):
    """Keeps the first `limit` bytes of each output, reads the rest and drops it."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._outputs = {None: bytearray(), 1: bytearray()}
        self._cut = False

    def data_received(self, data: bytes, datatype: int | None) -> None:
        kept = self._outputs[1 if datatype else None]
        room = self._limit - len(kept)
        self._cut = self._cut or len(data) > room
        kept += data[:room]

    async def complete(self, stdin: bytes, timeout: float) -> Completed:
        """Give it its input, and wait for its end for so many seconds; then it is killed."""
        feeding = asyncio.create_task(self._feed(stdin))
        try:
            async with asyncio.timeout(timeout):
                ending = await self.ended()
        except TimeoutError:
            await self._kill()
            return self._completed(None, f"not done within {timeout:g} s: it was sent TERM, and is cut off")
        except asyncio.CancelledError:
            self._terminate()
            self.abort()
            raise
        finally:
            feeding.cancel()
        return self._completed(ending.status, ending.detail)

    def _completed(self, status: int | None, error: str) -> Completed:
        said, complained = (bytes(kept) for kept in self._outputs.values())
        return Completed(
            exit_status=status, stdout=said, stderr=complained, error=clean(error), cut=self._cut
        )

    async def _feed(self, stdin: bytes) -> None:
        for at in range(0, len(stdin), SLICE):
            await self.write(stdin[at : at + SLICE])
        if self.channel is not None and not self.channel.is_closing():
            self.channel.write_eof()

    async def _kill(self) -> None:
        """Closing a channel without a terminal kills nothing, so a signal goes before it; OpenSSH passes that
        on for everybody but root."""
        self._terminate()
        try:
            await asyncio.wait_for(self.ended(), KILL_SECONDS)
        except TimeoutError:
            pass
        finally:
            self.abort()

    def _terminate(self) -> None:
        if self.channel is not None and not self.channel.is_closing():
            self.channel.terminate()
