"""A feed: lists swept, failures told and tried again, health derived, all within one source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from providers.contract import Problem
from providers.engine.feed import Feed
from providers.engine.outbox import Outbox
from providers.engine.pauses import DENIED, Pauses
from providers.engine.watchers import Watchers
from providers.model import (
    About,
    Batch,
    Began,
    Complete,
    Deletes,
    Health,
    Heard,
    Node,
    Ref,
    SourceInfo,
    Upserts,
)
from tests.engine.strange import END, Scripted, Stubborn, listing, pod


class Console:
    """What a console would know, from an outbox that is emptied when it looks."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.uids: set[str] = set()
        self.said: list[Any] = []
        self.healths: list[tuple[str, str]] = []

    def look(self) -> None:
        while frames := self.outbox.take():
            for frame in frames:
                self.said.append(frame.body)
                if isinstance(frame.body, Upserts):
                    self.uids |= {obj.uid for obj in frame.body.objects}
                elif isinstance(frame.body, Deletes):
                    self.uids -= set(frame.body.uids)
                elif isinstance(frame.body, Health):
                    self.healths.append((frame.body.kind, frame.body.state))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            self.look()
            while not true():
                await asyncio.sleep(0)
                self.look()


class Rests:
    """Pauses that pass when the test says so, or at once."""

    def __init__(self, at_once: bool = True) -> None:
        self.asked: list[float] = []
        self.at_once = at_once
        self.go = asyncio.Event()

    async def __call__(self, wake: asyncio.Event, seconds: float) -> None:
        self.asked.append(seconds)
        if self.at_once:
            await asyncio.sleep(0)
            return
        woken, passed = asyncio.create_task(wake.wait()), asyncio.create_task(self.go.wait())
        try:
            await asyncio.wait({woken, passed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            passed.cancel()
        self.go.clear()


class Running:
    """A started feed with all that a test wants to hold."""

    def __init__(self, source: Any, *, at_once: bool = False, name: str = "lab") -> None:
        self.console, self.rests, self.time = Console(), Rests(at_once), 0.0
        self.watchers = Watchers()
        self.feed = Feed(
            name,
            source,
            self.console.outbox,
            self.watchers,
            pauses=Pauses(draw=lambda: 1.0),
            rest=self.rests,
            clock=lambda: self.time,
        )
        self.feed.start()

    async def __aenter__(self) -> Running:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.stop()

    async def until(self, true: Callable[[], bool]) -> None:
        await self.console.until(true)


async def test_a_source_that_only_lists_gets_its_health_from_its_lists() -> None:
    async with Running(Scripted("lab", [listing("a", "b")])) as running:
        await running.until(lambda: running.feed.health.state == "live")
        assert running.console.said[0] == About(running.feed.info)
        assert running.console.uids == {"a", "b"}
        assert running.console.healths[-1] == ("", "live")


async def test_live_waits_for_every_kind_that_was_announced() -> None:
    reached, go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        reached.set()
        await go.wait()

    nodes: list[Batch] = [Began("node"), Upserts((Node(uid="n", name="n"),)), Complete("node")]
    source = Scripted("lab", [[*nodes, hold, *listing("a")]], kinds=("node", "pod"))
    async with Running(source) as running:
        await reached.wait()
        assert running.feed.health.state == "loading"
        go.set()
        await running.until(lambda: running.feed.health.state == "live")


async def test_a_kind_that_is_denied_does_not_keep_the_source_from_being_live() -> None:
    denied = Health(state="denied", since=0.0, kind="node")
    async with Running(Scripted("lab", [[denied, *listing("a")]], kinds=("node", "pod"))) as running:
        await running.until(lambda: running.feed.health.state == "live")


async def test_a_source_that_tells_its_health_is_believed() -> None:
    lagging = Health(state="lagging", since=1.0, detail="slow")
    async with Running(Scripted("lab", [[lagging, *listing("a")]])) as running:
        await running.until(lambda: Complete("pod") in running.console.said)
        assert running.feed.health == lagging


async def test_what_a_list_leaves_out_is_gone_before_it_is_complete() -> None:
    script = [
        *listing("a", "b", "c"),
        Began("pod"),
        Upserts((pod("b"),)),
        Deletes("pod", ("c",)),
        Complete("pod"),
    ]
    held = asyncio.Event()

    async def look() -> None:
        held.set()
        await asyncio.sleep(0)

    source = Scripted("lab", [[*script[:3], look, *script[3:]]])
    async with Running(source) as running:
        await held.wait()
        running.console.look()
        assert running.console.uids == {"a", "b", "c"}
        running.console.said.clear()
        await running.until(lambda: Complete("pod") in running.console.said)
        assert running.console.uids == {"b"}
        order = [type(body).__name__ for body in running.console.said]
        assert order.index("Deletes") < order.index("Complete")


async def test_L4_a_list_that_breaks_midway_shows_nothing_as_gone() -> None:
    broken = [Began("pod"), Upserts((pod("b"),)), Problem("the server hung up")]
    source = Scripted(
        "lab", [[*listing("a", "b", "c"), *broken], [Began("pod"), Upserts((pod("c"),)), Complete("pod")]]
    )
    async with Running(source) as running:
        await running.until(lambda: running.feed.health.state == "lost")
        assert running.console.uids == {"a", "b", "c"}
        running.rests.go.set()
        await running.until(lambda: running.feed.health.state == "live")
        assert running.console.uids == {"c"}


async def test_changes_for_what_is_not_known_are_no_error() -> None:
    source = Scripted(
        "lab",
        [
            [
                Deletes("pod", ("x",)),
                Complete("pod"),
                Upserts((pod("a"),)),
                Deletes("pod", ("a", "x")),
                *listing("b"),
            ]
        ],
    )
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"b"})
        assert running.rests.asked == []


