"""What a provider's author says to the kit, and what its checks are made with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, cast

import msgspec
import pytest

from providers.conformance.look import Look, look
from providers.contract import Closes, Host, Provider, Source
from providers.registry import checked_options
from providers.text import clean


class Kit:
    """Set `provider`, and `options` as a configuration file would have them."""

    provider: ClassVar[Any]
    """The Provider."""
    options: ClassVar[dict[str, Any]] = {}
    timeout: ClassVar[float] = 10.0
    """Seconds within which every source must be complete."""
    follow: ClassVar[float] = 0.3
    """Seconds for which a stream is followed on after that."""
    still: ClassVar[bool] = True
    """The place does not change by itself, so two looks must show the same. False for a living one."""
    writes: ClassVar[bool] = False
    """The place may be written to: a node is cordoned and uncordoned again."""

    async def stir(self, source: Source) -> None:
        """Override to make something change at the place: the streams must then show it."""

    # ---- for the checks ------------------------------------------------------------------------------

    def run(self, check: Callable[[], Awaitable[None]]) -> None:
        """Run the check in a loop of its own."""

        async def main() -> None:
            await check()

        asyncio.run(main())

    def each(self, check: Callable[[Source], Awaitable[None]], *, read_only: bool = False) -> None:
        """Run the check on every source, all in one loop, and close them."""

        async def main() -> None:
            sources = await self.sources(read_only=read_only)
            try:
                for source in sources:
                    await check(source)
            finally:
                await closed(sources)

        self.run(main)

    async def sources(self, *, read_only: bool = False) -> Sequence[Source]:
        provider = cast(Provider, self.provider)
        options = checked_options(provider, self.options)
        return await provider.sources(options, Host(read_only=read_only))

    async def look(self, source: Source, *, follow: bool = False) -> Look:
        """A whole look at the source; with `follow` also what came after."""
        if not follow:
            return await look(source, self.timeout)
        return await look(source, self.timeout, follow=self.follow, stir=self.stir)

    def each_able(self, capability: Any, check: Callable[[Any], Awaitable[None]]) -> None:
        """Run the check on every source that has the capability; skipped when none has."""
        able = 0

        async def only(source: Source) -> None:
            nonlocal able
            if isinstance(source, capability):
                able += 1
                await check(source)

        self.each(only)
        if not able:
            pytest.skip(f"no source {capability.__name__.lower()}")

    def must_write(self) -> None:
        """Skip unless the place may be written to."""
        if not self.writes:
            pytest.skip("set `writes = True` where the place may be written to")


async def closed(sources: Sequence[Source]) -> None:
    """Close those that hold something."""
    for source in sources:
        if isinstance(source, Closes):
            await source.close()


def dirty(value: Any) -> str:
    """The first string in the value, however deep, that the terminal could be fooled by, as a repr."""
    pending = [msgspec.to_builtins(value)]
    while pending:
        item = pending.pop()
        if isinstance(item, str) and clean(item, limit=1 << 30) != item:
            return repr(item)
        if isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            pending += item
    return ""
