"""The engine's end of the stream: the greeting, commands carried out, frames sent at a pace, and the end."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from providers.channel import Channel
from providers.contract import Host
from providers.engine.asking import Nobody, Person
from providers.engine.outbox import Outbox
from providers.engine.roster import Load, Roster
from providers.engine.watchers import Watchers
from providers.ssh import reach
from providers.stream import (
    BEAT_SECONDS,
    WINDOW,
    Body,
    Bye,
    Cancel,
    Command,
    Confirm,
    Diagnose,
    Failed,
    Fetch,
    Follow,
    Frame,
    Hello,
    Input,
    Open,
    Propose,
    Refresh,
    Reply,
    Resize,
    Shut,
    Taken,
    Verify,
    Ways,
    Welcome,
)
from providers.text import clean
from providers.wire import Coding, Reader, WireError, Writer

if TYPE_CHECKING:
    from providers.engine.pipeline import Pipeline
    from providers.engine.sessions import Sessions

log = logging.getLogger(__name__)

PACE_SECONDS = 0.025
"""What changes within so many seconds of the last sending goes out together."""
_CLOSING = 0.5, 0.2, 0.2
"""Seconds for what closes together. The console gives it 0.7 before it kills, and few need them."""


class Server:
    """One console served over one channel, from serve() to its return."""

    def __init__(
        self,
        channel: Channel,
        load: Load,
        *,
        version: str,
        read_only: bool = False,
        coding: Coding = "plain",
        beat: float = BEAT_SECONDS,
        pace: float = PACE_SECONDS,
        turned: Callable[[], object] = lambda: None,
        ending: Callable[[], object] = lambda: None,
    ) -> None:
        """`turned` is called at each beat, `ending` when serve() begins to end."""
        self._channel = channel
        self._load = load
        self._version = version
        self._read_only = read_only
        self._beat_seconds = beat
        self._pace = pace
        self._turned = turned
        self._ending = ending
        self._writer = Writer(coding)
        self._reader: Reader[Command] = Reader(Command, "the console")
        self._outbox = Outbox(self._hurry)
        self._hurrying = False
        self._watchers = Watchers()
        self._roster: Roster | None = None
        self._pipeline: Pipeline | None = None
        self._sessions: Sessions | None = None
        self._person = Person(self._outbox.answer)
        self._reach = reach.create(self._person)
        self._reach_alone = reach.create(Nobody(), self._reach)
        self._audit_path = ""
        self.terminal = ""
        """The console's own, as it said."""
        self.dismissed = False
        """The console said Bye."""
        self._welcomed = asyncio.Event()
        self._broken: Exception | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Make serve() return soon."""
        self._stopping.set()

    async def serve(self) -> None:
        """Serve until the console is gone or says Bye, or stop() is called; ends within a second.

        Raises WireError when the console can't be understood.
        """
        self._channel.post(self._writer.write())
        ends = {
            asyncio.create_task(self._read(), name="read"),
            asyncio.create_task(self._send(), name="send"),
            asyncio.create_task(self._beat(), name="beat"),
            asyncio.create_task(self._stopping.wait(), name="stop"),
        }
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self._broken is not None:
                raise self._broken
        finally:
            self._ending()
            for task in (*ends, *self._tasks):
                task.cancel()
            await self._closed()

    async def _closed(self) -> None:
        # What sessions leave behind is removed by their sources, and what runs on hosts is ended over the
        # connections: each goes only after those who need it.
        groups = (
            (self._sessions, self._pipeline),
            (self._roster,),
            (self._reach, self._reach_alone),
        )
        for group, seconds in zip(groups, _CLOSING, strict=True):
            if ends := [asyncio.create_task(each.close()) for each in group if each is not None]:
                await asyncio.wait(ends, timeout=seconds)
        self._channel.close()

    # ---- frames out ----------------------------------------------------------------------------------

    async def _send(self) -> None:
        """What waits goes at once; the next sending is a little later, so that changes travel together."""
        await self._welcomed.wait()
        while True:
            await self._outbox.wait()
            while frames := self._outbox.take():
                self._channel.post(self._encoded(frames))
                if not await self._channel.drain():
                    return
            await asyncio.sleep(self._pace)

    def _hurry(self) -> None:
        """Something is to be said that objects must not hold up, like the echo of a key: once a turn."""
        if not self._hurrying:
            self._hurrying = True
            asyncio.get_running_loop().call_soon(self._say)

    def _say(self) -> None:
        self._hurrying = False
        # A console that does not keep up gets it from _send() when it has taken what is on its way.
        if self._channel.queued < WINDOW and (frames := self._outbox.take_answers()):
            self._channel.post(self._encoded(frames))

    def _encoded(self, frames: list[Frame]) -> bytes:
        """As bytes. What can't be encoded is left out and, where it answers a command, told as failed."""
        try:
            return self._writer.write(frames)
        except (WireError, TypeError, ValueError, OverflowError) as error:
            if len(frames) > 1:
                return b"".join(self._encoded([frame]) for frame in frames)
            body = frames[0].body
            log.error("a %s of %r can't be encoded: %s", type(body).__name__, frames[0].source, error)
            number = getattr(body, "id", 0)
            failed = Failed(id=number, detail=f"the answer can't be sent: {clean(str(error), limit=200)}")
            return self._writer.write([Frame(frames[0].at, "", failed)]) if number else b""

    async def _beat(self) -> None:
        while True:
            self._turned()
            await asyncio.sleep(self._beat_seconds)
            self._outbox.beat()

    # ---- commands in ---------------------------------------------------------------------------------

    async def _read(self) -> None:
        while data := await self._channel.read():
            for command in self._reader.feed(data):
                if isinstance(command, Bye):
                    self.dismissed = True
                    return
                self._obey(command)
        log.info("the console is gone")

    def _obey(self, command: Command) -> None:
        if isinstance(command, Hello):
            self._hello(command)
        elif self._roster is None:
            raise WireError("content", "the console gave a command before its hello")
        else:
            self._carry_out(command, self._roster, self._actions())

    def _carry_out(self, command: Command, roster: Roster, pipeline: Pipeline) -> None:
        from providers.engine import questions

        match command:
            case Propose():
                pipeline.propose(command)
            case Confirm():
                pipeline.confirm(command)
            case Cancel():
                pipeline.cancel(command)
            case Fetch():
                self._start(command.id, questions.fetch(roster, command))
            case Diagnose():
                self._start(command.id, questions.diagnose(roster, command))
            case Verify():
                self._start(command.id, questions.verify(roster, command))
            case Refresh():
                roster.refresh(command.source)
            case Follow():
                questions.follow(roster, command)
            case Reply():
                self._person.reply(command)
            case Input() if pipeline.take(command):
                pass
            case Ways() | Open() | Input() | Resize() | Shut() | Taken():
                self._opened_sessions(roster).obey(command)

    def _hello(self, hello: Hello) -> None:
        if self._roster is not None:
            raise WireError("content", "the console said hello twice")
        log.info("console %s, engine %s", clean(hello.version, limit=40), self._version)
        read_only = self._read_only or hello.read_only
        self._roster = Roster(
            self._outbox,
            self._watchers,
            self._load,
            Host(read_only=read_only, reach=lambda: self._reach_alone),
        )
        for choice in hello.providers:
            self._roster.open(choice)
        self._audit_path = hello.audit_path
        self.terminal = hello.terminal
        self._read_only = read_only
        # After the providers' first steps: what actions need is imported while servers are waited for.
        asyncio.get_running_loop().call_soon(self._welcome)

    def _welcome(self) -> None:
        try:
            self._actions()
        except Exception as error:  # a broken action: this engine is of no use, and serve() says so
            self._broken = error
            self.stop()

    def _actions(self) -> Pipeline:
        """The pipeline; when it is made the Welcome that names its actions is said, before anything else."""
        if self._pipeline is not None:
            return self._pipeline
        from providers.engine.audit import Audit
        from providers.engine.pipeline import Pipeline

        assert self._roster is not None
        audit = Audit(self._audit_path)
        pipeline = Pipeline(
            self._roster,
            self._watchers,
            audit,
            self._outbox.answer,
            self._read_only,
            reach=lambda: self._reach,
        )
        self._outbox.answer(
            Welcome(
                version=self._version,
                pid=os.getpid(),
                host=socket.gethostname(),
                read_only=self._read_only,
                actions=pipeline.specs(),
                audit_path=str(audit.path),
            )
        )
        self._pipeline = pipeline
        self._welcomed.set()
        return pipeline

    def _opened_sessions(self, roster: Roster) -> Sessions:
        if self._sessions is None:
            from providers.engine.audit import Audit
            from providers.engine.sessions import Sessions

            self._sessions = Sessions(
                roster,
                Audit(self._audit_path),
                self._outbox.answer,
                self._read_only,
                person=self._person,
                reach=self._reach,
            )
        return self._sessions

    def _start(self, number: int, question: Coroutine[Any, Any, Body]) -> None:
        task = asyncio.create_task(self._answer(number, question))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, question: Coroutine[Any, Any, Body]) -> None:
        try:
            self._outbox.answer(await question)
        except Exception as error:  # the console waits for an answer, and gets one
            log.exception("internal error in the engine")
            said = clean(f"{type(error).__name__}: {error}", limit=400)
            self._outbox.answer(Failed(id=number, detail=f"internal error in the engine: {said}"))
