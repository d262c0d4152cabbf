"""Single instances that are looked at closely: when, how often, and for how many calls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from providers.aws.budget import Urgency
from providers.aws.life import Life
from providers.aws.pages import READ, Page, Piece
from providers.aws.push import Change
from providers.aws.questions import FILTER_VALUES, Questions
from providers.aws.survey import Held
from providers.aws.timing import Timing
from providers.contract import Problem
from providers.model import Instance, Notice, Upserts
from tests.aws.clock import play

TIMING = Timing(random=lambda: 0.5, wall=lambda: asyncio.get_running_loop().time())
_NOTHING: dict[str, Any] = {
    "describe_instance_status": {READ: Page([])},
    "describe_volumes": {READ: Page([])},
    "describe_auto_scaling_instances": {"AutoScalingInstances": []},
    "describe_auto_scaling_groups": {"AutoScalingGroups": []},
    "list_clusters": {"clusters": []},
}


class Asked:
    """An account that has some instances and nothing else."""

    name = "lab"

    def __init__(self, count: int = 1) -> None:
        self.states = {f"i-{number:04d}": "running" for number in range(count)}
        self.calls = Counter[str]()
        self.looks: list[tuple[float, int]] = []
        """Of single instances: when, and of how many."""
        self.urgencies: list[Urgency] = []
        """What each of these looks was said to be."""
        self.problem: Problem | None = None

    async def call(self, region: str, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        self.calls[operation] += 1
        if operation != "describe_instances":
            return _NOTHING[operation]
        wanted = self.states.keys()
        if filters := arguments.get("Filters"):
            wanted &= set(filters[0]["Values"])
            self.urgencies.append(arguments["urgency"])
            self.looks.append((asyncio.get_running_loop().time(), len(filters[0]["Values"])))
            if self.problem:
                raise self.problem
        found = tuple(Instance(uid=uid, name=uid, state=self.states[uid]) for uid in sorted(wanted))
        return {READ: Page([Piece(found)])}

    @property
    def times(self) -> list[float]:
        """When single instances were looked at, from the first of these looks on."""
        return [round(at - self.looks[0][0]) for at, _ in self.looks]


@asynccontextmanager
async def living(asked: Asked) -> AsyncIterator[Life]:
    """One that has its first list, and is being followed."""
    life = Life(Questions(asked, "eu-west-1"), Held(), TIMING, None)  # type: ignore[arg-type]
    life.identified.set()
    shown = asyncio.Event()

    async def follow() -> None:
        async for batch in life.batches():
            if isinstance(batch, Upserts):
                shown.set()

    following = asyncio.create_task(follow())
    await shown.wait()
    try:
        yield life
    finally:
        following.cancel()
        await asyncio.wait({following})


def change(number: int, state: str | None, notice: Notice | None = None) -> Change:
    at = asyncio.get_running_loop().time()
    uid = f"i-{number:04d}"
    return Change(account="1", region="eu-west-1", instance=uid, at=at, state=state, notice=notice)


def test_after_an_action_every_two_seconds_until_it_settles() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            asked.states["i-0000"] = "stopping"
            life.look_closely("i-0000")
            await asyncio.sleep(9)
            asked.states["i-0000"] = "stopped"
            await asyncio.sleep(600)
        assert asked.times == [0, 2, 4, 6, 8, 10]

    play(scene())


def test_what_was_acted_on_does_not_wait_for_the_budget_and_what_was_pushed_does() -> None:
    async def scene() -> None:
        asked = Asked(2)
        async with living(asked) as life:
            asked.states["i-0001"] = "stopped"
            await life.merge(change(1, "stopped"))
            await asyncio.sleep(5)
            assert set(asked.urgencies) == {Urgency.INSTANCES}
            asked.urgencies.clear()
            life.look_closely("i-0000")
            await asyncio.sleep(1)
            assert set(asked.urgencies) == {Urgency.ACTED}

    play(scene())


def test_after_an_action_five_minutes_at_most() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            asked.states["i-0000"] = "stopping"
            life.look_closely("i-0000")
            await asyncio.sleep(600)
        assert 150 <= len(asked.looks) <= 152
        assert asked.times[-1] <= 302

    play(scene())


def test_many_that_were_acted_on_are_one_request() -> None:
    async def scene() -> None:
        asked = Asked(50)
        async with living(asked) as life:
            for uid in asked.states:
                life.look_closely(uid)
            await asyncio.sleep(60)
        assert asked.looks[0][1] == 50
        assert asked.times == [0, 2, 4]  # the old state is believed at the third look

    play(scene())


def test_a_pushed_change_is_looked_into_soon_and_then_ever_more_rarely() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            asked.states["i-0000"] = "shutting-down"
            pushed = asyncio.get_running_loop().time()
            await life.merge(change(0, "shutting-down"))
            await asyncio.sleep(50)
            asked.states["i-0000"] = "terminated"
            await asyncio.sleep(600)
        assert asked.looks[0][0] - pushed == 2
        assert asked.times == [0, 2, 6, 14, 30, 46, 62]

    play(scene())


def test_what_is_pushed_within_two_seconds_is_looked_into_together() -> None:
    async def scene() -> None:
        asked = Asked(20)
        async with living(asked) as life:
            for number, uid in enumerate(asked.states):
                asked.states[uid] = "stopped"
                await life.merge(change(number, "stopped"))
                await asyncio.sleep(0.09)
            await asyncio.sleep(600)
        assert [count for _, count in asked.looks] == [20]

    play(scene())


def test_a_notice_alone_is_not_looked_into() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            await life.merge(change(0, None, Notice(kind="rebalance")))
            await asyncio.sleep(60)
            assert not asked.looks
            asked.states["i-0000"] = "stopped"
            await life.merge(change(0, "stopped"))
            await asyncio.sleep(60)
            assert asked.times == [0]

    play(scene())


def test_a_region_that_churns_leaves_the_calls_to_the_polls() -> None:
    """For ten minutes a machine a second comes or goes."""

    async def scene() -> None:
        asked = Asked(600)
        async with living(asked) as life:
            for number, uid in enumerate(asked.states):
                asked.states[uid] = "shutting-down"
                await life.merge(change(number, "shutting-down"))
                await asyncio.sleep(1)
            looks, polls = len(asked.looks), asked.calls["describe_instances"] - len(asked.looks)
        assert 30 <= looks <= 4 * 10 + 4
        assert max(count for _, count in asked.looks) <= FILTER_VALUES
        assert polls >= 20

    play(scene())


def test_what_is_pushed_of_an_instance_that_was_acted_on_slows_nothing() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            asked.states["i-0000"] = "stopping"
            life.look_closely("i-0000")
            await asyncio.sleep(3)
            await life.merge(change(0, "stopping"))
            await asyncio.sleep(6)
            asked.states["i-0000"] = "stopped"
            await asyncio.sleep(60)
        assert asked.times == [0, 2, 4, 6, 8, 10]

    play(scene())


def test_while_it_fails_what_was_pushed_is_asked_ever_more_rarely() -> None:
    async def scene() -> None:
        asked = Asked()
        async with living(asked) as life:
            asked.problem = Problem("no route")
            await life.merge(change(0, "stopped"))
            await asyncio.sleep(20)
            assert asked.times == [0, 2, 6, 14]
            asked.problem = Problem("not allowed", state="denied")
            await asyncio.sleep(600)
            assert asked.times == [0, 2, 6, 14, 30]

    play(scene())
