"""The sessions of one console: ways asked, opened, carried and ended, each with its lines in the audit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from providers.contract import Problem, Refused, Source
from providers.engine.asking import SESSION, Person
from providers.engine.audit import Audit
from providers.engine.auditing import Record
from providers.engine.carrying import Carried, closed
from providers.engine.offers import all_offers, choose, for_target
from providers.model import Offer, Target
from providers.sessions import Ending, Reach, Session, Size, Unverified
from providers.stream import (
    TERMINAL_WINDOW,
    WINDOW,
    Body,
    Closed,
    Input,
    Offered,
    Open,
    Opened,
    Purpose,
    Resize,
    Shut,
    Taken,
    Ways,
)
from providers.text import clean
from providers.ways import Sends, Way, Where, discover

log = logging.getLogger(__name__)

MOST = 64
"""Sessions at once, without those of forwards."""
MOST_CONNECTIONS = 256
"""Connections through forwards at once: a browser opens many, and they must not keep shells out."""
OPEN_SECONDS = 150.0
"""For a way to open: a person may be asked meanwhile, and has two minutes."""
_CLOSING = 0.75

GONE = "the console is gone"


class Sessions:
    """Carries out Ways, Open and what follows them. Everything returns at once; answers go out by `send`."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        audit: Audit,
        send: Callable[[Body], None],
        read_only: bool,
        *,
        person: Person,
        reach: Reach,
        ways: Iterable[Way] | None = None,
    ) -> None:
        self._sources = sources
        self._audit = audit
        self._send = send
        self._read_only = read_only
        self._person = person
        self._reach = reach
        self._ways = tuple(discover() if ways is None else ways)
        self._carried: dict[int, Carried] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Task[None]] = set()

    def obey(self, command: Ways | Open | Input | Resize | Shut | Taken) -> None:
        """Carry the command out. What is meant for a session that is over is dropped."""
        if isinstance(command, Ways):
            self.ask(command)
        elif isinstance(command, Open):
            self.open(command)
        elif carried := self._carried.get(command.id):
            carried.obey(command)

    def ask(self, command: Ways) -> None:
        """Answers with Offered."""
        _start(self._asking, self._offer(command))

    def open(self, command: Open) -> None:
        """Answers with Opened, Output … and Closed, or with Closed alone."""
        if command.id in self._carried:
            log.error("the console opened session %d twice", command.id)
        elif refusal := self._refusal(command.purpose):
            self._send(Closed(id=command.id, detail=refusal.detail, remedy=refusal.remedy))
        else:
            window = TERMINAL_WINDOW if command.purpose in ("shell", "attach", "logs") else WINDOW
            size = Size(command.columns, command.rows)
            carried = Carried(command.id, size, self._send, window=window, purpose=command.purpose)
            self._carried[command.id] = carried
            _start(self._running, self._run(command, carried))

    async def close(self) -> None:
        """End every session, within a second."""
        self._person.close()
        for task in self._asking:
            task.cancel()
        for carried in self._carried.values():
            carried.stop(GONE)
        if running := [*self._asking, *self._running]:
            await asyncio.wait(running, timeout=_CLOSING)

    # ---- what they do --------------------------------------------------------------------------------

    async def _offer(self, command: Ways) -> None:
        ways = for_target(self._ways, command.target, command.purpose)
        if self._may_only_read(command.purpose):
            offers: tuple[Offer, ...] = tuple(_read_only(way) for way in ways)
        else:
            record = Record(self._audit, command.target, command.purpose, None)
            offers = await all_offers(ways, self._where(command.target, record.sends))
        self._send(Offered(id=command.id, offers=offers))

    async def _run(self, command: Open, carried: Carried) -> None:
        SESSION.set(command.id)
        source = self._sources.get(command.target.ref.source)
        record = Record(self._audit, command.target, command.purpose, source)
        result, ending = await self._ended(command, carried, record)
        missing = await record.ended(result, ending.detail)
        del self._carried[command.id]
        detail = clean("; ".join(filter(None, (ending.detail, missing))))
        self._send(
            Closed(
                id=command.id,
                status=ending.status,
                detail=detail,
                remedy=clean(ending.remedy),
                final=ending.final,
            )
        )

    async def _ended(self, command: Open, carried: Carried, record: Record) -> tuple[str, Ending]:
        """How it ended, for the audit and for the person. Only what opens and carries it can be cut."""
        work = asyncio.create_task(self._carry(command, carried, record))
        carried.end = work.cancel
        if carried.cut:
            work.cancel()
        await asyncio.wait((work,))
        if work.cancelled():
            return "cut", Ending(None, carried.cut)
        if error := work.exception():
            return "failed", _failed(command, error)
        ending = work.result()
        return "ended" if ending.status is None else f"exit status {ending.status}", ending

    async def _carry(self, command: Open, carried: Carried, record: Record) -> Ending:
        return await carried.carry(await self._opened(command, carried, record))

    async def _opened(self, command: Open, carried: Carried, record: Record) -> Session:
        where = self._where(command.target, record.sends)
        ways = for_target(self._ways, command.target, command.purpose)
        way, offer = await choose(ways, where, command)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                size = carried.size
                session = await way.open(where, offer.choice, size, command.arguments)
        except TimeoutError:
            raise Problem(f"{offer.title} did not open within {OPEN_SECONDS:.0f} s", "try again") from None
        try:
            # Where the way did not say it before, still before a byte of the person's is sent.
            await record.sends(session.sent)
            if carried.size != size:
                session.resize(carried.size)
        except BaseException:
            await closed(session)
            raise
        self._send(Opened(id=command.id, way=way.name, sent=clean(session.sent)))
        return session

    def _where(self, target: Target, sends: Sends) -> Where:
        return Where(
            target=target,
            source=self._sources.get(target.ref.source),
            machine=self._sources.get(target.machine.source) if target.machine else None,
            asker=self._person,
            reach=self._reach,
            sends=sends,
        )

    # ---- refusing ------------------------------------------------------------------------------------

    def _refusal(self, purpose: Purpose) -> Refused | None:
        if self._may_only_read(purpose):
            return Refused("the engine is read-only: nothing was opened", "start without --read-only")
        forward = purpose == "forward"
        most, what = (MOST_CONNECTIONS, "connections through forwards") if forward else (MOST, "sessions")
        if sum((each.purpose == "forward") == forward for each in self._carried.values()) >= most:
            return Refused(f"{most} {what} are open, which is all there may be", "close one of them")
        return None

    def _may_only_read(self, purpose: Purpose) -> bool:
        return self._read_only and purpose != "logs"


def _start(into: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    into.add(task)
    task.add_done_callback(into.discard)
    return task


def _failed(command: Open, error: BaseException) -> Ending:
    if isinstance(error, Problem):
        return Ending(None, error.detail, error.remedy, final=isinstance(error, Unverified))
    log.error("session %d", command.id, exc_info=error)  # a stranger's code
    said = f"internal error: {type(error).__name__}: {error}"
    return Ending(None, clean(said, limit=400), "--log-file keeps where it happened")


def _read_only(way: Way) -> Offer:
    return Offer(
        way=way.name, title=way.name, refused="the engine is read-only", remedy="start without --read-only"
    )
