"""One stream of a region: its polls side by side, what they find in one queue, and how it all stands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import msgspec

from providers.aws.closely import Closely
from providers.aws.health import of_all, of_kind, unknown
from providers.aws.polling import Ask, Poll
from providers.aws.push import Change, Queue
from providers.aws.questions import Questions
from providers.aws.records import SCHEMAS
from providers.aws.survey import Held, Survey, slices
from providers.aws.timing import Timing
from providers.clocks import Clocks
from providers.model import Batch, Began, Complete, Deletes, Health, Kind

KINDS: tuple[Kind, ...] = ("instance", *(schema.kind for schema in SCHEMAS))
QUEUE = 16
"""Batches waiting to be taken; then the polls wait."""
_CHANGES = 1000
"""Pushed and not yet taken in; then the queue's reader waits, and what it has not told stays in the queue."""

Job = Coroutine[Any, Any, None]


class _Crash(msgspec.Struct, frozen=True):
    """A defect of our own in a task: it must not end a stream in silence."""

    error: Exception


class Life:
    """Begins and ends with batches(). `queue` tells of changes by itself, where there is one."""

    def __init__(self, questions: Questions, held: Held, timing: Timing, queue: Queue | None) -> None:
        self._held, self._timing, self._pushing = held, timing, queue
        self._queue: asyncio.Queue[Batch | _Crash] = asyncio.Queue(QUEUE)
        self._changes: asyncio.Queue[Change] = asyncio.Queue(_CHANGES)
        self._told: dict[Kind, Health] = {}
        self._whole: set[Kind] = set()
        self._telling = asyncio.Lock()
        self.identified = asyncio.Event()
        """It is known whose the instances are, or that it can't be known now."""
        self._begun = asyncio.Event()
        """The first instances are shown, or it is known why they cannot be."""
        self._survey = Survey(questions, held, self.put, timing)
        self._closely = Closely(questions, self._survey.looked_at, timing)
        self._polls = {
            "instance": self._poll("instances", self._instances, self._every_look, "ec2:DescribeInstances"),
            **self._polls_of_records(),
        }
        self._details = list(self._polls_of_details())

    def _polls_of_records(self) -> dict[Kind, Poll]:
        survey, timing, poll = self._survey, self._timing, self._poll
        return {
            "volume": poll("volumes", survey.volumes, lambda: timing.volumes, "ec2:DescribeVolumes"),
            "group": poll(
                "groups", survey.groups, lambda: timing.groups, "autoscaling:DescribeAutoScalingGroups"
            ),
            "cluster": poll(
                "clusters",
                survey.clusters,
                lambda: timing.clusters,
                "eks:ListClusters",
                "eks:DescribeCluster",
            ),
            "nodegroup": poll(
                "nodegroups",
                self._nodegroups,
                lambda: timing.nodegroups,
                "eks:ListNodegroups",
                "eks:DescribeNodegroup",
            ),
        }

    def _polls_of_details(self) -> Iterator[Poll]:
        survey, timing, poll = self._survey, self._timing, partial(self._poll, essential=False)
        yield poll("checks", survey.statuses, lambda: timing.statuses, "ec2:DescribeInstanceStatus")
        yield poll(
            "group states",
            survey.memberships,
            lambda: timing.memberships,
            "autoscaling:DescribeAutoScalingInstances",
        )
        yield poll(
            "spot requests", survey.requests, lambda: timing.requests, "ec2:DescribeSpotInstanceRequests"
        )
        yield poll("spot prices", survey.prices, lambda: timing.prices, "ec2:DescribeSpotPriceHistory")

    def _poll(
        self, name: str, ask: Ask, every: Callable[[], float], *actions: str, essential: bool = True
    ) -> Poll:
        return Poll(name, ask, every, self._timing, self._tell, actions=actions, essential=essential)

    # ---- the stream ----------------------------------------------------------------------------------

    async def batches(self, *beside: Callable[[Life], Job]) -> AsyncIterator[Batch]:
        """For as long as it is iterated, with more jobs beside the polls."""
        first: list[Batch] = [*SCHEMAS, *map(Began, KINDS), *slices(self._held.objects())]
        for known in first:
            yield known
        own = (*self._runs(), self._closely.run(), self._merged(), self._clocks(), self._tell())
        every = (*own, *(job(self) for job in beside))
        tasks = [asyncio.create_task(_guard(job, self._queue)) for job in every]
        try:
            while True:
                batch = await self._queue.get()
                if isinstance(batch, _Crash):
                    raise batch.error
                yield batch
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    async def put(self, batch: Batch) -> None:
        """Into the stream; waits while it is full."""
        await self._queue.put(batch)

    @property
    def polls(self) -> list[Poll]:
        """All of them."""
        return [*self._polls.values(), *self._details]

    def refresh(self) -> None:
        """Ask everything at once."""
        for poll in self.polls:
            poll.now()

    def look_closely(self, uid: str) -> None:
        """Something was done to that instance."""
        shown = self._held.machines.shown.get(uid)
        self._closely.acted(uid, shown.state if shown else "")

    async def withdraw(self) -> None:
        """Show nothing of it any more."""
        for kind, uids in self._held.uids().items():
            await self.put(Deletes(kind, uids))

    async def merge(self, change: Change) -> None:
        """Take in what an event says, and look what else is new of that instance. Waits while many wait."""
        await self._changes.put(change)

    def turned(self) -> None:
        """Changes are pushed from now on, or no longer: what happened in between is asked for."""
        self._polls["instance"].now()

    # ---- the polls -----------------------------------------------------------------------------------

    def _runs(self) -> Iterator[Job]:
        """Instances first: nothing else may keep the first of them from being shown."""
        polls = self._polls
        yield polls["instance"].run()
        for poll in (*self._details, polls["volume"], polls["group"], polls["cluster"]):
            yield poll.run(self._begun)
        yield polls["nodegroup"].run(polls["cluster"].tried)

    def _every_look(self) -> float:
        timing, pushing = self._timing, self._pushing
        return timing.instances * (timing.pushed if pushing is not None and pushing.works else 1.0)

    async def _instances(self) -> bool:
        """The first list is whole when what belongs to its instances is there, too, or is late."""
        asked = await self._survey.instances(self._polls["instance"].loading)
        if "instance" not in self._whole:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.patience):
                    await self.identified.wait()
                    for poll in self._details:
                        await poll.tried.wait()
        return asked

    async def _merged(self) -> None:
        """Take in what is pushed, in its order."""
        while True:
            change = await self._changes.get()
            shown = self._held.machines.shown.get(change.instance)
            await self._survey.pushed(change)
            before = shown.state if shown else ""
            if change.notice is None and change.state != before:
                self._closely.pushed(change.instance, before, change.state or before)

    async def _nodegroups(self) -> bool:
        """Without the clusters nothing can be said of them, not even that there are none."""
        clusters = self._polls["cluster"]
        if not clusters.whole and clusters.problem is not None:
            raise clusters.problem
        return await self._survey.nodegroups()

    async def _clocks(self) -> None:
        """Notice what is overdue, what is over, and that the machine slept."""
        timing = self._timing
        clocks = Clocks(timing.wall, timing.jump)
        while True:
            await asyncio.sleep(timing.tick)
            if clocks.jumped():
                self.refresh()
            await self._survey.expired()
            for poll in self._polls.values():
                await poll.look()

    # ---- how it stands -------------------------------------------------------------------------------

    async def _tell(self) -> None:
        """Say what is whole now and how everything is, where that is new."""
        first = self._polls["instance"]
        if first.whole or first.state not in ("connecting", "lagging"):  # not while it is throttled
            self._begun.set()
        async with self._telling:
            for kind in KINDS:
                if self._polls[kind].whole and kind not in self._whole:
                    self._whole.add(kind)
                    await self.put(Complete(kind))
            for health in self._healths():
                await self._told_health(health)

    async def _told_health(self, health: Health) -> None:
        before = self._told.get(health.kind)
        if before is not None and before.state == health.state:
            health = msgspec.structs.replace(health, since=before.since)
        if health != before:
            self._told[health.kind] = health
            await self.put(health)

    def _healths(self) -> list[Health]:
        now, notes = self._timing.wall(), unknown(self._details)
        if self._pushing is not None and self._pushing.problem is not None:
            notes.append(self._pushing.problem)
        kinds = {
            kind: of_kind(kind, poll, notes if kind == "instance" else (), now)
            for kind, poll in self._polls.items()
        }
        return [*kinds.values(), of_all(kinds, now)]


async def _guard(job: Job, queue: asyncio.Queue[Batch | _Crash]) -> None:
    try:
        await job
    except Exception as error:
        await queue.put(_Crash(error))
