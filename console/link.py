"""The console's link to its engine: frames in, commands out, and another engine when one dies."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Literal

from providers.channel import Channel, Silent
from providers.stream import BEAT_SECONDS, Beat, Bye, Command, Failed, Frame, Hello, Welcome
from providers.transport import Child, spawn_child
from providers.transport import connect as connect_command
from providers.wire import WireError

LinkState = Literal["starting", "live", "restarting", "failed", "closed"]
"""starting: no engine has spoken yet. live: one speaks. restarting: one was lost, the next is awaited.
failed: none will speak, see `detail`. closed: close() was called."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds before an engine is started again; doubled each time, from the start after a minute of health."""
_HEALTHY_AFTER = 60.0
_CLOSING = 0.7
"""Seconds that an engine has for its own end before it is killed."""


LinkError = WireError
"""No engine can be had there: `detail` and `remedy` say why, one line each."""


def connect(hello: Hello, *, via: str = "", log_file: str = "") -> Link:
    """Start an engine here, or on `[user@]host` by the system's ssh, and link to it.

    Here it returns at once. With `via` it waits until the engine answers, so that ssh can ask its
    questions on the terminal; what ssh says meanwhile goes to stderr. Raises LinkError.
    """
    if via:
        return Link(connect_command(via, hello, say=lambda line: print(line, file=sys.stderr)))
    return Link(spawn_child(hello, log_file=Path(log_file) if log_file else None))


class Link:
    """Supervises one engine at a time, beginning with an already started one, which it owns from then on."""

    unsent = "the engine is restarting"
    """Why send() had nobody to send to."""

    def __init__(self, child: Child, *, silence: float = 3 * BEAT_SECONDS) -> None:
        self._child = child
        self._channel: Channel | None = None
        self._silence = silence
        """Seconds without a byte after which an engine counts as hung."""
        self._ids = count(1)
        self._pause = FIRST_PAUSE
        self._since = time.monotonic()
        self.state: LinkState = "starting"
        self.detail = ""
        """Why it is restarting or failed, one line; "" otherwise."""
        self.remedy = ""
        self.welcome: Welcome | None = None
        """What the engine that speaks now said of itself."""

    @property
    def pid(self) -> int:
        """Of the engine's process here (for --via: of the command)."""
        return self._child.process.pid

    def next_id(self) -> int:
        """A fresh number for a command; 0 is never one."""
        return next(self._ids)

    def send(self, command: Command) -> bool:
        """Queue a command for the engine; False when none is there to take it."""
        if self._channel is None or self._channel.closed or self.state not in ("starting", "live"):
            return False
        self._channel.post(self._child.writer.write([command]))
        return True

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Frames as they arrive, a list for each read, until close() or a failure for good.

        Given up and called again it goes on where it was; one iteration at a time.
        When the engine is lost the list holds one frame of the link itself, with `Failed(id=0)`; after a
        restart a new Welcome says that all that was known must be told again.
        """
        while self.state != "closed":
            try:
                async for batch in self._life():
                    yield batch
            except WireError as error:
                if self._is_closed():
                    return
                yield [self._lost(error)]
                if self.state == "failed":
                    return
                await self._restart()

    async def _life(self) -> AsyncIterator[list[Frame]]:
        """Everything one engine says, ending in a WireError that says how it was lost."""
        child = self._child
        channel = self._adopt(child)
        if child.early:
            frames, child.early = child.early, []
            yield self._noted(frames)
        while True:
            try:
                data = await channel.read(self._silence)
            except Silent:
                raise WireError(
                    "cut", f"{child.name} has been silent for {self._silence:.0f} s and was stopped"
                ) from None
            if self._is_closed():
                return
            if not data:
                await self._bury(child)
            if frames := child.reader.feed(data):
                yield self._noted(frames)

    def _adopt(self, child: Child) -> Channel:
        if self._channel is None:  # else another iteration of frames() was given up, and this one goes on
            fd = child.socket.detach()
            self._channel = Channel(fd, fd)
        return self._channel

    def _noted(self, frames: list[Frame]) -> list[Frame]:
        for frame in frames:
            if isinstance(frame.body, Welcome):
                self.welcome = frame.body
                self.state, self.detail, self.remedy = "live", "", ""
                self._since = time.monotonic()
            elif isinstance(frame.body, Beat):
                self._child.trim()
        return frames

    async def _bury(self, child: Child) -> None:
        """Wait for the end of a process whose stream has ended, and raise what is known of it."""
        deadline = time.monotonic() + 0.5
        while child.process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if self._is_closed():
            return
        cut = ""
        try:
            child.reader.end()
        except WireError as error:
            if error.fault == "greeting":
                raise
            cut = " in the middle of a message" if child.reader.greeted else ""
        raise WireError("cut", child.obituary() + cut, child.remedy())

    def _lost(self, error: WireError) -> Frame:
        healthy = self.state == "live" and time.monotonic() - self._since > _HEALTHY_AFTER
        if healthy:
            self._pause = FIRST_PAUSE
        self._drop()
        self.welcome = None
        self.state = "failed" if error.fault == "version" else "restarting"
        self.detail = error.detail
        self.remedy = error.remedy or "another one is being started"
        return Frame(time.time(), "", Failed(id=0, detail=self.detail, remedy=self.remedy))

    async def _restart(self) -> None:
        """Start the next engine after a pause, until one can be started at all."""
        while not self._is_closed():
            pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
            await asyncio.sleep(pause)
            if self._is_closed():
                return
            try:
                self._child = self._child.again()
                return
            except WireError as error:
                self.detail, self.remedy = error.detail, error.remedy

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._child.close()

    def _is_closed(self) -> bool:
        return self.state == "closed"

    async def close(self) -> None:
        """Ask the engine to stop, and kill it when it has not within its time. Takes a second at most."""
        if self.state == "closed":
            return
        channel, alive = self._channel, self._channel is not None and not self._channel.closed
        if channel is not None and alive:
            channel.post(self._child.writer.write([Bye()]))
        self.state = "closed"
        deadline = time.monotonic() + _CLOSING
        # An event would need a child watcher, which is a thread or a signal handler.
        while alive and self._child.process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self._drop()
