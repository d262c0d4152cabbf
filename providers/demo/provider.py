"""The provider `demo`: a fleet that nobody owns, for looking around, for tests and for pictures."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Host, Source
from providers.demo.clock import Clock
from providers.demo.fleet import Fleet, Home, Options
from providers.demo.host_source import HostSource
from providers.demo.hosts import Park
from providers.demo.source import ClusterSource, InstanceSource


class Demo:
    """A simulated fleet: clusters, and the accounts and regions that their machines are in."""

    name = "demo"
    summary = "a simulated fleet of clusters and instances that lives, breaks and can be acted on"
    options = Options

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each cluster, then one for each account and region, then the servers."""
        fleet = Fleet(options, self._clock)
        regions: dict[tuple[str, str], list[Home]] = {}
        for home in fleet.clusters:
            regions.setdefault((home.place.account, home.place.region), []).append(home)
        clusters: list[Source] = [ClusterSource(home, host) for home in fleet.clusters]
        clouds = (InstanceSource(homes, host) for homes in regions.values())
        return [*clusters, *clouds, *self._hosts(fleet, host)]

    def _hosts(self, fleet: Fleet, host: Host) -> list[Source]:
        options, clock = fleet.options, fleet.clock
        if not options.hosts:
            return []
        still = options.frozen or not options.rate
        return [HostSource(Park(options.hosts, options.seed, clock), clock, host, still=still)]


provider = Demo()
