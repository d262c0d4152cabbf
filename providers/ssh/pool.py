"""Connections that are kept and shared: one for a bastion, whatever is behind it, and for a host few.

Owns every connection of the engine: opens the hops before it, counts what uses it, and ends it when nothing
has for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import asyncssh

from providers.contract import Problem
from providers.ssh import failures
from providers.ssh.dial import Connection, Dialler
from providers.ssh.endpoint import Endpoint

SESSIONS = 10
"""At a time on one connection: OpenSSH's MaxSessions. A server that allows fewer is found out."""
TRIES = 4
IDLE_SECONDS = 300.0
SWEEP_SECONDS = 30.0

Opened = TypeVar("Opened")


class Line:
    """One connection and what uses it: sessions, and connections that go through it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sessions = 0
        self.passing = 0
        self.used = asyncio.get_running_loop().time()

    def take(self, count: int) -> None:
        """So many sessions more, or less."""
        self.sessions += count
        self.used = asyncio.get_running_loop().time()

    def carry(self, count: int) -> None:
        """So many connections more, or less, that go through it."""
        self.passing += count
        self.used = asyncio.get_running_loop().time()


@dataclass
class Opening:
    """A connection that is being opened, and how many wait for it."""

    task: asyncio.Task[Line]
    waiting: int = 0


class Pool:
    """Every connection there is. Pools beside one another have the same ones; each opens them its own way."""

    def __init__(self, dialler: Dialler, beside: Pool | None = None) -> None:
        self._dialler = dialler
        self._lines: dict[Endpoint, list[Line]] = beside._lines if beside else {}
        self._opening: dict[Endpoint, Opening] = {}
        self._limits: dict[Endpoint, int] = beside._limits if beside else {}
        self._sweeping: asyncio.Task[None] | None = None

    async def session(
        self, end: Endpoint, start: Callable[[Connection], Awaitable[Opened]]
    ) -> tuple[Line, Opened]:
        """Start a session, on a connection that is kept or on a new one; at its end `take(-1)` is due.

        `start` raises ChannelOpenError where nothing has been asked of the server yet: then, and only
        then, it is started again. Raises Problem.
        """
        for left in reversed(range(TRIES)):
            line = await self._free(end)
            line.take(1)
            try:
                return line, await start(line.connection)
            except asyncssh.ChannelOpenError as error:
                another = self._may_go_on(end, line)
                line.take(-1)
                if not left or not another:
                    raise failures.of_session(error, end) from error
            except BaseException:
                line.take(-1)
                raise
        raise AssertionError("unreachable")

    def _may_go_on(self, end: Endpoint, line: Line) -> bool:
        """Whether another connection may do: this one is gone, or has as many sessions as it may have."""
        if line.connection.is_closed():
            return True
        if line.sessions == 1:
            return False
        # What was begun before it was known is refused later, and must not raise it again.
        self._limits[end] = min(self._limits.get(end, SESSIONS), line.sessions - 1)
        return True

    async def _free(self, end: Endpoint) -> Line:
        """A connection with room for one more session."""
        while True:
            limit = self._limits.get(end, SESSIONS)
            free = next((line for line in self._alive(end) if line.sessions < limit), None)
            if free is not None:
                return free
            await self._opened(end)

    async def _hop(self, end: Endpoint) -> Line:
        """A connection to go through: any, for what goes through one is no session."""
        alive = self._alive(end)
        return alive[0] if alive else await self._opened(end)

    async def _opened(self, end: Endpoint) -> Line:
        """A new connection. All who want one at that time wait for the same, and fail by the same failure."""
        opening = self._opening.get(end)
        if opening is None:
            opening = self._opening[end] = Opening(asyncio.create_task(self._open(end)))
            opening.task.add_done_callback(partial(self._is_open, end, opening))
        opening.waiting += 1
        try:
            return await asyncio.shield(opening.task)
        finally:
            opening.waiting -= 1
            if not opening.waiting:
                opening.task.cancel()
                self._is_open(end, opening)

    def _is_open(self, end: Endpoint, opening: Opening, task: asyncio.Task[Line] | None = None) -> None:
        """Or it failed, or is no longer wanted: who comes now begins anew."""
        if self._opening.get(end) is opening:
            del self._opening[end]
        if task is not None and not task.cancelled():
            task.exception()  # those who waited have it

    def _alive(self, end: Endpoint) -> list[Line]:
        return [line for line in self._lines.get(end, ()) if not line.connection.is_closed()]

    async def _open(self, end: Endpoint) -> Line:
        if end.via is None:
            return self._keep(end, await self._dialler.open(end, None), None)
        for last in (False, True):
            hop = await self._hop(end.via)
            hop.carry(1)
            try:
                return self._keep(end, await self._dialler.open(end, hop.connection), hop)
            except BaseException as error:
                hop.carry(-1)
                if last or not isinstance(error, Problem) or not hop.connection.is_closed():
                    raise
        raise AssertionError("unreachable")

    def _keep(self, end: Endpoint, connection: Connection, hop: Line | None) -> Line:
        line = Line(connection)
        self._lines.setdefault(end, []).append(line)

        def gone() -> None:
            self._lines[end].remove(line)
            if not self._lines[end]:
                del self._lines[end]
            if hop is not None:
                hop.carry(-1)

        self._dialler.when_lost(connection, gone)
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep())
        return line

    async def _sweep(self) -> None:
        """Every so often, end what nothing has used for a while."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            before = asyncio.get_running_loop().time() - IDLE_SECONDS
            for line in [line for lines in self._lines.values() for line in lines]:
                if not line.sessions and not line.passing and line.used < before:
                    line.connection.close()

    async def close(self) -> None:
        """End every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for opening in self._opening.values():
            opening.task.cancel()
        ending = [line.connection for lines in self._lines.values() for line in lines]
        for connection in reversed(ending):
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in ending))
        self._dialler.close()
