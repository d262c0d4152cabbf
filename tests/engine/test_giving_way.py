"""A source that stands in for others makes room for them, and the console is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from msgspec import Struct

from providers.contract import Host, Problem, Source
from providers.engine.outbox import Outbox
from providers.engine.roster import Roster
from providers.engine.watchers import Watchers
from providers.model import Batch, Complete, SourceInfo
from providers.stream import ProviderChoice
from tests.waiting import until


class Region:
    """A source that is there at once."""

    info = SourceInfo(name="cloud-eu", provider="cloud", kinds=("instance",))

    async def stream(self) -> AsyncIterator[Batch]:
        yield Complete("instance")
        await asyncio.Event().wait()


class StandIn:
    """Fails once, and then knows its region."""

    info = SourceInfo(name="cloud", provider="cloud")

    def __init__(self) -> None:
        self.tries = 0
        self.closed = False

    async def stream(self) -> AsyncIterator[Batch]:
        self.tries += 1
        if self.tries == 1:
            raise Problem("not logged in", state="denied")
        return
        yield

    def successors(self) -> Sequence[Source]:
        return [Region()] if self.tries > 1 else []

    async def close(self) -> None:
        self.closed = True


class Nothing(Struct, frozen=True):
    """No options."""


class Cloud:
    name, summary, options = "cloud", "", Nothing

    def __init__(self) -> None:
        self.stand_in = StandIn()

    async def sources(self, options: Any, host: Host) -> Sequence[Source]:
        return [self.stand_in]


async def test_a_stand_in_makes_room_for_what_it_stood_for() -> None:
    cloud = Cloud()
    roster = Roster(Outbox(), Watchers(), lambda name: cloud, Host())
    roster.open(ProviderChoice("cloud"))
    await until(lambda: "cloud" in roster.feeds and roster.feeds["cloud"].health.state == "denied")
    assert roster.refresh("cloud")
    await until(lambda: list(roster.feeds) == ["cloud-eu"])
    await until(lambda: roster.feeds["cloud-eu"].health.state == "live")
    await until(lambda: cloud.stand_in.closed)
    await roster.close()
