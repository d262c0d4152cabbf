"""What AWS tells by itself: an SQS queue that EventBridge fills, read by one reader for all who listen.

A queue delivers at least once and in any order. So an event is taken once by its id, and a state that is
older than what an event has said before is not told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from providers.aws.account import Account
from providers.aws.events import Change, Event, Unknown, Unreadable, read
from providers.aws.troubles import Answered
from providers.contract import Problem
from providers.model import Finding
from providers.text import clean

__all__ = ["Change", "Queue", "Queues"]

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_SECONDS = 20
"""How long SQS holds an answer back while there is nothing: the most that it does."""
_AT_ONCE = 10
_IDENTITY_SECONDS = 10.0
_FIRST, _LONGEST = 5.0, 300.0
"""Seconds to wait after a failure, doubled each time."""
_PAUSE = 0.2
"""Seconds after an answer without messages: not every endpoint holds such an answer back."""
_REMEMBERED = 10_000
_ORDER = {"pending": 0, "running": 1, "stopping": 2, "stopped": 3, "shutting-down": 4, "terminated": 5}
"""Which of two states comes later, within the one second that events tell times to."""
_HOST = re.compile(r"^https?://(?:[a-z0-9-]+\.)*?(?:sqs(?:-fips)?\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.")
_MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")

Skipped = Literal["unreadable", "unknown", "elsewhere", "again", "late"]
"""Why a message changed nothing: no event, no sort of event that is read, about another account or region,
delivered before, or older than what was told already."""


Take = Callable[[Change], Coroutine[Any, Any, None]]
"""Takes a change in. It may wait for as long as it has no room for one more."""


@dataclass(eq=False)
class Listener:
    """Who wants the changes of one account in one region."""

    account: Account
    region: str
    take: Take
    turned: Callable[[], None]
    """Called when the queue begins to work, or stops to."""
    taking: asyncio.Task[None] | None = None

    async def told(self, change: Change) -> None:
        """Have it take the change; no longer than until it leaves."""
        self.taking = asyncio.create_task(self.take(change))
        await asyncio.wait({self.taking})
        if not self.taking.cancelled():
            self.taking.result()

    def end(self) -> None:
        """It takes nothing more."""
        if self.taking is not None:
            self.taking.cancel()


class Queue:
    """One queue, read for as long as anybody listens, as the account that it was first asked for by."""

    def __init__(
        self,
        account: Account,
        address: str,
        region: str,
        *,
        sleep: Callable[[float], Any] = asyncio.sleep,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        """`address` is its URL or its name; `region` is where it is unless its URL says otherwise."""
        found = _HOST.match(address)
        self.address = address
        self.region = (found[1] or found[2]) if found else region
        self.problem: Problem | None = None
        """Why it can't be read now."""
        self.skipped: Counter[Skipped] = Counter()
        self.taken = 0
        """Events that were told to somebody."""
        self._account = account
        self._sleep = sleep
        self._poll_seconds = poll_seconds
        self._works = False
        self._failures = 0
        self._url = address if "://" in address else ""
        self._listeners: list[Listener] = []
        self._reader: asyncio.Task[None] | None = None
        self._seen = _Recent[None]()
        self._told = _Recent[tuple[float, int]]()

    @property
    def works(self) -> bool:
        """Whether it was read just now and can be relied on: polls may then be rarer."""
        return self._works

    def listen(
        self, account: Account, region: str, take: Take, turned: Callable[[], None]
    ) -> Callable[[], None]:
        """Have the changes of that account in that region from now on; the returned function ends it."""
        listener = Listener(account, region, take, turned)
        self._listeners.append(listener)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(), name=f"queue {self.address}")
        return lambda: self._leave(listener)

    @property
    def pushed(self) -> str:
        """How it is, for the details of the sources that it feeds."""
        name = f"queue {clean(self.address.rpartition('/')[2])}"
        if self.problem is not None:
            return f"{name} is not read: {self.problem.detail}"
        if not self._works:
            return f"{name} is not read yet"
        return f"{name} · {self.taken} taken, {self.skipped.total()} skipped"

    def finding(self, source: str) -> Finding:
        """How it is, for a diagnosis of that source."""
        subject = f"{source}: queue"
        if self.problem is not None:
            return Finding(
                subject=subject, level="warning", detail=self.problem.detail, remedy=self.problem.remedy
            )
        if not self._works:
            return Finding(subject=subject, level="warning", detail=f"{clean(self.address)}: not read yet")
        left = ", ".join(f"{count} {why}" for why, count in sorted(self.skipped.items()))
        told = f"{clean(self.address)}: {self.taken} changes told" + (f"; not told: {left}" if left else "")
        return Finding(subject=subject, level="ok", detail=told)

    def _leave(self, listener: Listener) -> None:
        self._listeners.remove(listener)
        listener.end()
        if not self._listeners and self._reader is not None:
            # What it has not told, and what its last request still brings, is not deleted and comes again.
            self._reader.cancel()
            self._reader, self._works = None, False

    # ---- reading -------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            try:
                await self._once()
            except Exception as error:  # whatever it is, the next events are read all the same
                if not isinstance(error, Problem):
                    log.error("queue %s", self.address, exc_info=error)
                self._turn(self._in_words(error))
                await self._sleep(random.uniform(0.5, 1.0) * min(_LONGEST, _FIRST * 2**self._failures))
                self._failures += 1

    async def _once(self) -> None:
        if not self._url:
            self._url = (await self._ask("get_queue_url", QueueName=self.address))["QueueUrl"]
        answer = await self._ask(
            "receive_message",
            QueueUrl=self._url,
            MaxNumberOfMessages=_AT_ONCE,
            WaitTimeSeconds=self._poll_seconds if self._works else 0,
        )
        messages = answer.get("Messages", [])
        await self._take(messages)
        if messages:
            await self._ask("delete_message_batch", QueueUrl=self._url, Entries=_entries(messages))
        self._turn(None)
        if not messages:
            await self._sleep(_PAUSE)

    async def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return await self._account.at_once(self.region, "sqs", operation, **arguments)

    def _turn(self, problem: Problem | None) -> None:
        """It works, or it does not: said to the listeners when that is new."""
        was, self._works, self.problem = self._works, problem is None, problem
        if problem is None:
            self._failures = 0
        if was != self._works:
            for listener in list(self._listeners):
                listener.turned()

    def _in_words(self, problem: Exception) -> Problem:
        if isinstance(problem, Answered) and problem.code in _MISSING:
            return Problem(
                f"there is no queue {clean(self.address)} in {self.region}",
                "see `queues` in [providers.aws]; until then instances are asked for at the usual pace",
                state="denied",
            )
        if not isinstance(problem, Problem):
            return Problem(
                f"queue {clean(self.address)}: {type(problem).__name__}: {clean(str(problem), 200)}"
            )
        return Problem(f"queue {clean(self.address)}: {problem.detail}", problem.remedy, state=problem.state)

    # ---- telling -------------------------------------------------------------------------------------

    async def _take(self, messages: Sequence[Mapping[str, Any]]) -> None:
        events = [event for message in messages if (event := self._event(message.get("Body", "")))]
        if not events:
            return
        owners = await self._owners()
        for event in events:
            if event.id in self._seen:
                self.skipped["again"] += 1
                continue
            for change in event.changes:
                await self._tell(change, owners)
            self._seen.put(event.id, None)

    async def _owners(self) -> dict[Listener, str]:
        """Those who listen now, and the numbers of their accounts."""
        listeners = list(self._listeners)
        accounts = list({listener.account for listener in listeners})
        numbers = await asyncio.gather(*map(_owner, accounts))
        of = dict(zip(accounts, numbers, strict=True))
        return {listener: of[listener.account] for listener in listeners}

    def _event(self, body: str) -> Event | None:
        try:
            return read(body)
        except Unreadable:
            self.skipped["unreadable"] += 1
        except Unknown:
            self.skipped["unknown"] += 1
        return None

    async def _tell(self, change: Change, owners: Mapping[Listener, str]) -> None:
        wanting = [
            listener
            for listener, owner in owners.items()
            if listener in self._listeners
            and listener.region == change.region
            and ("" in (owner, change.account) or owner == change.account)
        ]
        if not wanting:
            self.skipped["elsewhere"] += 1
        elif self._is_late(change):
            self.skipped["late"] += 1
        else:
            self.taken += 1
            for listener in wanting:
                if listener in self._listeners:
                    await listener.told(change)

    def _is_late(self, change: Change) -> bool:
        """Whether it tells a state that a later event has told the end of."""
        if change.state is None:
            return False
        when = (change.at, _ORDER.get(change.state, -1))
        known = self._told.get(change.instance)
        if known is not None and when < known:
            return True
        self._told.put(change.instance, when)
        return False


class Queues:
    """The queues of a configuration: each is read once, however many accounts and regions listen to it."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        """Account, or "account/region" → URL or name."""
        self._addresses = addresses
        self._made: dict[tuple[str, ...], Queue] = {}

    def of(self, account: Account, region: str) -> Queue | None:
        """The queue that tells of that account in that region, if there is one."""
        own = self._addresses.get(f"{account.name}/{region}")
        address = own or self._addresses.get(account.name)
        if not address:
            return None
        place = region if own else account.home
        key = (address,) if "://" in address else (account.name, place, address)
        if key not in self._made:
            self._made[key] = Queue(account, address, place)
        return self._made[key]


class _Recent(Generic[T]):
    """What was put last, by name, as many as are remembered."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str) -> T | None:
        return self._kept.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def put(self, name: str, value: T) -> None:
        self._kept[name] = value
        self._kept.move_to_end(name)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)


async def _owner(account: Account) -> str:
    """The number of the account, "" while it can't be told: then events are believed to be about it."""
    with contextlib.suppress(Problem, TimeoutError):
        async with asyncio.timeout(_IDENTITY_SECONDS):
            return (await account.identity()).account
    return ""


def _entries(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
        for number, message in enumerate(messages)
    ]
