"""A Reach that answers as it is told: for faults that no real server has on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from providers.contract import Problem
from providers.model import Target
from providers.sessions import Completed, Session, Size

OUTPUTS = Path(__file__).parent / "outputs"

Reply = bytes | Completed | Problem


def output(name: str) -> bytes:
    """What a host of that sort prints."""
    return (OUTPUTS / f"{name}.txt").read_bytes()


class Scripted:
    """Replies by host; what was asked, and how much at once, is counted."""

    def __init__(self, replies: Callable[[str, bytes], Reply]) -> None:
        self.replies = replies
        self.asked: list[tuple[str, bytes]] = []
        self.most_at_once = 0
        self.held: asyncio.Event | None = None
        """While it is not set, nobody is answered."""
        self._under_way = 0

    async def run(
        self, target: Target, command: str, *, stdin: bytes = b"", timeout: float = 60.0, limit: int = 1 << 20
    ) -> Completed:
        assert command == "/bin/sh -s"
        self.asked.append((target.host, stdin))
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            await asyncio.sleep(0)
            if self.held is not None:
                await self.held.wait()
            reply = self.replies(target.host, stdin)
        finally:
            self._under_way -= 1
        if isinstance(reply, Problem):
            raise reply
        return reply if isinstance(reply, Completed) else Completed(exit_status=0, stdout=reply)

    async def shell(self, target: Target, size: Size) -> Session:
        raise AssertionError("nothing here opens a shell")

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
        raise AssertionError("nothing here writes files")

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        raise AssertionError("nothing here reads files")

    async def close(self) -> None:
        pass
