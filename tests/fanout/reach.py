"""Hosts that do as they are told: a Reach without SSH, which counts what ran where and how much at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from providers.contract import Problem
from providers.model import Target
from providers.sessions import Completed, Session, Size

OK = Completed(exit_status=0, stdout=b"up\n")


@dataclass
class ScriptedReach:
    """`answers` says by host what a command comes to: a Completed, or a Problem."""

    answers: dict[str, Completed | Problem] = field(default_factory=dict)
    hang: set[str] = field(default_factory=set)
    """Hosts that answer when `go_on` is set, or when they are ended."""
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    commands: list[tuple[str, str, bytes, float, int]] = field(default_factory=list)
    files: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)
    most_at_once: int = 0
    created: int = 0

    def __post_init__(self) -> None:
        self.go_on = asyncio.Event()
        self.started = asyncio.Event()
        self._now = 0

    def __call__(self) -> ScriptedReach:
        self.created += 1
        return self

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
        self.commands.append((target.host, command, stdin, timeout, limit))
        async with _Counted(self, target.host):
            await asyncio.sleep(0)
            try:
                if target.host in self.hang:
                    await self.go_on.wait()
            except asyncio.CancelledError:
                cut(Completed(exit_status=None, stdout=b"so far\n", error="cancelled"))
                raise
        return self._answer(target.host)

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
        self._answer(target.host)
        self.files[target.host, path] = data, mode | keep << 12

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        self._answer(target.host)
        return self.files[target.host, path][0][:limit]

    async def shell(self, target: Target, size: Size) -> Session:
        raise NotImplementedError

    async def close(self) -> None: ...

    def _answer(self, host: str) -> Completed:
        answer = self.answers.get(host, OK)
        if isinstance(answer, Problem):
            raise answer
        return answer


@dataclass
class _Counted:
    reach: ScriptedReach
    host: str

    async def __aenter__(self) -> None:
        reach = self.reach
        reach.begun.append(self.host)
        reach._now += 1
        reach.most_at_once = max(reach.most_at_once, reach._now)
        reach.started.set()

    async def __aexit__(self, *_: object) -> None:
        self.reach._now -= 1
        self.reach.ended.append(self.host)
