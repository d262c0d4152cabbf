"""A console on a frozen simulated fleet: a real engine in its own process, a real app under Pilot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from console.app import Quarterdeck
from console.config import Config
from console.gather import all_settled
from console.launch import Arguments, choose
from console.link import connect
from console.screens.deck import Deck

NOW = 1_790_000_000.0
"""The moment at which the frozen fleet stands still, seconds since the epoch."""


class Session:
    """A person at the keyboard."""

    def __init__(self, app: Quarterdeck, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def deck(self) -> Deck:
        """The main screen."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, Deck))

    @property
    def under_cursor(self) -> str:
        """Name of what is under the cursor."""
        return self.deck.current.name if self.deck.current else ""

    def rows(self, kind: str) -> list[str]:
        """Names of the rows of a pane, in their order."""
        listing = self.deck.panes[kind].listing
        return [listing.item_at(index).name for index in range(len(listing))]

    def title(self, kind: str) -> str:
        """What a pane's title says."""
        return self.deck.panes[kind].bar.text

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text and let it be drawn."""
        for char in text:
            await self.pilot.press("space" if char == " " else char)
        await self.pilot.pause()

    async def until(self, seen: Callable[[], bool], timeout: float = 20.0) -> None:
        """Wait until something is so, tick by tick. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not seen():
                await self.pilot.pause(0.02)


def loaded(app: Quarterdeck) -> bool:
    """Whether every source has said that it is live, or that it never will be."""
    states = app.fleet.sources.values()
    done = ("live", "lost", "denied")
    return all_settled(app.fleet, app.launch.providers) and all(s.health.state in done for s in states)


@asynccontextmanager
async def session(
    size: tuple[int, int] = (160, 45),
    *,
    read_only: bool = False,
    config: Config | None = None,
    toasts: bool = False,
    **simulation: Any,
) -> AsyncIterator[Session]:
    """A console that has loaded everything. `simulation` goes to the simulated fleet."""
    options = {"pods": 300, "nodes": 20, "frozen": True, "now": NOW, **simulation}
    arguments = Arguments(demo=True, simulation=options, read_only=read_only)
    launch = choose(arguments, config or Config(), {})
    frozen = options["frozen"]
    app = Quarterdeck(connect(launch.hello), launch, **({"now": lambda: NOW} if frozen else {}))
    async with app.run_test(size=size, notifications=toasts) as pilot:
        user = Session(app, pilot)
        await user.until(lambda: loaded(app))
        app.tick()
        await pilot.pause()
        yield user