@pytest.mark.parametrize(
    ("error", "state", "detail", "remedy"),
    [
        (Problem("no route to 10.0.0.1", "check the VPN"), "lost", "no route to 10.0.0.1", "check the VPN"),
        (Problem("may not list pods", state="denied"), "denied", "may not list pods", "tried again"),
        (
            KeyError("pods\x1b[31m"),
            "lost",
            "internal error in provider scripted: KeyError: 'pods",
            "--log-file",
        ),
        (END, "lost", "its stream ended", "tried again"),
        ("not a batch", "lost", "yielded str", "--log-file"),
    ],
)
async def test_what_ends_a_stream_becomes_its_health(
    error: Any, state: str, detail: str, remedy: str
) -> None:
    async with Running(Scripted("lab", [[error]])) as running:
        await running.until(lambda: running.rests.asked != [])
        health = running.feed.health
        assert health.state == state
        assert detail in health.detail
        assert remedy in health.remedy
        assert health.detail.isprintable()


async def test_a_source_whose_stream_can_not_even_be_asked_for() -> None:
    class Broken(Scripted):
        def stream(self) -> AsyncIterator[Batch]:
            raise RuntimeError("no")

    async with Running(Broken("lab", [[]])) as running:
        await running.until(lambda: running.feed.health.state == "lost")
        assert "RuntimeError: no" in running.feed.health.detail


async def test_L10_pauses_double_to_thirty_seconds_and_start_again_after_two_minutes_of_health() -> None:
    async def healthy() -> None:
        running.time += 121

    failing: list[Any] = [Problem("down")]
    source = Scripted("lab", [failing] * 8 + [[*listing("a"), healthy, Problem("down")], failing])
    running = Running(source, at_once=True)
    async with running:
        await running.until(lambda: source.starts > 10)
        assert running.rests.asked[:10] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 0.8, 1.6]


async def test_a_short_health_does_not_make_the_pauses_short_again() -> None:
    source = Scripted("lab", [[*listing("a"), Problem("down")]])
    async with Running(source, at_once=True) as running:
        await running.until(lambda: source.starts > 4)
        assert running.rests.asked[:4] == [0.8, 1.6, 3.2, 6.4]


async def test_jitter_is_full_but_never_a_busy_loop() -> None:
    draws = iter([0.0, 0.5, 1.0])
    pauses = Pauses(draw=lambda: next(draws))
    assert [pauses.after(0.0) for _ in range(3)] == [0.1, 0.8, 3.2]


async def test_a_denied_source_is_looked_at_rarely_or_when_asked() -> None:
    source = Scripted("lab", [[Problem("forbidden", state="denied")], listing("a")])
    async with Running(source) as running:
        await running.until(lambda: running.rests.asked != [])
        assert DENIED * 0.9 <= running.rests.asked[0] <= DENIED * 1.1
        running.feed.refresh()
        await running.until(lambda: running.feed.health.state == "live")


async def test_a_loss_that_goes_on_keeps_its_beginning() -> None:
    source = Scripted("lab", [[Problem("down")], [Problem("still down")], []])
    async with Running(source) as running:
        await running.until(lambda: running.feed.health.state == "lost")
        first = running.feed.health
        running.rests.go.set()
        await running.until(lambda: running.feed.health.detail == "still down")
        assert running.feed.health.since == first.since


async def test_refresh_starts_a_stream_again_that_has_no_refresh_of_its_own() -> None:
    source = Scripted("lab", [listing("a"), listing("b")])
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"a"})
        running.feed.refresh()
        await running.until(lambda: running.console.uids == {"b"})
        assert source.closed == 1
        assert "lost" not in [state for _, state in running.console.healths]


