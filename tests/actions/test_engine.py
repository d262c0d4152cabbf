"""The same actions on the simulated fleet, seen through the engine's own feeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.contract import Host
from providers.demo.clock import FrozenClock
from providers.demo.provider import Demo
from providers.engine import audit
from providers.engine.audit import Audit
from providers.engine.outbox import Outbox
from providers.engine.pipeline import Pipeline
from providers.engine.roster import Roster
from providers.engine.watchers import Watchers
from providers.model import Node, Object, Pod, Ref, Upserts
from providers.stream import Body, Confirm, Failed, Frame, Outcome, Plan, Propose, ProviderChoice

OPTIONS = {"clusters": 1, "nodes": 6, "pods": 60, "instances": 6, "seed": 7, "frozen": True}


class Engine:
    """A roster and a pipeline as the server puts them together."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.outbox = Outbox()
        watchers = Watchers()
        self.roster = Roster(self.outbox, watchers, lambda _: Demo(FrozenClock()), Host(read_only=read_only))
        self.pipeline = Pipeline(self.roster, watchers, Audit(path), self.outbox.answer, read_only)
        self.objects: dict[Ref, Object] = {}
        self.roster.open(ProviderChoice("demo", OPTIONS))

    async def until(self, wanted: type[Body], final: bool = True) -> Body:
        async with asyncio.timeout(20):
            while True:
                await self.outbox.wait()
                for frame in self.outbox.take():
                    self._take(frame)
                    if isinstance(frame.body, wanted) and getattr(frame.body, "final", final):
                        return frame.body

    async def one(self, kind: type[Object]) -> tuple[Ref, Object]:
        while True:
            for ref, obj in self.objects.items():
                if type(obj) is kind and (not isinstance(obj, Pod) or obj.owner):
                    return ref, obj
            await self.until(Upserts)

    def _take(self, frame: Frame) -> None:
        if isinstance(frame.body, Upserts):
            for obj in frame.body.objects:
                kind = type(obj).__struct_config__.tag
                self.objects[Ref(frame.source, str(kind), obj.uid)] = obj


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path / "audit.jsonl")
    yield engine
    await engine.pipeline.close()
    await engine.roster.close()


async def test_a_node_of_the_fleet_is_cordoned_and_seen(engine: Engine, tmp_path: Path) -> None:
    ref, node = await engine.one(Node)
    assert isinstance(node, Node)
    name = "uncordon" if node.unschedulable else "cordon"
    engine.pipeline.propose(Propose(id=1, action=name, refs=(ref,)))
    plan = await engine.until(Plan)
    assert isinstance(plan, Plan)
    assert node.name in plan.sentence
    engine.pipeline.confirm(Confirm(id=1, typed="y"))
    outcome = await engine.until(Outcome)
    assert isinstance(outcome, Outcome)
    assert [result.state for result in outcome.results] == ["done"]
    assert [entry.result for entry in audit.entries(tmp_path / "audit.jsonl")] == ["", "done"]


async def test_a_workload_of_the_fleet_is_restarted_and_seen(engine: Engine) -> None:
    ref, _ = await engine.one(Pod)
    engine.pipeline.propose(Propose(id=1, action="restart", refs=(ref,)))
    plan = await engine.until(Plan)
    assert isinstance(plan, Plan)
    assert not plan.items[0].refused
    engine.pipeline.confirm(Confirm(id=1, typed=plan.typed or "y"))
    outcome = await engine.until(Outcome)
    assert isinstance(outcome, Outcome)
    assert [(result.state, result.detail) for result in outcome.results] == [("done", "")]


async def test_a_read_only_engine_refuses(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "audit.jsonl", read_only=True)
    try:
        ref, _ = await engine.one(Node)
        engine.pipeline.propose(Propose(id=1, action="cordon", refs=(ref,)))
        failed = await engine.until(Failed)
        assert isinstance(failed, Failed)
        assert "read-only" in failed.detail
    finally:
        await engine.pipeline.close()
        await engine.roster.close()
