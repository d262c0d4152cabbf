"""One kind of a cluster: all of it at once, or namespace by namespace where the whole is refused or not asked
for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from providers.contract import Problem
from providers.kubernetes.api import Api
from providers.kubernetes.decode import Unreadable
from providers.kubernetes.health import summed
from providers.kubernetes.reflector import Collection, Denied, Reflector
from providers.kubernetes.reports import Put
from providers.kubernetes.timing import Timing
from providers.model import Batch, Began, Complete, Health, Kind


class Coverage:
    """Runs the reflectors of one kind and speaks for them as one: one Began, one Complete, one health.

    Without `wide` only the `narrow` ones are ever looked at. Where the whole is refused they stand in for it,
    and the whole is tried again now and then. The kind is complete when each of them is, or is denied.
    """

    def __init__(
        self, api: Api, wide: Collection | None, narrow: Sequence[Collection], put: Put, timing: Timing
    ) -> None:
        self._api, self._wide, self._narrow, self._put, self._timing = api, wide, narrow, put, timing
        self.kind: Kind = (wide or narrow[0]).codec.kind
        self.health = Health(state="connecting", since=timing.wall(), kind=self.kind)
        self.reflectors: list[Reflector] = []
        self._complete = False
        self._began = False
        self._only = ""
        self._telling = asyncio.Lock()
        self._again = asyncio.Event()
        """Set to try the whole at once."""

    @property
    def stands_in(self) -> bool:
        """Whether the narrow ones are looked at because the whole is refused."""
        return bool(self._only)

    async def run(self) -> None:
        """Until cancelled."""
        while self._wide is not None:
            self._only = ""
            try:
                await self._run([self._wide], yields=bool(self._narrow))
            except Denied:
                self._only = "only " + ", ".join(each.where for each in self._narrow)
            await self._stand_in(self._wide)
        await self._run(list(self._narrow), yields=False)

    async def _stand_in(self, wide: Collection) -> None:
        """The narrow ones until the whole is granted."""
        running = asyncio.create_task(self._run(list(self._narrow), yields=False))
        granted = asyncio.create_task(self._granted(wide))
        tasks = {running, granted}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _granted(self, wide: Collection) -> None:
        """Returns once the whole may be both listed and watched."""
        while True:
            self._again.clear()
            try:
                async with asyncio.timeout(self._timing.denied):
                    await self._again.wait()
            except TimeoutError:
                pass
            try:
                await self._try(wide)
            except (Problem, Unreadable):
                continue  # The narrow ones say how it is.
            return

    async def _try(self, wide: Collection) -> None:
        """Ask for one object and for a watch, and take neither. Raises Problem."""
        page = wide.codec.page(await self._api.get(wide.path, {"limit": "1"}))
        params = {"watch": "1", "timeoutSeconds": "1", "resourceVersion": page.version}
        async with self._api.stream(wide.path, params, sock_read=self._timing.initial):
            pass

    async def _run(self, collections: list[Collection], *, yields: bool) -> None:
        self._complete = self._began = False
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
        if isinstance(batch, Began):
            if not self._began:
                self._began = True
                await self._put(batch)
        elif isinstance(batch, Health | Complete):
            await self._completed()
            if isinstance(batch, Health):
                await self._sum()
        else:
            await self._put(batch)

    async def _completed(self) -> None:
        """Say it once, when nothing that may be seen is left to come."""
        whole = [each.whole for each in self.reflectors]
        settled = all(each.whole or each.health.state == "denied" for each in self.reflectors)
        if settled and any(whole) and not self._complete:
            self._complete = True
            await self._put(Complete(self.kind))

    async def _sum(self) -> None:
        """Tell the health as it is now, if that is new. One at a time: a full queue lets puts overtake."""
        async with self._telling:
            health = summed([each.health for each in self.reflectors], self.kind, self._only)
            refused = [each for each in self.reflectors if each.health.state == "denied"]
            if refused and len(refused) < len(self.reflectors):
                health = self._qualified(health, refused)
            if health != self.health:
                self.health = health
                await self._put(health)

    def _qualified(self, health: Health, refused: list[Reflector]) -> Health:
        """The health of the rest, and which are denied."""
        rest = summed([each.health for each in self.reflectors if each not in refused])
        where = "denied " + ", ".join(each.collection.where for each in refused)
        told = rest if rest.detail else refused[0].health
        detail = f"{rest.detail}; {where}" if rest.detail else f"{where}: {told.detail}"
        return msgspec.structs.replace(health, detail=detail, remedy=told.remedy)

    def refresh(self) -> None:
        """Connect anew at once, and try the whole where it was refused."""
        self._again.set()
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
