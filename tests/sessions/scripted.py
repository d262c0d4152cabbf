"""Ways whose every step the test decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from providers.model import Kind, Offer
from providers.sessions import Ending, Session, Size
from providers.stream import Purpose
from providers.ways import Where


class Line:
    """A Session that says what it is given, and keeps what it is told."""

    def __init__(self, sent: str = "a line", *, slow: bool = False) -> None:
        self.sent = sent
        self.says: asyncio.Queue[bytes] = asyncio.Queue()
        self.told = bytearray()
        self.sizes: list[Size] = []
        self.said_end = False
        self.closed = False
        self.reads = 0
        self.ending = Ending(0)
        self.listens = asyncio.Event()
        if not slow:
            self.listens.set()

    async def read(self) -> bytes:
        data = await self.says.get()
        self.reads += len(data)
        return data

    async def write(self, data: bytes) -> None:
        await self.listens.wait()
        self.told += data

    async def end(self) -> None:
        self.said_end = True

    def resize(self, size: Size) -> None:
        self.sizes.append(size)

    async def ended(self) -> Ending:
        return self.ending

    async def close(self) -> None:
        self.closed = True
        self.says.put_nowait(b"")


Opening = Callable[[Where, Size], Awaitable[Session]]


class Scripted:
    """A way of one offer, or of an error instead."""

    def __init__(
        self,
        name: str,
        *,
        refused: str = "",
        typed: str = "",
        error: Exception | None = None,
        opening: Opening | None = None,
        purpose: Purpose = "shell",
        choices: Sequence[str] = ("",),
        hangs: bool = False,
    ) -> None:
        self.name = name
        self.purpose: Purpose = purpose
        self.kinds: tuple[Kind, ...] = ("node",)
        self.line = Line(f"{name} opened")
        self.opened: list[tuple[str, Size, tuple[str, ...]]] = []
        self._refused = refused
        self._typed = typed
        self._error = error
        self._opening = opening
        self._choices = choices
        self._hangs = hangs

    async def offers(self, where: Where) -> Sequence[Offer]:
        if self._error is not None:
            raise self._error
        if self._hangs:
            await asyncio.Event().wait()
        return [
            Offer(way=self.name, title=self.name, choice=choice, refused=self._refused, typed=self._typed)
            for choice in self._choices
        ]

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        self.opened.append((choice, size, tuple(arguments)))
        return await self._opening(where, size) if self._opening else self.line
