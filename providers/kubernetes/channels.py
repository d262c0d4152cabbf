"""Numbered channels over one WebSocket, as Kubernetes has them: the first byte of a message says which.

Owns the two protocols (v5 can end a channel, v4 can't) and how a peer that is gone is noticed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AsyncExitStack

import aiohttp
from aiohttp import WSMsgType

from providers.contract import Problem
from providers.kubernetes.client import ApiError, Client, Unreachable
from providers.text import clean

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
_END = 255
_PIECE = 1 << 15
"""Bytes of a message at most: a piece that is under way holds up a resize."""
QUIET_SECONDS = 20.0
"""Silence after which the peer is asked whether it is there."""
_QUESTIONS = 2
_SLACK = 2048
"""Bytes that a terminal takes, whatever its program does."""


class Broken(Exception):
    """The connection is of no use any more; the words say why."""


class Channels:
    """One connection. Reading it is the back-pressure: what is not read stays with the server."""

    def __init__(
        self, frames: aiohttp.ClientWebSocketResponse, held: AsyncExitStack, quiet: float = QUIET_SECONDS
    ) -> None:
        self._frames, self._held, self._quiet = frames, held, quiet
        self._unanswered = 0
        self._unread = 0
        """Bytes sent since the server last proved that it reads."""

    @property
    def halves(self) -> bool:
        """Whether a channel can be ended while others go on."""
        return self._frames.protocol == V5

    async def receive(self) -> tuple[int, bytes] | None:
        """The next message with its channel's number; None when the server has closed. Raises Broken."""
        while True:
            message = await self._message()
            if message is None:
                continue
            if message.type is WSMsgType.BINARY:
                if message.data:
                    return message.data[0], message.data[1:]
            elif message.type is WSMsgType.PING:
                await self._frame(message.data, WSMsgType.PONG)
            elif message.type is WSMsgType.TEXT:
                raise Broken("the server sent text where only bytes were agreed on")
            elif message.type is WSMsgType.ERROR:
                raise Broken(f"the server sent what is no message: {clean(str(message.data), 200)}")
            elif message.type is not WSMsgType.PONG:
                return None

    async def send(self, channel: int, data: bytes) -> None:
        """Say it on that channel; dropped when the connection is closed."""
        for start in range(0, len(data), _PIECE):
            self._unread += len(data[start : start + _PIECE])
            await self._frame(bytes([channel]) + data[start : start + _PIECE], WSMsgType.BINARY)

    async def end(self, channel: int) -> None:
        """Nothing more will be said on that channel. Of v4 there is nothing that could say so."""
        if self.halves:
            await self._frame(bytes([_END, channel]), WSMsgType.BINARY)

    async def close(self) -> None:
        """Close the connection, within half a second."""
        await self._held.aclose()

    async def _frame(self, data: bytes, kind: WSMsgType) -> None:
        try:
            await self._frames.send_frame(data, kind)
        except (aiohttp.ClientError, OSError):
            pass  # reading says how it ended

    async def _message(self) -> aiohttp.WSMessage | None:
        """What comes next, or None after a silence that is long but not too long.

        Where much was said, silence proves nothing: the server does not read, nor answer, while the program
        at its end takes no input. Then the connection's own time limits decide (sockets.py).
        """
        try:
            message = await self._frames.receive(timeout=self._quiet)
        except TimeoutError:
            if self._unanswered >= _QUESTIONS and self._unread <= _SLACK:
                raise Broken(f"nothing came for {self._quiet * (_QUESTIONS + 1):.0f} s") from None
            self._unanswered += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._quiet):
                    await self._frame(b"", WSMsgType.PING)
            return None
        self._unanswered = 0
        if message.type is WSMsgType.PONG:
            self._unread = 0
        return message


async def dial(
    client: Client,
    path: str,
    params: Sequence[tuple[str, str]],
    protocols: Sequence[str] = (V5, V4),
    *,
    quiet: float = QUIET_SECONDS,
) -> Channels:
    """Connect. Raises Refused, or Problem in words that also suit servers that know no WebSockets."""
    async with AsyncExitStack() as stack:
        try:
            frames = await stack.enter_async_context(client.connect(path, params, protocols))
        except (ApiError, Unreachable) as problem:
            raise _worded(problem, client.host) from problem
        if frames.protocol not in protocols:
            raise Problem(
                f"{client.host} opened a WebSocket without saying how it is to be spoken",
                "look at what is in between; `kubectl exec` shows whether the cluster itself can",
            )
        return Channels(frames, stack.pop_all(), quiet)
    raise AssertionError


def once(problem: Problem) -> Problem:
    """The same, of something that nobody tries again by itself."""
    if "by itself" in problem.remedy:
        return Problem(problem.detail, "open it again", state=problem.state)
    return problem


def _worded(problem: Problem, host: str) -> Problem:
    """As the server says it, but for answers that only mean that the upgrade did not get through."""
    if not isinstance(problem, ApiError) or problem.reason == "NotFound":
        return once(problem)
    if "pgrade request required" in problem.message or problem.status in (200, 404, 405, 426, 501):
        return Problem(
            f"{host} carries no WebSocket ({problem.status}: {problem.message})",
            "a proxy in between may take the upgrade away; servers before Kubernetes 1.30 need their "
            "kubelets to speak it",
        )
    return once(problem)
