"""A person at the other end of a pipeline: proposes, reads the plan, confirms, waits for the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from providers.contract import Source
from providers.engine.audit import Audit
from providers.engine.pipeline import Limits, Pipeline
from providers.engine.watchers import Watchers
from providers.model import Ref, Result
from providers.stream import Body, Cancel, Confirm, Failed, Outcome, Plan, Propose

from .cluster import Cluster

B = TypeVar("B", Plan, Outcome, Failed)


class Console:
    def __init__(self, audit: Path, *clusters: Cluster, read_only: bool = False, **options: Any) -> None:
        self.sources: dict[str, Source] = {cluster.info.name: cluster for cluster in clusters}
        watchers = Watchers()
        for cluster in clusters:
            cluster.watchers = watchers
        self.audit = Audit(audit)
        self.frames: list[Body] = []
        self._came = asyncio.Event()
        options.setdefault("limits", Limits())
        self.pipeline = Pipeline(self.sources, watchers, self.audit, self._receive, read_only, **options)

    def _receive(self, body: Body) -> None:
        self.frames.append(body)
        self._came.set()

    async def wait(self, kind: type[B], number: int, when: Callable[[B], bool] = lambda _: True) -> B:
        """The first frame of that kind and id for which `when` holds; each frame is looked at once."""
        async with asyncio.timeout(10):
            while True:
                for frame in list(self.frames):
                    if isinstance(frame, kind) and frame.id == number and when(frame):
                        self.frames.remove(frame)
                        return frame
                self._came.clear()
                await self._came.wait()

    async def propose(self, action: str, *refs: Ref, number: int = 1) -> Plan:
        self.pipeline.propose(Propose(id=number, action=action, refs=refs))
        return await self.wait(Plan, number)

    def confirm(self, typed: str = "y", number: int = 1) -> None:
        self.pipeline.confirm(Confirm(id=number, typed=typed))

    def cancel(self, number: int = 1) -> None:
        self.pipeline.cancel(Cancel(id=number))

    async def outcome(self, number: int = 1) -> tuple[Result, ...]:
        return (await self.wait(Outcome, number, lambda frame: frame.final)).results

    async def failed(self, number: int = 1) -> Failed:
        return await self.wait(Failed, number)
