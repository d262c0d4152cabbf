"""One cluster as a source: its nodes and pods merged to one stream of batches, with a health for each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from providers.clocks import Clocks
from providers.contract import Problem, Subject
from providers.kubernetes import decode
from providers.kubernetes.api import Api, Capabilities, retry_after
from providers.kubernetes.coverage import Coverage
from providers.kubernetes.decode import Codec
from providers.kubernetes.health import summed
from providers.kubernetes.reflector import Collection
from providers.kubernetes.selfcheck import check
from providers.kubernetes.timing import Backoff, Timing
from providers.model import About, Batch, Finding, Health, Ref, SourceInfo, Upserts
from providers.text import clean

KINDS: tuple[tuple[str, bool, Callable[[], Codec[Any]]], ...] = (
    ("nodes", False, decode.nodes),
    ("pods", True, decode.pods),
)
QUEUE = 16
"""Batches waiting to be taken; then the watches wait."""
MERGED = 500
"""Objects in a batch at most."""


class _Crash(msgspec.Struct, frozen=True):
    """A defect of our own in a task: it must not end a stream in silence."""

    error: Exception


class KubernetesSource:
    """The contract's source of one cluster, and what can be done to its objects.

    `namespaces` are looked into where the whole cluster is refused; with `only`, nowhere else.
    """

    def __init__(
        self,
        client: Api,
        capabilities: Capabilities,
        namespaces: Sequence[str] = (),
        *,
        only: bool = False,
        timing: Timing | None = None,
    ) -> None:
        self._only = tuple(namespaces) if only else ()
        self._client, self._capabilities = client, capabilities
        self._namespaces = tuple(namespaces)
        self._timing = timing or Timing()
        self._coverages: list[Coverage] = []
        self._info = self._described(client.info)
        self._overall = Health(state="connecting", since=self._timing.wall())
        self._login = (client.logins, client.info.warnings)
        self._doubted = asyncio.Event()
        """Set to ask again as whom."""

    @property
    def info(self) -> SourceInfo:
        return self._info

    def _described(self, info: SourceInfo) -> SourceInfo:
        """With the namespaces, where they are all that is looked into: asked for, or the rest is refused."""
        narrowed = any(each.stands_in for each in self._coverages)
        names = self._namespaces if narrowed else self._only
        return msgspec.structs.replace(info, namespaces=tuple(clean(each, 63) for each in names))

    # ---- the stream ----------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        """Batches for as long as it is iterated; closing ends every task and connection."""
        queue: asyncio.Queue[Batch | _Crash] = asyncio.Queue(QUEUE)
        self._coverages = [self._coverage(*each, queue) for each in KINDS]
        jobs = [each.run() for each in self._coverages]
        jobs += [self._identify(queue), self._clocks()]
        tasks = [asyncio.create_task(_guard(job, queue)) for job in jobs]
        self._overall = Health(state="connecting", since=self._timing.wall())
        try:
            yield About(self._info)
            yield self._overall
            async for batch in _merged(queue):
                # One that waited may be older than what is known by now.
                yield About(self._info) if isinstance(batch, About) else batch
                if isinstance(batch, Health):
                    if (info := self._described(self._info)) != self._info:
                        self._info = info
                        yield About(info)
                    if (overall := self._summed()) is not None:
                        yield overall
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    def _coverage(
        self, plural: str, namespaced: bool, codec: Callable[[], Codec[Any]], queue: asyncio.Queue[Any]
    ) -> Coverage:
        narrow = [
            Collection(f"/api/v1/namespaces/{quote(name, safe='')}/{plural}", codec(), f"in namespace {name}")
            for name in (self._namespaces if namespaced else ())
        ]
        wide = None if narrow and self._only else Collection(f"/api/v1/{plural}", codec())
        return Coverage(self._client, wide, narrow, queue.put, self._timing)

    async def _identify(self, queue: asyncio.Queue[Batch | _Crash]) -> None:
        """As whom, and what we may, as the server says it: asked until it is answered, and again on
        refresh() and whenever who we are to it may be another."""
        backoff, now = Backoff(self._timing.random), asyncio.get_running_loop().time
        while True:
            self._doubted.clear()
            wait: float | None = None
            try:
                info = self._described(await self._capabilities.about())
            except Problem as problem:
                denied = problem.state == "denied"
                wait = max(self._timing.denied if denied else backoff.failed(now()), retry_after(problem))
                warnings = dict.fromkeys((*self._info.warnings, *self._client.info.warnings))
                info = msgspec.structs.replace(self._info, warnings=tuple(warnings))
            if info != self._info:
                self._info = info
                await queue.put(About(info))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._doubted.wait()

    def _notice_login(self) -> None:
        """Ask again as whom, when the credentials are new or something is to be said of them."""
        login = (self._client.logins, self._client.info.warnings)
        if login != self._login:
            self._login = login
            self._doubted.set()

    async def _clocks(self) -> None:
        """Notice silence, and that the machine slept: the wall clock is then ahead of the monotonic."""
        timing = self._timing
        clocks = Clocks(timing.wall, timing.jump)
        while True:
            await asyncio.sleep(timing.tick)
            if clocks.jumped():
                self.refresh()
            self._notice_login()
            for coverage in self._coverages:
                await coverage.look()

    def _summed(self) -> Health | None:
        """The health of the whole, when it is another than before."""
        old, new = self._overall, summed([each.health for each in self._coverages])
        if new.state == old.state:
            new = msgspec.structs.replace(new, since=old.since)
        if new == old:
            return None
        self._overall = new
        return new

    # ---- what a source can do besides ----------------------------------------------------------------

    def refresh(self) -> None:
        """Connect anew at once, whatever is waited for; what was refused is asked for again."""
        self._doubted.set()
        for coverage in self._coverages:
            coverage.refresh()

    async def close(self) -> None:
        """Close what is held between streams."""
        close = getattr(self._client, "close", None)
        if close is not None:
            await close()

    def locate(self, ref: Ref) -> tuple[str, str] | None:
        """Namespace and name of an object by its uid, None when it is gone."""
        for coverage in self._coverages:
            if coverage.kind == ref.kind and (found := coverage.find(ref.uid)) is not None:
                return found
        return None

    async def verify(self) -> Sequence[Finding]:
        """What is held against a list at the very same version."""
        reflectors = [each for coverage in self._coverages for each in coverage.reflectors]
        if not reflectors:
            subject, detail = f"cluster {self._info.name}", "it is not watched, so nothing of it is held"
            return [Finding(subject=subject, level="warning", detail=detail)]
        return [await check(self._client, each) for each in reflectors]

    async def manifest(self, ref: Ref) -> str:
        return await self._capabilities.manifest(ref)

    async def review(self, action: str, ref: Ref) -> str:
        return await self._capabilities.review(action, ref)

    async def node(self, ref: Ref) -> Subject:
        return await self._capabilities.node(ref)

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        await self._capabilities.cordon(node, on, dry_run=dry_run)

    async def workload(self, ref: Ref) -> Subject:
        return await self._capabilities.workload(ref)

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        await self._capabilities.restart(workload, dry_run=dry_run)

    async def diagnose(self) -> Sequence[Finding]:
        return await self._capabilities.diagnose()


async def _guard(job: Coroutine[Any, Any, None], queue: asyncio.Queue[Batch | _Crash]) -> None:
    try:
        await job
    except Exception as error:
        await queue.put(_Crash(error))


async def _merged(queue: asyncio.Queue[Batch | _Crash]) -> AsyncIterator[Batch]:
    """What the queue brings; upserts that wait one behind the other become one batch."""
    waiting: Batch | _Crash | None = None
    while True:
        batch = waiting if waiting is not None else await queue.get()
        waiting = None
        if isinstance(batch, _Crash):
            raise batch.error
        if isinstance(batch, Upserts):
            batch, waiting = _gathered(batch, queue)
        yield batch


def _gathered(first: Upserts, queue: asyncio.Queue[Batch | _Crash]) -> tuple[Upserts, Batch | _Crash | None]:
    objects = list(first.objects)
    while len(objects) < MERGED and not queue.empty():
        batch = queue.get_nowait()
        if not isinstance(batch, Upserts):
            return Upserts(tuple(objects)), batch
        objects += batch.objects
    return Upserts(tuple(objects)), None
