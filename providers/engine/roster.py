"""Every source of the fleet: providers loaded, their sources followed, and a stand-in for what failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from providers.contract import Closes, Host, Problem, Provider, Source
from providers.engine.failure import failure
from providers.engine.feed import Feed, rest
from providers.engine.outbox import Outbox
from providers.engine.pauses import Pauses
from providers.engine.watchers import Watchers
from providers.model import About, Health, SourceInfo
from providers.registry import checked_options
from providers.stream import Gone, ProviderChoice

log = logging.getLogger(__name__)

Load = Callable[[str], Provider]

_CLOSING = 0.6


class Roster(Mapping[str, Source]):
    """Sources by the name that they have in this fleet. Each provider comes and fails on its own."""

    def __init__(self, outbox: Outbox, watchers: Watchers, load: Load, host: Host) -> None:
        self.feeds: dict[str, Feed] = {}
        self.failed: dict[str, Health] = {}
        """Stand-ins: the name of a provider that has no sources, and why."""
        self._outbox = outbox
        self._watchers = watchers
        self._load = load
        self._host = host
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def __getitem__(self, name: str) -> Source:
        return self.feeds[name].source

    def __iter__(self) -> Iterator[str]:
        return iter(self.feeds)

    def __len__(self) -> int:
        return len(self.feeds)

    def open(self, choice: ProviderChoice) -> None:
        """Begin to load a provider and to follow its sources."""
        task = asyncio.create_task(self._opened(choice), name=f"provider {choice.name}")
        self._tasks.append(task)

    def refresh(self, name: str) -> bool:
        """Reconnect one source, or all with ""; False when there is none of that name."""
        feeds = [feed for of, feed in self.feeds.items() if name in ("", of)]
        wakes = [wake for of, wake in self._wakes.items() if name in ("", of)]
        for feed in feeds:
            try:
                feed.refresh()
            except Exception as error:  # a stranger's code
                feed.complain(error)
        for wake in wakes:
            wake.set()
        return bool(feeds or wakes or not name)

    async def close(self) -> None:
        """Stop every source at once; what has not stopped within a second is left behind."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(feed.stop() for feed in self.feeds.values()))
        closing = [
            asyncio.create_task(_closed(source)) for source in self.values() if isinstance(source, Closes)
        ]
        if pending := [*closing, *(task for task in self._tasks if not task.done())]:
            await asyncio.wait(pending, timeout=_CLOSING)

    # ---- one provider --------------------------------------------------------------------------------

    async def _opened(self, choice: ProviderChoice) -> None:
        pauses, label = Pauses(), ""
        while True:
            try:
                sources = await self._sources(choice, label)
                break
            except Exception as error:  # a stranger's code: it must not cost the others anything
                health = failure(choice.name, error)
            label = label or _free(choice.name, "provider", {*self.feeds, *self.failed})
            self._stand_in(label, choice.name, health)
            await self._pause(label, pauses, health)
        if label:
            del self.failed[label]
            self._outbox.forget(label)
            self._outbox.tell(label, Gone())
        for feed in sources:
            self.feeds[feed.name] = feed
            feed.start()

    async def _sources(self, choice: ProviderChoice, label: str) -> list[Feed]:
        provider = await asyncio.to_thread(self._load, choice.name)  # importing one takes 0.1 s
        options = checked_options(provider, choice.options)
        sources = await provider.sources(options, self._host)
        if not sources:
            raise Problem(f"provider {choice.name!r} names no source", "see its options", state="denied")
        return self._feeds(choice.name, sources, {*self.feeds, *self.failed} - {label})

    def _feeds(self, provider: str, sources: Sequence[Source], taken: set[str]) -> list[Feed]:
        feeds = []
        for source in sources:
            name = _free(source.info.name, provider, taken)
            taken.add(name)
            feed = Feed(name, source, self._outbox, self._watchers, give_way=self._replaced)
            feeds.append(feed)
        return feeds

    def _replaced(self, feed: Feed, sources: Sequence[Source]) -> None:
        """What stood in for others makes room for them."""
        del self.feeds[feed.name]
        self._outbox.forget(feed.name)
        self._outbox.tell(feed.name, Gone())
        if isinstance(feed.source, Closes):
            self._tasks.append(asyncio.create_task(_closed(feed.source)))
        for successor in self._feeds(feed.info.provider, sources, {*self.feeds, *self.failed}):
            self.feeds[successor.name] = successor
            successor.start()

    def _stand_in(self, name: str, provider: str, health: Health) -> None:
        if name not in self.failed:
            self._outbox.tell(name, About(SourceInfo(name=name, provider=provider)))
        last = self.failed.get(name)
        if last is None or (last.state, last.detail) != (health.state, health.detail):
            self.failed[name] = health
            self._outbox.tell(name, health)

    async def _pause(self, name: str, pauses: Pauses, health: Health) -> None:
        wake = self._wakes[name] = asyncio.Event()
        try:
            await rest(wake, pauses.denied() if health.state == "denied" else pauses.after(0.0))
        finally:
            del self._wakes[name]


def _free(name: str, provider: str, taken: set[str]) -> str:
    """The name, told apart where another source has it: both keep their objects to themselves."""
    if name not in taken:
        return name
    wider = f"{provider}:{name}"
    return next(
        candidate
        for number in count(1)
        if (candidate := wider if number == 1 else f"{wider}-{number}") not in taken
    )


async def _closed(source: Closes) -> None:
    try:
        await source.close()
    except Exception:  # a stranger's code, and all is ending anyway
        log.exception("a source failed while it was closed")
