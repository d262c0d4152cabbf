"""One connection to a port of a pod, as a session over channels.

The protocol has no half-close: where the near end has said its last, the far end can't be told. It may still
answer; when it has been silent for a while after that, the connection is closed.
"""

from __future__ import annotations

import asyncio

from providers.kubernetes.channels import V4, Broken, Channels, dial
from providers.kubernetes.client import Client
from providers.kubernetes.containers import Pod
from providers.kubernetes.lookup import path
from providers.sessions import Ending, Size
from providers.text import clean

DATA, ERROR = 0, 1
HALF_CLOSED_SECONDS = 30.0


class Connection:
    """Bytes to and from the port."""

    def __init__(self, channels: Channels, sent: str, patience: float = HALF_CLOSED_SECONDS) -> None:
        self.sent = sent
        self._channels, self._patience = channels, patience
        self._greeted: set[int] = set()
        self._last_said = False
        self._waiting: asyncio.Timeout | None = None
        """For the next message."""
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    async def read(self) -> bytes:
        """What came next; b"" at the end."""
        while not self._ending.done():
            try:
                message = await self._message()
            except Broken as broken:
                return self._finish(Ending(detail=str(broken)))
            except TimeoutError:
                return self._finish(Ending(0))
            if message is None:
                return self._finish(Ending(0))
            if data := self._take(*message):
                return data
        return b""

    async def _message(self) -> tuple[int, bytes] | None:
        """What comes next. Raises Broken, or TimeoutError after the near end has said its last."""
        try:
            async with asyncio.timeout(self._patience if self._last_said else None) as waiting:
                self._waiting = waiting
                return await self._channels.receive()
        finally:
            self._waiting = None

    def _take(self, channel: int, data: bytes) -> bytes:
        """The first message of each channel is the port's number in two bytes, which says nothing new."""
        if channel not in self._greeted:
            self._greeted.add(channel)
            data = data[2:]
        if channel == DATA:
            return data
        if channel == ERROR and data:
            self._finish(Ending(detail=clean(data.decode(errors="replace"), 500)))
        return b""

    async def write(self, data: bytes) -> None:
        """Send it."""
        if not self._ending.done():
            await self._channels.send(DATA, data)

    async def end(self) -> None:
        """Nothing more will be sent: what is still to come may come."""
        if self._waiting is not None and not self._last_said:
            self._waiting.reschedule(asyncio.get_running_loop().time() + self._patience)
        self._last_said = True

    def resize(self, size: Size) -> None:
        """There is no terminal."""

    async def ended(self) -> Ending:
        """How it ended: 0 when either end closed it."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Close it."""
        self._finish(Ending(0))
        await self._channels.close()

    def _finish(self, ending: Ending) -> bytes:
        if not self._ending.done():
            self._ending.set_result(ending)
        return b""


async def forward(client: Client, pod: Pod, port: int) -> Connection:
    """Connect. Raises Refused or Problem."""
    place = pod.metadata.namespace, pod.metadata.name
    channels = await dial(client, f"{path('pod', *place)}/portforward", [("ports", str(port))], (V4,))
    return Connection(channels, f"forward {pod.label.removeprefix('pod ')} port {port}")
