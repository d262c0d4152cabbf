"""How hard an account is asked, on a clock of its own."""

from __future__ import annotations

import asyncio
import heapq
import random
from itertools import count

import pytest

from providers.aws.budget import AHEAD, FIRST, LONGEST, MINUTE, Pace, Urgency, Wait, waiting
from providers.aws.troubles import Throttled
from providers.contract import Problem


class Time:
    """A clock that moves on when everybody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), woken))
        await woken

    async def run(self, until: float) -> None:
        """Let everything happen up to that moment."""
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await _settle()
        self.now = until


async def _settle() -> None:
    for _ in range(300):
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


def pace(time: Time, per_minute: int = 120, draw: float = 1.0) -> Pace:
    return Pace(per_minute, clock=time.clock, sleep=time.sleep, draw=lambda: draw)


async def _ask(pace: Pace, time: Time, region: str, calls: int, made: list[float]) -> None:
    for _ in range(calls):
        await pace.admit(region)
        made.append(time.now)


def most_in_a_minute(made: list[float]) -> int:
    return max(sum(1 for at in made if start <= at < start + MINUTE) for start in made)


async def test_the_first_picture_is_not_delayed(time: Time) -> None:
    paced = pace(time)
    made: list[float] = []
    await asyncio.gather(*(_ask(paced, time, f"r{number}", 6, made) for number in range(20)))
    assert made == [1000.0] * 120


@pytest.mark.parametrize("per_minute", [1, 10, 60, 120])
async def test_no_minute_has_more_calls_than_its_limit_nor_many_less(time: Time, per_minute: int) -> None:
    """The very first included."""
    paced = pace(time, per_minute)
    made: list[float] = []
    asking = [asyncio.create_task(_ask(paced, time, f"r{number}", 400, made)) for number in range(5)]
    await time.run(1000.0 + 6 * MINUTE)
    for task in asking:
        task.cancel()
    assert made.count(1000.0) == per_minute
    assert most_in_a_minute(made) == per_minute
    assert len(made) >= 6 * per_minute


async def test_a_first_picture_that_comes_in_pieces_counts_against_the_first_minute(time: Time) -> None:
    chance = random.Random(3)
    paced = pace(time)
    made: list[float] = []
    asking = []
    while time.now < 1000.0 + 5 * MINUTE:
        asking.append(asyncio.create_task(_ask(paced, time, "eu", chance.randrange(9), made)))
        await time.run(time.now + chance.random() * 2)
    for task in asking:
        task.cancel()
    assert most_in_a_minute(made) == 120


async def test_after_a_quiet_while_only_some_are_made_at_once(time: Time) -> None:
    paced = pace(time, per_minute=60)
    first: list[float] = []
    await _ask(paced, time, "eu", 60, first)
    await time.run(2000.0)
    made: list[float] = []
    asking = asyncio.create_task(_ask(paced, time, "eu", 200, made))
    await time.run(2120.0)
    asking.cancel()
    assert made.count(2000.0) == 10
    assert most_in_a_minute(made) <= 60


async def test_any_pattern_of_asking_stays_within_its_limit(time: Time) -> None:
    chance = random.Random(7)
    paced = pace(time, per_minute=30)
    made: list[float] = []
    await _ask(paced, time, "warm", 30, [])
    await time.run(2000.0)
    asking = []
    for _ in range(120):
        asking.append(asyncio.create_task(_ask(paced, time, "eu", chance.randrange(4), made)))
        await time.run(time.now + chance.random() * 9)
    for task in asking:
        task.cancel()
    assert most_in_a_minute(made) <= 30


async def test_a_region_that_throttles_waits_alone(time: Time) -> None:
    paced = pace(time)
    paced.note("us", Throttled("us: too often"))
    made: list[float] = []
    slow: list[float] = []
    held = asyncio.create_task(_ask(paced, time, "us", 1, slow))
    await _settle()
    await _ask(paced, time, "eu", 3, made)
    assert made == [1000.0] * 3
    assert not slow
    await time.run(1000.0 + FIRST)
    assert slow == [1000.0 + FIRST]
    await held


async def test_each_refusal_slows_it_down_further_up_to_a_bound(time: Time) -> None:
    paced = pace(time)
    waits = []
    for _ in range(9):
        paced.note("us", Throttled("us: too often"))
        began, made = time.now, list[float]()
        asking = asyncio.create_task(_ask(paced, time, "us", 1, made))
        await time.run(time.now + LONGEST)
        await asking
        waits.append(made[0] - began)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_refusals_under_way_together_count_once(time: Time) -> None:
    paced = pace(time)
    for _ in range(4):
        paced.note("us", Throttled("us: too often"))
    made: list[float] = []
    asking = asyncio.create_task(_ask(paced, time, "us", 1, made))
    await time.run(1000.0 + FIRST)
    await asking
    assert made == [1000.0 + FIRST]
    assert paced.spent.throttled == 4


async def test_the_wait_is_drawn_so_that_consoles_do_not_come_back_together(time: Time) -> None:
    paced = pace(time, draw=0.25)
    paced.note("us", Throttled("us: too often"))
    made: list[float] = []
    asking = asyncio.create_task(_ask(paced, time, "us", 1, made))
    await time.run(1000.0 + FIRST)
    await asking
    assert made == [1000.0 + FIRST / 4]


async def test_good_answers_bring_it_back(time: Time) -> None:
    paced = pace(time)
    for _ in range(3):
        paced.note("us", Throttled("us: too often"))
        await time.run(time.now + LONGEST)
    for _ in range(3):
        paced.answered("us")
    paced.note("us", Throttled("us: too often"))
    made: list[float] = []
    asking = asyncio.create_task(_ask(paced, time, "us", 1, made))
    began = time.now
    await time.run(began + FIRST)
    await asking
    assert made == [began + FIRST]


async def test_other_failures_slow_nothing(time: Time) -> None:
    paced = pace(time)
    paced.note("us", Problem("us: no route"))
    made: list[float] = []
    await _ask(paced, time, "us", 1, made)
    assert made == [1000.0]
    assert paced.spent.throttled == 0


async def test_what_is_spent_is_of_the_last_minute(time: Time) -> None:
    paced = pace(time)
    await _ask(paced, time, "eu", 5, [])
    paced.note("eu", Throttled("eu: too often"))
    await time.run(1030.0)
    await _ask(paced, time, "eu", 2, [])
    assert (paced.spent.calls, paced.spent.throttled, paced.spent.limit) == (7, 1, 120)
    await time.run(1060.0)
    assert (paced.spent.calls, paced.spent.throttled) == (2, 0)


async def test_a_call_that_is_given_up_holds_no_other_up(time: Time) -> None:
    paced = pace(time, per_minute=60)
    await _ask(paced, time, "eu", 60, [])
    given_up = asyncio.create_task(_ask(paced, time, "eu", 1, []))
    await _settle()
    given_up.cancel()
    await _settle()
    made: list[float] = []
    asking = asyncio.create_task(_ask(paced, time, "eu", 1, made))
    await time.run(1060.0)
    await asking
    assert made == [1060.0]
    assert paced.spent.calls == 1


async def test_what_a_person_does_is_counted_and_never_waits(time: Time) -> None:
    paced = pace(time, per_minute=1)
    await _ask(paced, time, "eu", 1, [])
    paced.count()
    assert paced.spent.calls == 2


# ---- what goes first ---------------------------------------------------------------------------------


async def in_order(paced: Pace, time: Time, *calls: tuple[str, Urgency], until: float) -> list[str]:
    """The names of the calls as they are let go; they come to the queue one after the other."""
    went: list[str] = []

    async def ask(name: str, urgency: Urgency) -> None:
        await paced.admit("eu", urgency)
        went.append(name)

    asking = []
    for name, urgency in calls:
        asking.append(asyncio.create_task(ask(name, urgency)))
        await _settle()
    await time.run(until)
    await asyncio.gather(*asking)
    return went


async def test_instances_go_before_the_rest_and_equals_as_they_came(time: Time) -> None:
    paced = pace(time, per_minute=1)
    await paced.admit("eu")
    calls = [
        ("volumes", Urgency.REST),
        ("groups", Urgency.REST),
        ("instances 1", Urgency.INSTANCES),
        ("instances 2", Urgency.INSTANCES),
    ]
    went = await in_order(paced, time, *calls, until=1000.0 + 4 * MINUTE)
    assert went == ["instances 1", "instances 2", "volumes", "groups"]


async def test_what_a_person_did_is_looked_at_however_many_wait_and_they_make_room(time: Time) -> None:
    paced = pace(time, per_minute=2)
    await _ask(paced, time, "eu", 2, [])
    made: list[float] = []
    polling = asyncio.create_task(_ask(paced, time, "eu", 20, made))
    await time.run(1030.0)
    async with asyncio.timeout(1):
        for _ in range(2):
            await paced.admit("eu", Urgency.ACTED)
    await time.run(1000.0 + 2 * MINUTE)
    polling.cancel()
    assert made[0] == 1090.0


async def test_the_rest_is_not_kept_waiting_for_ever(time: Time) -> None:
    paced = pace(time, per_minute=1)
    await paced.admit("eu")
    went: list[float] = []

    async def instances() -> None:
        while True:
            await paced.admit("eu", Urgency.INSTANCES)

    many = [asyncio.create_task(instances()) for _ in range(3)]
    await _settle()
    asking = asyncio.create_task(_ask(paced, time, "eu", 1, went))
    await time.run(1000.0 + AHEAD + 5 * MINUTE)
    for task in (*many, asking):
        task.cancel()
    assert went
    assert went[0] >= 1000.0 + AHEAD


async def test_whoever_wants_to_know_is_told_how_long_the_budget_was_waited_for(time: Time) -> None:
    paced = pace(time, per_minute=1)
    await paced.admit("eu")
    wait = Wait()

    async def ask() -> None:
        waiting.set(wait)
        await paced.admit("eu")

    asking = asyncio.create_task(ask())
    await time.run(1020.0)
    assert (wait.limit, wait.since, wait.so_far(1020.0)) == (1, 1000.0, 20.0)
    await time.run(1060.0)
    await asking
    assert (wait.since, wait.so_far(2000.0)) == (None, 60.0)
