"""Connections to hosts over SSH for everything in the engine: commands, shells and files on them.

Importing this is cheap; asyncssh (a third of a second) is imported with the first host that is reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from providers.contract import Problem
from providers.model import Target
from providers.sessions import Asker, Completed, Session, Size

if TYPE_CHECKING:
    from providers.ssh.reaching import Reacher


def create(asker: Asker, beside: Lazily | None = None) -> Lazily:
    """The connections of one engine, those of `beside` among them. What only the person knows is asked of
    `asker`."""
    return Lazily(asker, beside)


class Lazily:
    """The Reach, made when it is first used."""

    def __init__(self, asker: Asker, beside: Lazily | None) -> None:
        self._asker = asker
        self._beside = beside
        self._made: Reacher | None = None
        self._making = asyncio.Lock()

    async def _reacher(self) -> Reacher:
        async with self._making:
            if self._made is None:
                beside = await self._beside._reacher() if self._beside else None
                self._made = (await asyncio.to_thread(_module)).Reacher(self._asker, beside)
            return self._made

    async def run(
        self,
        target: Target,
        command: str,
        *,
        stdin: bytes = b"",
        timeout: float = 60.0,
        limit: int = 1 << 20,
        cut: Callable[[Completed], object] = lambda _: None,
    ) -> Completed:
        reacher = await self._reacher()
        return await reacher.run(target, command, stdin=stdin, timeout=timeout, limit=limit, cut=cut)

    async def shell(self, target: Target, size: Size) -> Session:
        return await (await self._reacher()).shell(target, size)

    async def put(
        self,
        target: Target,
        path: str,
        data: bytes,
        *,
        mode: int = 0o644,
        keep: bool = False,
        timeout: float = 60.0,
    ) -> None:
        await (await self._reacher()).put(target, path, data, mode=mode, keep=keep, timeout=timeout)

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        return await (await self._reacher()).get(target, path, limit=limit, timeout=timeout)

    async def login(self, target: Target) -> str:
        return await (await self._reacher()).login(target)

    async def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            await made.close()


def _module() -> ModuleType:
    try:
        return import_module("providers.ssh.reaching")
    except ImportError as error:
        raise Problem(
            f"there are no connections of our own over SSH here: {error}",
            "install asyncssh where the engine runs, or use the system's ssh",
        ) from error
