"""What each poll of a region finds, taken into what is known and put into the stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

from providers.aws.known import Known
from providers.aws.machines import Machines, Round
from providers.aws.pages import Page
from providers.aws.push import Change
from providers.aws.questions import Questions
from providers.aws.records import SCHEMAS
from providers.aws.timing import Timing
from providers.model import Batch, Deletes, Heard, Instance, Kind, Object, Upserts

AT_ONCE = 250
"""Objects in a batch: about a millisecond of work on each side."""

Put = Callable[[Batch], Awaitable[None]]
Wait = Callable[[], Awaitable[None]]


class Kept:
    """The pages of the last whole poll of one sort, and of the one under way: while they are held, what has
    not changed is not parsed again."""

    def __init__(self) -> None:
        self._whole = list[Page]()
        self._partial = list[Page]()

    async def objects(self, pages: AsyncIterator[Page]) -> AsyncIterator[list[Any]]:
        """Those of each page of a poll."""
        kept = self._partial = list[Page]()
        async for page in pages:
            kept.append(page)
            yield page.objects
        self._whole, self._partial = kept, []


class Held:
    """What is known of a region. It outlives a stream that breaks: the next one shows nothing as gone that
    was not missed twice."""

    def __init__(self) -> None:
        self.machines = Machines()
        self.records: dict[Kind, Known] = {schema.kind: Known() for schema in SCHEMAS}
        self.instances, self.statuses = Kept(), Kept()
        self.pages: dict[Kind, Kept] = {schema.kind: Kept() for schema in SCHEMAS}

    def uids(self) -> dict[Kind, tuple[str, ...]]:
        """Whose are shown, by kind."""
        records = {kind: tuple(known.shown) for kind, known in self.records.items()}
        return {"instance": tuple(self.machines.shown), **records}

    def objects(self) -> list[Object]:
        """All of it."""
        return [
            *self.machines.shown.values(),
            *(record for known in self.records.values() for record in known.shown.values()),
        ]


class Survey:
    """What is asked: each method asks once, says whether there was a reason to, and raises Problem."""

    def __init__(self, questions: Questions, held: Held, put: Put, timing: Timing) -> None:
        self._questions, self._held, self._put, self._timing = questions, held, put, timing

    # ---- instances -----------------------------------------------------------------------------------

    async def instances(self, page_shown: Wait) -> bool:
        """All of them. Until the last page is there nothing is missed."""
        machines, poll = self._held.machines, Round(asyncio.get_running_loop().time())
        said = False
        async for page in self._held.instances.objects(self._questions.instances()):
            said = await self.put(machines.take(poll, page, self._timing.wall())) or said
            await page_shown()
        return await self._end("instance", machines.end(poll), said)

    async def looked_at(self, found: list[Instance], asked: float) -> None:
        """Some that were asked about by themselves."""
        wall = self._timing.wall()
        await self.put([each for base in found for each in self._held.machines.look(base, asked, wall)])

    async def pushed(self, change: Change) -> None:
        """One that an event speaks of."""
        await self.put(self._held.machines.push(change, asyncio.get_running_loop().time()))

    async def expired(self) -> None:
        """Those that were announced something which is over."""
        await self.put(self._held.machines.expire(self._timing.wall()))

    # ---- their details -------------------------------------------------------------------------------

    async def statuses(self) -> bool:
        """Checks and scheduled events."""
        machines = self._held.machines
        if not machines.shown:
            return False
        pages = self._held.statuses.objects(self._questions.statuses())
        return await self._learnt(
            machines.learn_statuses(dict([pair async for page in pages for pair in page]))
        )

    async def memberships(self) -> bool:
        """How their groups see them."""
        machines = self._held.machines
        if not machines.shown:
            return False
        return await self._learnt(machines.learn_memberships(await self._questions.memberships()))

    async def requests(self) -> bool:
        """Their spot requests, where there are spot instances."""
        machines = self._held.machines
        if not machines.spot_types:
            return False
        return await self._learnt(machines.learn_spots(await self._questions.spots()))

    async def prices(self) -> bool:
        """What spot instances cost, of the types there are."""
        machines = self._held.machines
        if not machines.spot_types:
            return False
        return await self._learnt(machines.learn_prices(await self._questions.prices(machines.spot_types)))

    async def _learnt(self, changed: Sequence[Object]) -> bool:
        if not await self.put(changed):
            await self._put(Heard())
        return True

    # ---- records -------------------------------------------------------------------------------------

    async def volumes(self) -> bool:
        """Those of the region."""
        return await self._records("volume", self._questions.volumes())

    async def groups(self) -> bool:
        """Auto Scaling groups, with how many of their machines are in service."""
        return await self._records("group", self._questions.groups())

    async def clusters(self) -> bool:
        """Of EKS; a request for each."""
        return await self._records("cluster", self._questions.clusters())

    async def nodegroups(self) -> bool:
        """Of the clusters that are known."""
        clusters = list(self._held.records["cluster"].shown.values())
        return await self._records("nodegroup", self._questions.nodegroups(clusters)) and bool(clusters)

    async def _records(self, kind: Kind, found: AsyncIterator[Page]) -> bool:
        known, seen, said = self._held.records[kind], set[str](), False
        async for page in self._held.pages[kind].objects(found):
            seen.update(each.uid for each in page)
            said = await self.put(known.take(page)) or said
        return await self._end(kind, known.end(seen), said)

    # ---- the stream ----------------------------------------------------------------------------------

    async def put(self, objects: Sequence[Object]) -> bool:
        """Into the stream, in slices; whether there was anything."""
        for batch in slices(objects):
            await self._put(batch)
        return bool(objects)

    async def _end(self, kind: Kind, gone: Sequence[str], said: bool) -> bool:
        if gone:
            await self._put(Deletes(kind, tuple(gone)))
        elif not said:
            await self._put(Heard())
        return True


def slices(objects: Sequence[Object]) -> Iterator[Upserts]:
    """Batches of them, none of which holds the loop for long."""
    for start in range(0, len(objects), AT_ONCE):
        yield Upserts(tuple(objects[start : start + AT_ONCE]))
