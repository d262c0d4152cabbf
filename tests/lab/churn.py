"""Changes at a known rate, each with the moment it was made, so that a latency can be measured anywhere
downstream.

Every change is one status patch of one pod: its first container restarted once more, and an annotation says
when. What was sent is known by (namespace, name, restarts), which a screen shows too.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from typing import Any, TextIO

import aiohttp

from .access import Access
from .requests import patch_status
from .simulator import STILL

STAMP = "lab.quarterdeck/stamp"
"""Annotation: the moment of the change, in nanoseconds since 1970 (`time.time_ns`)."""


@dataclass(frozen=True)
class Change:
    """One change. `sent` and `answered` are seconds on this machine's monotonic clock (`time.monotonic`)."""

    namespace: str
    name: str
    restarts: int
    sent: float
    answered: float


class Churn:
    """`rate` status patches a second spread over `pods` running pods; `changes` holds what was done."""

    def __init__(
        self, access: Access, *, rate: float = 100.0, pods: int = 500, log: TextIO | None = None
    ) -> None:
        self.rate = rate
        self.changes: list[Change] = []
        self._access, self._pods, self._log = access, pods, log

    async def run(self, seconds: float | None = None) -> None:
        """Change until `seconds` have passed (None: until cancelled). Late patches are not sent in a
        burst."""
        async with self._access.session() as session:
            targets = await self._targets(session)
            begun = due = time.monotonic()
            turn = 0
            async with asyncio.TaskGroup() as group:
                while seconds is None or due - begun < seconds:
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    group.create_task(self._change(session, targets[turn % len(targets)]))
                    turn += 1
                    due = max(due + 1 / self.rate, time.monotonic() - 0.1)

    async def _targets(self, session: aiohttp.ClientSession) -> list[dict[str, Any]]:
        query = {
            "limit": str(self._pods),
            "labelSelector": f"!{STILL}",
            "fieldSelector": "status.phase=Running",
        }
        async with session.get("/api/v1/pods", params=query) as answer:
            answer.raise_for_status()
            items: list[dict[str, Any]] = (await answer.json())["items"]
        if not items:
            raise RuntimeError("no running pods to change; load some first")
        return items

    async def _change(self, session: aiohttp.ClientSession, pod: dict[str, Any]) -> None:
        meta, containers = pod["metadata"], pod["status"]["containerStatuses"]
        containers[0]["restartCount"] += 1
        restarts = sum(one["restartCount"] for one in containers)
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
        sent = time.monotonic()
        stamp = {STAMP: str(time.time_ns())}
        await patch_status(session, path, {"containerStatuses": containers}, annotations=stamp)
        change = Change(meta["namespace"], meta["name"], restarts, sent, time.monotonic())
        self.changes.append(change)
        if self._log:
            self._log.write(json.dumps(asdict(change)) + "\n")
            self._log.flush()
