"""A command on a host: what it said, as much of it as is kept, how it ended, and ending it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from providers.contract import Problem
from providers.sessions import Completed
from providers.ssh import leash
from providers.ssh.channel import Channel
from providers.ssh.leash import Leash
from providers.text import clean

SLICE = 1 << 16
"""Bytes of the input that are handed over at a time."""
STOP_SECONDS = 2.0
"""For a command that was sent TERM to end."""

Cut = Callable[[Completed], object]
"""Is told what a command had said when nobody waits for it any more."""


class Command(Channel):
    """Keeps the first `limit` bytes of each output, reads the rest and drops it.

    `run` runs another command there. It ends this one where there is a leash: SSH's own signals do not.
    """

    def __init__(
        self, limit: int, held: Leash | None = None, run: Callable[[str], Awaitable[object]] | None = None
    ) -> None:
        super().__init__()
        self._limit = limit
        self._leash, self._run = held, run
        self._outputs = {None: bytearray(), 1: bytearray()}
        self._cut = False
        self._group: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stopping: asyncio.Task[str] | None = None

    def data_received(self, data: bytes, datatype: int | None) -> None:
        kept = self._outputs[1 if datatype else None]
        room = self._limit + (leash.LONGEST if datatype and self._leash else 0) - len(kept)
        self._cut = self._cut or len(data) > room
        kept += data[:room]
        if datatype and self._leash and not self._group.done() and (group := self._leash.group(bytes(kept))):
            self._group.set_result(group)

    async def complete(self, stdin: bytes, timeout: float, cut: Cut) -> Completed:
        """Give it its input, and wait for its end for so many seconds; then it is ended. So it is when nobody
        waits any more."""
        feeding = asyncio.create_task(self._feed(stdin))
        try:
            async with asyncio.timeout(timeout):
                ended = await self.ended()
        except TimeoutError:
            return self._completed(None, f"not done within {timeout:g} s: {await self._stop()}")
        except asyncio.CancelledError:
            cut(self._completed(None, f"cancelled: {await self._stop()}"))
            raise
        finally:
            feeding.cancel()
        lost = "" if self._over_there else ", and it may still run there"
        return self._completed(ended.status, f"{ended.detail}{lost}")

    def forsake(self) -> None:
        """End it behind the back of who opened it."""
        if self.channel is not None:
            self.channel.resume_reading()  # it was not begun: what is said waits for that
        self._stopping = asyncio.create_task(self._stop())

    @property
    def _over_there(self) -> bool:
        return self._status is not None or bool(self._signal)

    def _completed(self, status: int | None, error: str) -> Completed:
        said, complained = (bytes(kept) for kept in self._outputs.values())
        if self._leash:
            complained = self._leash.without(complained)
        return Completed(
            exit_status=status,
            stdout=said,
            stderr=complained[: self._limit],
            error=clean(error),
            cut=self._cut or len(complained) > self._limit,
        )

    async def _feed(self, stdin: bytes) -> None:
        for at in range(0, len(stdin), SLICE):
            await self.write(stdin[at : at + SLICE])
        if self.channel is not None and not self.channel.is_closing():
            self.channel.write_eof()

    async def _stop(self) -> str:
        """Send it TERM, see whether it ends, and say so. Closing its channel alone would end nothing."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._terminate()
                await self.ended()
        except (TimeoutError, Problem):
            pass
        finally:
            self.abort()
        return "it was sent TERM, " + ("and has ended" if self._over_there else "and may still run there")

    async def _terminate(self) -> None:
        if self._leash and self._run:
            await self._run(leash.ending(await asyncio.shield(self._group)))
        elif self.channel is not None:
            try:
                self.channel.terminate()  # also after the end of the input, when it is_closing()
            except OSError:
                pass  # it is closed