async def test_refresh_is_left_to_a_source_that_has_it() -> None:
    class Refreshing(Scripted):
        asked = 0

        def refresh(self) -> None:
            self.asked += 1

    source = Refreshing("lab", [listing("a")])
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"a"})
        running.feed.refresh()
        assert (source.asked, source.starts) == (1, 1)


async def test_hearing_is_counted_for_answers_and_not_for_attempts() -> None:
    async with Running(Scripted("lab", [[Began("pod"), END], [Heard()]])) as running:
        await running.until(lambda: running.rests.asked != [])
        running.console.outbox.beat()
        running.console.look()
        assert running.console.said[-1].heard == {}
        running.rests.go.set()
        await running.until(lambda: running.feed.source.starts == 2)  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        running.console.outbox.beat()
        running.console.look()
        assert list(running.console.said[-1].heard) == ["lab"]


async def test_stopping_closes_the_stream() -> None:
    source = Scripted("lab", [listing("a")])
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"a"})
    assert source.closed == 1


async def test_L20_a_stream_that_will_not_stop_is_left_after_less_than_a_second() -> None:
    source = Stubborn("lab", [[]])
    running = Running(source)
    await running.until(lambda: running.feed.health.state == "live")
    started = asyncio.get_running_loop().time()
    await running.feed.stop()
    assert asyncio.get_running_loop().time() - started < 0.95
    source.obstinate = False
    await running.feed.stop()


async def test_a_source_that_floods_leaves_the_loop_to_others() -> None:
    class Flood(Scripted):
        async def stream(self) -> AsyncIterator[Batch]:
            number = 0
            while True:
                number += 1
                yield Upserts((pod(str(number % 50)),))

    console, watchers = Console(), Watchers()
    feed = Feed("lab", Flood("lab", [[]]), console.outbox, watchers)
    feed.start()
    longest, loop = 0.0, asyncio.get_running_loop()
    for _ in range(40):
        before = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - before)
    await feed.stop()
    assert longest < 0.5  # without turns this never returns at all
    assert len(console.outbox) <= 50 + 3


async def test_a_name_taken_elsewhere_is_used_in_all_that_is_told() -> None:
    source = Scripted(
        "lab", [[About(SourceInfo(name="lab", provider="scripted", identity="me")), *listing("a")]]
    )
    async with Running(source, name="scripted:lab") as running:
        await running.until(lambda: running.feed.health.state == "live")
        names = {body.info.name for body in running.console.said if isinstance(body, About)}
        assert names == {"scripted:lab"}
        assert running.feed.info.identity == "me"


# ---- watchers ----------------------------------------------------------------------------------------


async def test_a_watcher_sees_what_passes_from_the_call_on() -> None:
    go = asyncio.Event()
    source = Scripted(
        "lab", [[*listing("a"), go.wait, Upserts((pod("a", deleting=True),)), Deletes("pod", ("a",))]]
    )
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"a"})
        ref, seen = Ref("lab", "pod", "a"), []
        changed = running.watchers.wait_for(ref, lambda obj: bool(getattr(obj, "deleting", False)), 5)
        gone = running.watchers.wait_for(ref, lambda obj: (seen.append(obj), obj is None)[1], 5)
        go.set()
        await running.until(lambda: running.console.uids == set())
        assert await changed
        assert await gone
        assert seen == [pod("a", deleting=True), None]
        assert not running.watchers


async def test_a_watcher_that_waits_in_vain_says_so_and_is_forgotten() -> None:
    watchers = Watchers()
    assert not await watchers.wait_for(Ref("lab", "pod", "a"), lambda obj: True, 0.01)
    assert not watchers


async def test_a_watcher_whose_test_fails_fails_alone() -> None:
    watchers = Watchers()
    bad = watchers.wait_for(Ref("lab", "pod", "a"), lambda obj: 1 / 0 > 1, 1)
    good = watchers.wait_for(Ref("lab", "pod", "a"), lambda obj: True, 1)
    watchers.passed(Ref("lab", "pod", "a"), None)
    assert await good
    with pytest.raises(ZeroDivisionError):
        await bad


async def test_a_sweep_tells_watchers_too() -> None:
    source = Scripted("lab", [[*listing("a", "b"), asyncio.Event().wait]])
    async with Running(source) as running:
        await running.until(lambda: running.console.uids == {"a", "b"})
        gone = running.watchers.wait_for(Ref("lab", "pod", "a"), lambda obj: obj is None, 5)
        source.scripts = [listing("b")]
        running.feed.refresh()
        assert await gone
