"""The provider `demo`: a fleet that nobody owns, for looking around, for tests and for pictures."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Host, Source
from providers.demo.clock import Clock
from providers.demo.fleet import Fleet, Home, Options
from providers.demo.source import ClusterSource, InstanceSource


class Demo:
    """A simulated fleet: clusters, and the accounts and regions that their machines are in."""

    name = "demo"
    summary = "a simulated fleet of clusters and instances that lives, breaks and can be acted on"
    options = Options

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each cluster, then one for each account and region."""
        fleet = Fleet(options, self._clock)
        regions: dict[tuple[str, str], list[Home]] = {}
        for home in fleet.clusters:
            regions.setdefault((home.place.account, home.place.region), []).append(home)
        clusters: list[Source] = [ClusterSource(home, host) for home in fleet.clusters]
        return [*clusters, *(InstanceSource(homes, host) for homes in regions.values())]


provider = Demo()
