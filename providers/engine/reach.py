"""Connections over SSH for whoever holds a Reach before one is wanted: what makes them is slow to import."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable

from providers.contract import Problem
from providers.model import Target
from providers.sessions import Completed, Reach, Session, Size

MODULE = "providers.ssh.reach"


class LaterReach:
    """A Reach that is made at its first use; the import is done beside the loop."""

    def __init__(self, make: Callable[[], Reach]) -> None:
        self._make = make

    async def run(
        self, target: Target, command: str, *, stdin: bytes = b"", timeout: float = 60.0, limit: int = 1 << 20
    ) -> Completed:
        """As Reach."""
        reach = await self._made()
        return await reach.run(target, command, stdin=stdin, timeout=timeout, limit=limit)

    async def shell(self, target: Target, size: Size) -> Session:
        """As Reach."""
        return await (await self._made()).shell(target, size)

    async def put(
        self, target: Target, path: str, data: bytes, *, mode: int = 0o644, timeout: float = 60.0
    ) -> None:
        """As Reach."""
        await (await self._made()).put(target, path, data, mode=mode, timeout=timeout)

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        """As Reach."""
        return await (await self._made()).get(target, path, limit=limit, timeout=timeout)

    async def close(self) -> None:
        """Nothing: whoever makes it ends it."""

    async def _made(self) -> Reach:
        try:
            await asyncio.to_thread(importlib.import_module, MODULE)
        except ImportError as error:
            raise Problem(
                f"there are no connections of our own over SSH here: {error}",
                "install asyncssh where the engine runs, or use the system's ssh",
            ) from error
        return self._make()
