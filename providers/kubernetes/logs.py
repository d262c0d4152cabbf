"""What a container prints, line by line, without gaps over broken connections.

Lines are asked for with their times, which are taken off again: after a break everything since the second
before the last line is asked for anew, and what was shown already is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter, deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from providers.contract import Problem, Refused
from providers.kubernetes.api import status_of
from providers.kubernetes.channels import once
from providers.kubernetes.client import Client
from providers.kubernetes.containers import ContainerSpec, Pod, pod, remedy, told
from providers.kubernetes.lines import Lines
from providers.kubernetes.lookup import path
from providers.kubernetes.timing import Backoff
from providers.model import Ref
from providers.sessions import Ending, Size
from providers.text import clean

_TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ")
_REMEMBERED = 2000
"""Lines. Where more than that came within the last seconds before a break, times alone tell old from new."""
_PATIENCE_SECONDS = 300.0
"""How long a server that does not answer is asked again."""
_REFUSAL_SECONDS = 0.5
_RESTART_SECONDS = 10.0
"""For a container to be begun anew after its end: the first time it is at once."""
_LOOK_SECONDS = 1.0
_WAITING = 8
"""Chunks of a log that wait to be read; then the connection is not read either."""


class Seen:
    """The last lines that were shown, by their times and what they hash to."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._lines: deque[tuple[bytes, int]] = deque(maxlen=remembered)
        self._again: Counter[tuple[bytes, int]] = Counter()
        """How often each may come for the second time."""
        self._oldest = b""
        """What is older than this was shown and forgotten, or is from before the first line shown."""

    def since(self) -> str:
        """From when on to ask: a second before the last line, as lines of two outputs overtake each other;
        "" before the first."""
        if not self._lines:
            return ""
        last = datetime.fromisoformat(self._lines[-1][0][:19].decode() + "+00:00")
        return (last - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def mend(self) -> None:
        """From now on lines may come for the second time."""
        self._again = Counter(self._lines)
        self._oldest = self._lines[0][0] if self._lines else b""

    def is_new(self, time: bytes, line: bytes) -> bool:
        """Whether the line was not shown before; it counts as shown now."""
        key = (time, hash(line))
        if self._again.get(key, 0):
            self._again[key] -= 1
            return False
        if time < self._oldest:
            return False
        self._lines.append(key)
        return True


class Log:
    """A container's log as a session: nothing can be said to it."""

    def __init__(
        self, client: Client, ref: Ref, found: Pod, container: ContainerSpec, *, tail: int, previous: bool
    ) -> None:
        place = f"{found.metadata.namespace}/{found.metadata.name}"
        which = " --previous" if previous else " --follow"
        self.sent = clean(f"logs {place} -c {container.name} --tail={tail}{which}", 700)
        self._client, self._ref, self._pod, self._container = client, ref, found, container
        self._tail, self._previous = tail, previous
        self._restarts = found.status_of(container.name).restart_count
        self._seen = Seen()
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())

    async def opened(self) -> None:
        """Gives the server a moment to refuse, and raises that. Of a container that has not printed anything
        it says nothing at all, not even that all is well."""
        try:
            await asyncio.wait({self._opened}, timeout=_REFUSAL_SECONDS)
            if not self._opened.done():
                self._opened.set_result(None)
            self._opened.result()
        except BaseException:
            await self.close()
            raise

    async def read(self) -> bytes:
        """Lines, each with the ends that a terminal needs; b"" at the end."""
        if self._pieces.empty() and self._ending.done():
            return b""
        piece = await self._pieces.get()
        while not self._pieces.empty() and len(piece) < 1 << 16:
            piece += self._pieces.get_nowait()
        return piece

    async def write(self, data: bytes) -> None:
        """Nothing listens."""

    async def end(self) -> None:
        """Nothing listens."""

    def resize(self, size: Size) -> None:
        """There is no terminal."""

    async def ended(self) -> Ending:
        """Why nothing more will come."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Stop following."""
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=1)
        if not self._ending.done():
            self._ending.set_result(Ending(detail="closed"))

    # ---- following -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        ending = Ending(detail="closed")
        try:
            ending = await self._follow()
        except Problem as problem:
            ending = Ending(detail=problem.detail, remedy=once(problem).remedy)
            if not self._opened.done():
                self._opened.set_exception(once(problem))
        finally:
            self._opened.cancel()
            if not self._ending.done():
                self._ending.set_result(ending)
            with contextlib.suppress(asyncio.QueueFull):
                self._pieces.put_nowait(b"")  # wakes who reads

    async def _follow(self) -> Ending:
        """Until the container has ended. Raises Problem when that can't be followed any longer."""
        backoff, loop = Backoff(random.random), asyncio.get_running_loop()
        lost: float | None = None
        while True:
            try:
                async with self._stream() as chunks:
                    if not self._opened.done():
                        self._opened.set_result(None)
                    backoff.well(loop.time())
                    lost = None
                    rest = await self._take(chunks)
                if (ending := await self._over(rest)) is not None:
                    return ending
            except Problem as problem:
                if not self._opened.done() or _final(problem):
                    raise
                if lost is None:
                    lost = loop.time()
                    await self._put(_note(f"{problem.detail}: trying again"))
                elif loop.time() - lost > _PATIENCE_SECONDS:
                    raise
            await asyncio.sleep(backoff.failed(loop.time()))
            self._seen.mend()

    def _stream(self) -> contextlib.AbstractAsyncContextManager[AsyncIterator[bytes]]:
        params = {"container": self._container.name, "timestamps": "true"}
        params |= {"previous": "true"} if self._previous else {"follow": "true"}
        since = self._seen.since()
        params |= {"sinceTime": since} if since else {"tailLines": str(self._tail)}
        where = path("pod", self._pod.metadata.namespace, self._pod.metadata.name)
        return self._client.stream(f"{where}/log", params, sock_read=None)  # silent for days, and well

    async def _take(self, chunks: AsyncIterator[bytes]) -> bytes:
        """Show its lines; what came after the last line's end."""
        lines = Lines()
        async for chunk in chunks:
            await self._put(b"".join(map(self._shown, lines.feed(chunk))))
        return lines.rest()

    def _shown(self, line: bytes) -> bytes:
        """The line for a terminal; nothing of one that was shown before."""
        at = _TIME.match(line)
        if at is None:
            return line.rstrip(b"\r") + b"\r\n"  # what the server itself has to say
        if not self._seen.is_new(at[1], line):
            return b""
        return line[at.end() :].rstrip(b"\r") + b"\r\n"

    async def _put(self, piece: bytes) -> None:
        if piece:
            await self._pieces.put(piece)

    async def _over(self, rest: bytes) -> Ending | None:
        """Whether the log is at its end, as the server closed the stream; None where it goes on.

        `rest` is what came after the last line's end: where the same run goes on it comes again.
        """
        if self._previous:
            return await self._last(rest, Ending(0, "that is all of the previous run"))
        try:
            now = await self._now()
        except Refused as gone:
            return await self._last(rest, Ending(0, gone.detail))
        name, status = clean(self._container.name, 253), now.status_of(self._container.name)
        if status.state.running is None:
            ending = Ending(0, f"container {name} {told(now, status.state)}", remedy(status.state))
            return await self._last(rest, ending)
        if status.restart_count != self._restarts:
            await self._last(rest)
            self._restarts, self._seen = status.restart_count, Seen()
            await self._put(_note(f"container {name} was restarted: its new run"))
        return None

    async def _last(self, rest: bytes, ending: Ending | None = None) -> Ending | None:
        await self._put(self._shown(rest) if rest else b"")
        return ending

    async def _now(self) -> Pod:
        """The pod, once its container runs anew where it is about to. Raises Refused when it is gone."""
        place, loop = (self._pod.metadata.namespace, self._pod.metadata.name), asyncio.get_running_loop()
        late = loop.time() + _RESTART_SECONDS
        while True:
            now = await pod(self._client, self._ref, place)
            if not now.restarts(self._container.name) or loop.time() > late:
                return now
            await asyncio.sleep(_LOOK_SECONDS)


def _note(words: str) -> bytes:
    """A line of our own among those of the container: dim."""
    return f"\x1b[2m-- {words} --\x1b[0m\r\n".encode()


def _final(problem: Problem) -> bool:
    """Whether asking again is of no use."""
    return isinstance(problem, Refused) or (400 <= status_of(problem) < 500 and status_of(problem) != 429)


async def follow(
    client: Client, ref: Ref, found: Pod, container: ContainerSpec, *, tail: int, previous: bool
) -> Log:
    """Begin. Raises Refused or Problem with the server's reason, as of a container that has not started."""
    log = Log(client, ref, found, container, tail=tail, previous=previous)
    await log.opened()
    return log
