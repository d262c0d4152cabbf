"""One kind of a cluster: all of it at once, or namespace by namespace where the whole is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from providers.kubernetes.api import Api
from providers.kubernetes.health import summed
from providers.kubernetes.reflector import Collection, Denied, Reflector
from providers.kubernetes.reports import Put
from providers.kubernetes.timing import Timing
from providers.model import Batch, Began, Complete, Health, Kind


class Coverage:
    """Runs the reflectors of one kind and speaks for them as one: one Began, one Complete, one health."""

    def __init__(
        self, api: Api, wide: Collection, narrow: Sequence[Collection], put: Put, timing: Timing
    ) -> None:
        self._api, self._wide, self._narrow, self._put, self._timing = api, wide, narrow, put, timing
        self.kind: Kind = wide.codec.kind
        self.health = Health(state="connecting", since=timing.wall(), kind=self.kind)
        self.reflectors: list[Reflector] = []
        self._waiting = 0
        self._began = False
        self._only = ""

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._run([self._wide], yields=bool(self._narrow))
        except Denied:
            self._only = "only " + ", ".join(each.where for each in self._narrow)
        await self._run(list(self._narrow), yields=False)

    async def _run(self, collections: list[Collection], *, yields: bool) -> None:
        self._waiting, self._began = len(collections), False
        self.reflectors = [
            Reflector(self._api, each, self._take, self._timing, yields=yields) for each in collections
        ]
        tasks = [asyncio.create_task(each.run()) for each in self.reflectors]
        try:
            await asyncio.gather(*tasks)
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, batch: Batch) -> None:
        if isinstance(batch, Health):
            await self._sum()
        elif isinstance(batch, Began):
            if not self._began:
                self._began = True
                await self._put(batch)
        elif isinstance(batch, Complete):
            self._waiting -= 1
            if not self._waiting:
                await self._put(batch)
        else:
            await self._put(batch)

    async def _sum(self) -> None:
        health = summed([each.health for each in self.reflectors], self.kind, self._only)
        if health != self.health:
            self.health = health
            await self._put(health)

    def refresh(self) -> None:
        for each in self.reflectors:
            each.refresh()

    async def look(self) -> None:
        for each in self.reflectors:
            await each.look()

    def find(self, uid: str) -> tuple[str, str] | None:
        """Namespace and name of a known object."""
        for each in self.reflectors:
            if (found := each.known.find(uid)) is not None:
                return found
        return None
