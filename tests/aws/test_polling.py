"""One question asked again and again: when, how it stands, and what a failure costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from providers.aws.budget import waiting
from providers.aws.health import of_kind
from providers.aws.polling import Poll
from providers.aws.timing import Timing
from providers.aws.troubles import Throttled
from providers.contract import Problem
from tests.aws.clock import play

TIMING = Timing(random=lambda: 0.5, first=1, longest=8, denied=300, silence=30)


class Clock:
    """Waits that take no time: each is written down, and the loop goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float] = []
        monkeypatch.setattr(Poll, "_rest", self._rest)

    async def _rest(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def answering(*answers: object) -> Callable[[], Awaitable[bool]]:
    """One after the other; the last for ever. An exception is raised."""
    left = list(answers)

    async def ask() -> bool:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    return ask


async def told(poll: Poll, times: int, states: list[tuple[str, str]]) -> None:
    """Run it until it has said so often how it stands."""
    async with running(poll) as task:
        await until(lambda: len(states) >= times or task.done())
    if not task.cancelled() and (error := task.exception()):
        raise error


@asynccontextmanager
async def running(poll: Poll) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(poll.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0)


def made(ask: Callable[[], Awaitable[bool]], **more: Any) -> tuple[Poll, list[tuple[str, str]]]:
    states: list[tuple[str, str]] = []

    async def changed() -> None:
        states.append((poll.state, poll.problem.detail if poll.problem else ""))

    timing = msgspec.structs.replace(TIMING, **more)
    poll = Poll("checks", ask, lambda: 60.0, timing, changed, actions=["ec2:DescribeInstanceStatus"])
    return poll, states


async def test_it_is_asked_at_its_pace_with_jitter(clock: Clock) -> None:
    poll, states = made(answering(True), random=iter([0.0, 0.5, 1.0] * 9).__next__)
    await told(poll, 4, states)
    assert clock.waits[:3] == pytest.approx([54.0, 60.0, 66.0])
    assert set(states) == {("live", "")}
    assert poll.asked


async def test_nothing_asked_is_not_asked(clock: Clock) -> None:
    poll, states = made(answering(False))
    await told(poll, 2, states)
    assert not poll.asked
    assert poll.whole


async def test_a_failure_backs_off_further_each_time(clock: Clock) -> None:
    poll, states = made(answering(Problem("down")), random=lambda: 1.0)
    await told(poll, 7, states)
    assert clock.waits[:6] == pytest.approx([1, 2, 4, 8, 8, 8])
    assert set(states) == {("lost", "down")}


async def test_an_answer_ends_the_backing_off(clock: Clock) -> None:
    down = Problem("down")
    poll, states = made(answering(down, down, True, down), random=lambda: 1.0)
    await told(poll, 5, states)
    assert clock.waits[:4] == pytest.approx([1, 2, 66, 1])
    assert [state for state, _ in states[:4]] == ["lost", "lost", "live", "lost"]


async def test_a_refusal_is_looked_at_again_rarely(clock: Clock) -> None:
    poll, states = made(answering(Problem("not allowed", state="denied")))
    await told(poll, 3, states)
    assert clock.waits[:2] == pytest.approx([300, 300])
    assert set(states) == {("denied", "not allowed")}


async def test_too_often_before_the_first_answer_is_still_connecting_once_and_then_lagging(
    clock: Clock,
) -> None:
    often = Throttled("too often")
    poll, states = made(answering(often, often, often, True))
    await told(poll, 4, states)
    lagging = ("lagging", "too often")
    assert states[:4] == [("connecting", "too often"), lagging, lagging, ("live", "")]


async def test_too_often_after_it_is_lagging(clock: Clock) -> None:
    poll, states = made(answering(True, Throttled("too often"), True))
    await told(poll, 3, states)
    assert states[:3] == [("live", ""), ("lagging", "too often"), ("live", "")]


async def test_an_answer_that_nobody_foresaw_costs_only_itself(clock: Clock) -> None:
    poll, states = made(answering(KeyError("InstanceId"), True))
    await told(poll, 2, states)
    assert states[0] == ("lost", "checks: an answer that is not understood: KeyError('InstanceId')")
    assert states[1] == ("live", "")


async def test_an_overdue_answer_is_said_to_be_overdue() -> None:
    poll, states = made(answering(True), silence=-120.0)  # twice its pace and as much less: at once
    async with running(poll):
        await poll.tried.wait()
        before = asyncio.get_running_loop().time()
        await until(lambda: asyncio.get_running_loop().time() > before)
        await poll.look()
    assert poll.state == "lagging"
    assert states[-1][1].startswith("checks: no answer for")


async def test_it_can_be_asked_at_once() -> None:
    asked = 0

    async def ask() -> bool:
        nonlocal asked
        asked += 1
        return True

    poll, _ = made(ask)
    async with running(poll):
        await poll.tried.wait()
        poll.now()
        await until(lambda: asked == 2)


# ---- the budget --------------------------------------------------------------------------------------


class Budgeted:
    """A question that waits for the budget of its account for so long, once it is not let go at once."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = list(seconds)
        self.failure: Problem | None = None

    async def __call__(self) -> bool:
        seconds = self._seconds.pop(0) if self._seconds else 0.0
        wait = waiting.get()
        assert wait is not None
        wait.limit, wait.since = 120, asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        wait.since, wait.spent = None, wait.spent + seconds
        if self.failure is not None:
            raise self.failure
        return True


async def looked(poll: Poll, seconds: float) -> None:
    """Go on for so long, looking at the clock every five."""
    for _ in range(round(seconds / 5)):
        await asyncio.sleep(5)
        await poll.look()


def played(scene: Callable[[Poll, list[tuple[str, str]]], Coroutine[Any, Any, None]], ask: Budgeted) -> None:
    async def whole() -> None:
        poll, states = made(ask)
        async with running(poll):
            await scene(poll, states)

    play(whole())


def paced(poll: Poll) -> str:
    return poll.paced.detail if poll.paced else ""


def test_before_the_first_answer_it_says_that_it_waits_for_the_budget() -> None:
    async def scene(poll: Poll, states: list[tuple[str, str]]) -> None:
        await looked(poll, 10)
        assert (poll.state, poll.problem) == ("connecting", None)
        assert paced(poll) == "checks: waiting for the API budget of 120 calls a minute"
        await looked(poll, 25)
        assert (poll.state, poll.paced) == ("live", None)
        assert len(states) == 2  # and says nothing twice

    played(scene, Budgeted(30))


def test_where_its_interval_is_doubled_by_the_budget_it_stays_live_and_says_so() -> None:
    async def scene(poll: Poll, states: list[tuple[str, str]]) -> None:
        await looked(poll, 10)
        assert (poll.state, paced(poll)) == ("live", "")
        await looked(poll, 120)
        assert poll.state == "live"
        assert paced(poll) == "checks: asked every 130 s: the budget of 120 calls a minute is spent"
        await looked(poll, 70)
        assert (poll.state, paced(poll)) == ("live", "")

    played(scene, Budgeted(0, 66, 5))


def test_older_than_its_bound_it_is_lagging_whatever_it_waits_for() -> None:
    async def scene(poll: Poll, states: list[tuple[str, str]]) -> None:
        await looked(poll, 200)
        assert poll.state == "lagging"
        assert paced(poll) == "checks: asked every 120 s: the budget of 120 calls a minute is spent"

    played(scene, Budgeted(0, 300))


def test_lost_and_waiting_for_the_budget_it_says_both() -> None:
    ask = Budgeted(0, 100)
    ask.failure = Problem("down")

    async def scene(poll: Poll, states: list[tuple[str, str]]) -> None:
        await looked(poll, 10)
        assert poll.state == "lost"
        health = of_kind("instance", poll, (), 0.0)
        assert health.detail == "down; checks: waiting for the API budget of 120 calls a minute"

    played(scene, ask)
