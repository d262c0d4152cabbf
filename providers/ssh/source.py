"""A source of plain hosts: their listing read again, each host asked, a unit restarted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import yaml
from msgspec.structs import asdict, replace

from providers.contract import Host, Problem, Refused, Subject
from providers.destination import checked
from providers.model import (
    About,
    Batch,
    Began,
    Complete,
    Finding,
    LinuxHost,
    Ref,
    SourceInfo,
    Target,
)
from providers.sessions import Reach
from providers.ssh import units
from providers.ssh.asking import Answer, ask, unasked
from providers.ssh.listing import Listing, Told, Wanted
from providers.ssh.polling import AT_ONCE, Polling
from providers.text import clean, clean_lines

LISTED_AGAIN = 10.0
"""Seconds between two looks at what lists the hosts."""
_DIAGNOSED = 10.0
_MOST_FINDINGS = 40


class Hosts:
    """The hosts of one listing."""

    def __init__(
        self, name: str, listing: Listing, host: Host, *, poll: float, listed: float = LISTED_AGAIN
    ) -> None:
        """`poll`: seconds between two looks at a host that is well; `listed`: at what lists them."""
        self.info = SourceInfo(name=name, provider="ssh", kinds=("host", "unit"), address=listing.address)
        self._listing = listing
        self._host = host
        self._poll, self._listed = poll, listed
        self._polling: set[Polling] = set()

    # ---- what there is -------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        """The hosts at once, with what each says as it says it. A failing listing leaves them as they are."""
        wanted = await self._listing.read()
        polling = Polling(self._reach(), self._poll)
        self._polling.add(polling)
        try:
            yield units.UNITS
            yield Began("host")
            yield Began("unit")
            polling.look_after(wanted)
            async for batch in polling.first_round():
                yield batch
            yield Complete("host")
            yield Complete("unit")
            async for batch in self._followed(polling):
                yield batch
        finally:
            self._polling.discard(polling)
            await polling.close()

    async def _followed(self, polling: Polling) -> AsyncIterator[Batch]:
        warned: tuple[str, ...] = ()
        while True:
            for batch in await polling.news(self._listed):
                yield batch
            try:
                polling.look_after(await self._listing.read())
                warnings: tuple[str, ...] = ()
            except Problem as problem:
                warnings = (problem.detail,)
            if warnings != warned:
                warned = warnings
                yield About(replace(self.info, warnings=warnings))

    def refresh(self) -> None:
        """Ask every host at once."""
        for polling in self._polling:
            polling.wake()

    def _reach(self) -> Reach:
        if self._host.reach is None:
            raise Problem("this engine makes no connections over SSH", "update it", state="denied")
        return self._host.reach()

    # ---- what can be said of it ----------------------------------------------------------------------

    async def manifest(self, ref: Ref) -> str:
        """A host as it says it is, or a unit's properties; asked now. Raises Refused or Problem."""
        wanted, unit = await self._found(ref)
        if unit:
            said = units.manifest(await units.properties(self._reach(), checked(wanted.target), unit))
        else:
            answer = await ask(self._reach(), wanted, self._before(wanted), time.time)
            said = _plain(answer.host)
        return clean_lines(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=1 << 20))

    async def diagnose(self) -> Sequence[Finding]:
        """Every host asked now: how many are up, and each that is not."""
        wanted = await self._listing.read()
        slots = asyncio.Semaphore(AT_ONCE)
        hosts = [
            answer.host for answer in await asyncio.gather(*(self._asked(each, slots) for each in wanted))
        ]
        down = [host for host in hosts if host.state != "up"]
        detail = f"{len(hosts) - len(down)} of {len(hosts)} hosts answer"
        total = Finding(subject=self.info.name, level="warning" if down else "ok", detail=detail)
        return [total, *(_finding(self.info.name, host) for host in down[:_MOST_FINDINGS])]

    async def _asked(self, wanted: Wanted, slots: asyncio.Semaphore) -> Answer:
        before = Answer(host=unasked(wanted))
        try:
            async with slots, asyncio.timeout(_DIAGNOSED):
                return await ask(self._reach(), wanted, before, time.time)
        except TimeoutError:
            host = replace(before.host, state="unreachable", detail=f"no answer within {_DIAGNOSED:g} s")
            return Answer(host=host)

    # ---- what can be done to it ----------------------------------------------------------------------

    async def unit(self, ref: Ref) -> Subject:
        """The unit, read now. Raises Refused when it is gone."""
        wanted, name = await self._found(ref)
        found = await units.look_at(self._reach(), checked(wanted.target), name)
        login = f"{found.login or 'an unknown user'}@{wanted.target.name}"
        return Subject(
            ref=ref,
            kind="Unit",
            name=found.name,
            namespace=wanted.target.name,
            uid=f"{ref.uid} {found.stamp}",
            state=found.state,
            takes=found.takes,
            identity=f"{login}, by sudo" if found.sudo else login,
        )

    async def restart_unit(self, unit: Subject, *, dry_run: bool) -> None:
        """Conditional on its being the same run. Raises Refused, Uncertain or Problem."""
        if self._host.read_only:
            raise Refused("read-only: nothing is restarted from here", "start it without --read-only to act")
        wanted, name = await self._found(unit.ref)
        reach, target = self._reach(), checked(wanted.target)
        if dry_run:
            await units.rehearse(reach, target, name)
            return
        try:
            await units.restart(reach, target, name, unit.uid.removeprefix(f"{unit.ref.uid} "))
        finally:
            for polling in self._polling:
                polling.wake(wanted.uid)

    async def _found(self, ref: Ref) -> tuple[Wanted, str]:
        """The host, and the unit's name where the ref is a unit's. Raises Refused when it is not there."""
        host, slash, unit = ref.uid.rpartition("/") if ref.kind == "unit" else (ref.uid, "", "")
        for wanted in await self._listing.read():
            if wanted.uid == host and (slash or ref.kind == "host"):
                return wanted, unit
        raise Refused(f"{ref.kind} {clean(ref.uid, 200)} is no longer among the hosts of {self.info.name}")

    def _before(self, wanted: Wanted) -> Answer:
        known = (polling.answer(wanted.uid) for polling in self._polling)
        return next(filter(None, known), None) or Answer(host=unasked(wanted))


class FollowedHosts(Hosts):
    """The hosts that the console names: those that it finds by a filter."""

    def __init__(self, name: str, host: Host, *, poll: float) -> None:
        self._told = Told(name)
        super().__init__(name, self._told, host, poll=poll)

    def follow(self, targets: Sequence[Target]) -> None:
        """These, instead of those before, from the next moment on."""
        self._told.tell(targets)
        for polling in self._polling:
            polling.look_after(self._told.wanted)


def _plain(host: LinuxHost) -> dict[str, Any]:
    return {**asdict(host), "disks": [asdict(disk) for disk in host.disks], "tags": dict(host.tags)}


def _finding(source: str, host: LinuxHost) -> Finding:
    detail = f"{host.state}: {host.detail}"
    return Finding(subject=f"{source} {host.name}", level="error", detail=detail, remedy=host.remedy)
