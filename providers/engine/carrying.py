"""The bytes of one session, both ways, and never more on their way than were taken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from providers.sessions import Ending, Session, Size
from providers.stream import WINDOW, Body, Input, Output, Purpose, Resize, Shut, Taken

log = logging.getLogger(__name__)

SHUT = "it was closed by hand"
_CLOSING = 0.9
"""Seconds for a session to free what it has."""


class Credit:
    """How much may still be sent before some of it is taken."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._left = window
        self._more = asyncio.Event()
        self._more.set()

    async def take(self, wanted: int) -> int:
        """At most so many bytes, at least one, when there are some."""
        await self._more.wait()
        count = min(wanted, self._left)
        self._left -= count
        if not self._left:
            self._more.clear()
        return count

    def give(self, count: int) -> None:
        """So many were taken."""
        if count > 0:
            self._left = min(self._window, self._left + count)
            self._more.set()


@dataclass
class Carried:
    """A session from Open to Closed. `cut` ends it, and says why."""

    id: int
    size: Size
    send: Callable[[Body], None]
    end: Callable[[], object] = lambda: None
    """Makes the task that carries it stop."""
    cut: str = ""
    session: Session | None = None
    window: int = WINDOW
    """Bytes that may be on their way to the console."""
    purpose: Purpose = "shell"

    def __post_init__(self) -> None:
        self._credit = Credit(self.window)
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._untaken = 0

    def stop(self, why: str) -> None:
        """End it now."""
        if not self.cut:
            self.cut = why
            self.end()

    def obey(self, command: Input | Resize | Shut | Taken) -> None:
        """What the console says about this session."""
        match command:
            case Input():
                self._heard(command)
            case Taken():
                self._credit.give(command.count)
            case Resize():
                self._resize(Size(command.columns, command.rows))
            case Shut():
                self.stop(SHUT)

    def _heard(self, said: Input) -> None:
        self._untaken += len(said.data)
        if self._untaken > WINDOW:
            self.stop("the console sent more than it may")
        else:
            self._inputs.put_nowait(said)

    def _resize(self, size: Size) -> None:
        self.size = size
        if self.session is not None:
            self.session.resize(size)

    async def carry(self, session: Session) -> Ending:
        """Until the session ends by itself; whatever happens, it is closed afterwards."""
        self.session = session
        listening = asyncio.create_task(self._listen(session))
        try:
            while data := await session.read():
                await self._say(data)
                await asyncio.sleep(0)  # one that never stops must not keep the others from their turn
            return await session.ended()
        finally:
            listening.cancel()
            await closed(session)

    async def _say(self, data: bytes) -> None:
        while data:
            count = await self._credit.take(len(data))
            self.send(Output(id=self.id, data=data[:count]))
            data = data[count:]

    async def _listen(self, session: Session) -> None:
        try:
            while True:
                said = await self._inputs.get()
                if said.data:
                    await session.write(said.data)
                    self._untaken -= len(said.data)
                    self.send(Taken(id=self.id, count=len(said.data)))
                if said.end:
                    await session.end()
        except Exception as error:  # a stranger's code
            log.exception("session %d", self.id)
            self.stop(f"internal error: {type(error).__name__}: {error}")


async def closed(session: Session) -> None:
    """Close it; what does not close in time is left behind, and its faults are the log's."""
    closing = asyncio.create_task(session.close())
    await asyncio.wait((closing,), timeout=_CLOSING)
    if not closing.done():
        closing.cancel()
    elif error := closing.exception():
        log.error("a session's close", exc_info=error)
