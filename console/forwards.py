"""Ports of pods on this machine's loopback: a listener each, and for each connection a session."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from console.callers import closed
from console.item import Item
from console.shells.session import Session
from console.shells.sessions import Sessions
from console.workloads import Workload, workload_of
from providers.model import Target
from providers.stream import WINDOW, Closed, Opened

LOOPBACK = "127.0.0.1"
_READ = 1 << 15
_LOOK_SECONDS = 1.0
"""Between the first two looks whether a program that says no more still listens; doubled each time."""
FindPod = Callable[["Forward"], "Item | None"]
"""The pod that a new connection goes to now: a ready one of the same workload, when the first one is gone."""


class PortError(ValueError):
    """Text that says no port; the words say why."""


def ports_of(text: str, names: Mapping[str, str] = MappingProxyType({})) -> tuple[int, int]:
    """What "8080", "9000:8080" or "9000:http" means: the port here, 0 for any, and the one there.

    Raises PortError.
    """
    here, colon, there = text.strip().rpartition(":")
    there = names.get(there, there)
    try:
        numbers = [int(part) for part in ((here, there) if colon else (there, there))]
    except ValueError:
        known = f"; the pod names {', '.join(names)}" if names else ""
        raise PortError(f"{text.strip()!r} is not PORT or LOCAL:PORT{known}") from None
    if not 1 <= numbers[1] <= 65535 or not 0 <= numbers[0] <= 65535:
        raise PortError("a port is a number from 1 to 65535")
    return numbers[0], numbers[1]


def listening(local: int) -> socket.socket:
    """That port of the loopback, 0 for any. Raises PortError when it is not to be had."""
    try:
        return socket.create_server((LOOPBACK, local))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"port {local} is in use on this machine"
        elif error.errno == errno.EACCES:
            why = f"port {local} of this machine is for root alone"
        else:
            why = f"port {local} of this machine can't be listened on: {error.strerror or error}"
        raise PortError(f"{why}; LOCAL:PORT takes another one") from None


@dataclass(eq=False)
class Forward:
    """One listener."""

    target: Target
    """The pod that it was begun on."""
    workload: Workload | None
    """Whose pods it goes to when that one is gone."""
    way: str
    port: int
    """There."""
    local: int = 0
    """Here."""
    server: asyncio.Server | None = None
    connections: int = 0
    """Open now."""
    served: int = 0
    """Ever begun."""
    error: str = ""
    """Why the last one that failed did."""
    pod: str = ""
    """Name of the pod that the last one went to."""

    @property
    def address(self) -> str:
        """What to connect to here."""
        return f"{LOOPBACK}:{self.local}"

    @property
    def name(self) -> str:
        """What it goes to, as people say it: the workload, or the pod that has none."""
        return str(self.workload) if self.workload else self.target.label


class Forwards:
    """Those that there are, in the order that they were begun."""

    def __init__(
        self,
        sessions: Sessions,
        find: FindPod,
        target_of: Callable[[Item], Target],
        changed: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._find = find
        self._target_of = target_of
        self._changed = changed
        self._all: list[Forward] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Forward]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def of(self, item: Item) -> list[Forward]:
        """Those of that pod or of its workload."""
        workload = workload_of(item)
        return [f for f in self._all if f.target.ref == item.ref or (workload and f.workload == workload)]

    async def begin(self, forward: Forward, local: socket.socket) -> None:
        """Serve who connects to that, from listening()."""
        forward.server = await asyncio.start_server(
            lambda reader, writer: self._serve(forward, reader, writer), sock=local, limit=_READ
        )
        forward.local = forward.server.sockets[0].getsockname()[1]
        forward.pod = forward.target.name
        self._all.append(forward)
        self._changed()

    async def end(self, forward: Forward) -> None:
        """Listen no more; what is connected ends too."""
        if forward not in self._all:
            return
        self._all.remove(forward)
        if forward.server is not None:
            forward.server.close()
        for task in [task for task in self._tasks if task.get_name() == _name(forward)]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._changed()

    async def close(self) -> None:
        """End them all."""
        for forward in tuple(self._all):
            await self.end(forward)

    def _serve(self, forward: Forward, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connection(forward, reader, writer))
        task.set_name(_name(forward))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(
        self, forward: Forward, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        forward.connections += 1
        forward.served += 1
        self._changed()
        try:
            item = self._find(forward)
            if item is None:
                forward.error = f"no ready pod of {forward.name} is there"
                return
            forward.pod = item.name
            ending = await _Connection(reader, writer).run(self._begin(forward, item))
            if ending.detail and ending.status != 0:
                forward.error = ending.detail
        finally:
            forward.connections -= 1
            self._changed()
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def _begin(self, forward: Forward, item: Item) -> Callable[[_Connection], Session]:
        target = self._target_of(item)
        return lambda listener: self._sessions.begin(
            listener, target, "forward", way=forward.way, arguments=(str(forward.port),)
        )


class _Connection:
    """Bytes between one accepted connection and one session, neither faster than the other takes them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self._room = asyncio.Event()
        self._left = False
        """The program here went away, which is its own affair."""

    async def run(self, begin: Callable[[_Connection], Session]) -> Closed:
        """Until both ends have said all, or one of them is gone."""
        session = begin(self)
        session.on_room = self._room.set
        there, back = asyncio.ensure_future(self._there(session)), asyncio.ensure_future(self._back(session))
        try:
            ending = await asyncio.shield(self._closed)
            await back
            return Closed(id=session.id, status=0) if self._left else ending
        finally:
            session.shut()
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    async def _there(self, session: Session) -> None:
        try:
            while data := await self._reader.read(_READ):
                self._room.clear()
                session.write(data)
                while session.waiting > WINDOW and not session.over:
                    await self._room.wait()
            session.end()
            await self._leaving(session)
            self._leave(session)
        except ConnectionError:
            self._leave(session)

    def _leave(self, session: Session) -> None:
        if not session.over:
            self._left = True
            session.shut()

    async def _leaving(self, session: Session) -> None:
        """Waits until the program here has closed its end for good, and all that it said was taken.

        Of one that only says no more an answer is awaited: how long is the engine's affair.
        """
        caller, here = (self._writer.get_extra_info(name) for name in ("peername", "sockname"))
        pause = _LOOK_SECONDS
        while not session.over and not (session.settled and closed(caller, here)):
            self._room.clear()
            try:
                await asyncio.wait_for(self._room.wait(), pause)
            except TimeoutError:
                pause *= 2

    async def _back(self, session: Session) -> None:
        try:
            while data := await self._said.get():
                self._writer.write(data)
                await self._writer.drain()
                session.took(len(data))
            if self._writer.can_write_eof():
                self._writer.write_eof()
        except ConnectionError:
            self._leave(session)

    def opened(self, body: Opened) -> None:
        """The first byte says more."""

    def said(self, data: bytes) -> None:
        self._said.put_nowait(data)

    def closed(self, body: Closed) -> None:
        self._said.put_nowait(b"")
        self._room.set()
        if not self._closed.done():
            self._closed.set_result(body)


def _name(forward: Forward) -> str:
    return f"forward {id(forward)}"
