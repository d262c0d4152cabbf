"""The simulated servers as a source: listed, stirred, and their units restarted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from msgspec.structs import asdict

from providers.contract import Host, Refused, Subject
from providers.demo.clock import Clock
from providers.demo.feed import Feed
from providers.demo.hosts import UNITS, Park
from providers.demo.manifest import as_yaml
from providers.demo.shell import Shell
from providers.demo.source import IDENTITY, QUIET, pause
from providers.model import Batch, Began, Complete, Finding, Health, Heard, Ref, SourceInfo, Upserts
from providers.sessions import Session, Size

_KINDS = ("host", "unit")


class HostSource:
    """Linux servers that are reached over SSH, as it looks."""

    def __init__(self, park: Park, clock: Clock, host: Host, *, still: bool) -> None:
        """`still`: nothing moves, but for what a person does."""
        self.info = SourceInfo(
            name="ssh",
            provider="demo",
            kinds=_KINDS,
            identity=IDENTITY,
            address="a list of names",
            simulated=True,
        )
        self._park = park
        self._clock = clock
        self._host = host
        self._still = still
        self._feeds: list[Feed] = []

    async def stream(self) -> AsyncIterator[Batch]:
        """All of them, then what changes."""
        feed = Feed(_KINDS)
        self._feeds.append(feed)
        try:
            yield Health(state="loading", since=self._clock.now())
            yield UNITS
            for kind in _KINDS:
                yield Began(kind)
            yield Upserts((*self._park.hosts.values(), *self._park.units.values()))
            for kind in _KINDS:
                yield Complete(kind)
            yield Health(state="live", since=self._clock.now())
            while True:
                for batch in feed.take():
                    yield batch
                if feed.stirred:
                    continue
                await pause(self._clock, feed, QUIET)
                if not feed.stirred:
                    stirred = () if self._still else self._park.stir()
                    yield Upserts(stirred) if stirred else Heard()
        finally:
            self._feeds.remove(feed)

    async def manifest(self, ref: Ref) -> str:
        """The host or the unit as YAML. Raises Refused when it is gone."""
        if host := self._park.hosts.get(ref.uid):
            return as_yaml({**asdict(host), "disks": [asdict(disk) for disk in host.disks]})
        if unit := self._park.units.get(ref.uid):
            titles = [column.title for column in UNITS.columns]
            return as_yaml({"Unit": unit.name, **dict(zip(titles, unit.cells, strict=True))})
        raise Refused(f"{ref.kind} {ref.uid} is gone")

    def pretend(self, name: str, size: Size) -> Session:
        """A shell with nothing behind it."""
        return Shell(name, size)

    async def diagnose(self) -> Sequence[Finding]:
        return (Finding(subject=self.info.name, level="ok", detail="simulated: nothing here is real"),)

    async def unit(self, ref: Ref) -> Subject:
        unit = self._park.units.get(ref.uid)
        if unit is None or unit.owner is None:
            raise Refused(f"unit {ref.uid} is no longer failed", "look again")
        return Subject(
            ref=ref,
            kind="Unit",
            name=unit.name,
            namespace=unit.owner.name,
            uid=ref.uid,
            state="failed",
            identity=f"ops@{unit.owner.name}, by sudo",
        )

    async def restart_unit(self, unit: Subject, *, dry_run: bool) -> None:
        if self._host.read_only:
            raise Refused("read-only: nothing is restarted from here", "start it without --read-only to act")
        if unit.uid not in self._park.units:
            raise Refused(f"unit {unit.name} has changed since it was looked at", "look again")
        if not dry_run:
            host = self._park.restarted(unit.uid)
            for feed in self._feeds:
                feed.upsert(host.uid, host, new=False)
                feed.delete(unit.uid, "unit")
