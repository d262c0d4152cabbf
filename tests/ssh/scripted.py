"""Servers that do wrong: each says what it is told to and then hangs, or goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """A port on loopback where everybody is talked to like that."""
    talking: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            await talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            talking.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(talking):
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await server.wait_closed()


def says(data: bytes, *, hang: bool = False) -> Talk:
    """Says that, and goes or hangs."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if hang:
            await asyncio.Event().wait()
        await reader.read(1000)

    return talk


def relays(port: int, spoil: Callable[[int], bool]) -> Talk:
    """Passes everything on to that port until `spoil`, told how many bytes came back, says to cut it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection("127.0.0.1", port)

        async def there() -> None:
            while data := await reader.read(1 << 16):
                before.write(data)

        going = asyncio.create_task(there())
        count = 0
        try:
            while data := await behind.read(1 << 16):
                count += len(data)
                if spoil(count):
                    writer.transport.abort()
                    return
                writer.write(data)
        finally:
            going.cancel()
            before.close()

    return talk
