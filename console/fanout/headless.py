"""An order without a screen: hosts chosen, the plan shown and asked about, then carried out and printed."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from console.fanout.asking import Asking, show
from console.fanout.fanout import Fanout
from console.fanout.saving import places, save_files
from console.fanout.upload import Upload
from console.fanout.wanted import Unfit, Wanted, chosen
from console.fleet import Fleet
from console.gather import EngineError, answered, gather, until, why_missing
from console.item import Item
from console.launch import Launch
from console.link import Link
from console.targets import Rules, target_of
from providers.stream import (
    Body,
    Cancel,
    Confirm,
    Failed,
    Outcome,
    Plan,
    Propose,
    Question,
    Ran,
    Taken,
)

PLAN_SECONDS = 330.0
"""The engine waits five minutes for a content."""
CANCEL_SECONDS = 10.0


def carry_out(link: Link, launch: Launch, wanted: Wanted) -> int:
    """Do it and print what came of it; the exit status."""
    try:
        return asyncio.run(_whole(link, launch, wanted))
    except Unfit as error:
        return _complain(str(error), 2)
    except EngineError as error:
        return _complain(f"{error.detail}\n{error.remedy}".rstrip(), 3)
    except KeyboardInterrupt:
        return 130


def _complain(words: str, status: int) -> int:
    click.echo(f"quarterdeck: {words}", err=True)
    return status


async def _whole(link: Link, launch: Launch, wanted: Wanted) -> int:
    try:
        return await _Work(link, launch, wanted).go()
    finally:
        await link.close()


class _Work:
    """One order on its way."""

    def __init__(self, link: Link, launch: Launch, wanted: Wanted) -> None:
        self.link = link
        self.launch = launch
        self.wanted = wanted
        self.fleet = Fleet()
        self.asking = Asking(link.send)
        self.plan: Plan | None = None
        self.failed: Failed | None = None
        self.upload: Upload | None = None
        self.fanout = Fanout(wanted.action, wanted.order, time.time())

    async def go(self) -> int:
        await gather(self.link, self.fleet, self.launch.providers, self.wanted.wait)
        missing = self._missing()
        items = chosen(self.fleet, self.wanted)
        plan = await self._planned(items)
        show(plan, items)
        if all(item.refused for item in plan.items):
            self.fanout.planned(plan)
            self._print()
            return 3
        typed = plan.typed or "y"
        if not self.wanted.yes and not self.asking.confirmed(typed):
            self.link.send(Cancel(id=plan.id))
            return _complain("nothing was done", 2)
        self.fanout.planned(plan)
        self.link.send(Confirm(id=plan.id, typed=typed))
        try:
            cancelled = await self._followed(plan.id)
        except EngineError as error:
            self.fanout.abandon(f"{error.detail}: look before you repeat it")
            self._print()
            raise
        self._print()
        return 130 if cancelled else max(self.fanout.status(), 3 if missing else 0)

    def _missing(self) -> bool:
        """Whether a source of what was chosen from did not answer; it is said which."""
        missing = [
            state
            for state in self.fleet.sources.values()
            if not answered(state)
            and (not state.info.kinds or set(state.info.kinds) & set(self.wanted.kinds))
        ]
        for state in missing:
            detail, remedy = why_missing(state, self.wanted.wait)
            click.echo(f"quarterdeck: {state.name}: {detail}. {remedy}".rstrip(" ."), err=True)
        return bool(missing)

    # ---- the plan --------------------------------------------------------------------------------

    async def _planned(self, items: Sequence[Item]) -> Plan:
        """Raises Unfit with why the engine has no plan for it."""
        rules = Rules(self.launch.config, time.time)
        order = msgspec.structs.replace(
            self.wanted.order, targets=tuple(target_of(item, rules) for item in items)
        )
        if self.wanted.content is not None:
            self.upload = Upload(self.link.next_id(), self.wanted.content)
            order = msgspec.structs.replace(order, stdin=self.upload.session)
        self.fanout = Fanout(self.wanted.action, order, time.time())
        self._nothing_in_the_way()
        id = self.link.next_id()
        refs = tuple(target.ref for target in order.targets)
        self.link.send(Propose(id=id, action=self.wanted.action, refs=refs, order=order))
        self._feed()
        if not await until(self.link, self.fleet, self._take, PLAN_SECONDS):
            raise EngineError("the engine has no plan", "try again")
        if self.plan is None:
            assert self.failed is not None
            raise Unfit(f"{self.failed.detail}. {self.failed.remedy}".rstrip(" ."))
        return self.plan

    def _nothing_in_the_way(self) -> None:
        """Raises Unfit where a file that is fetched would be written over another, and nobody said so."""
        if self.wanted.into is None or self.wanted.force:
            return
        there = [place for place in places(self.fanout, self.wanted.into).values() if place.exists()]
        if there:
            more = f" and {len(there) - 1} more are" if there[1:] else " is"
            raise Unfit(f"{there[0]}{more} here already: --force writes over what is")

    def _feed(self) -> None:
        for piece in self.upload.pieces() if self.upload else ():
            self.link.send(piece)

    def _take(self, body: Body) -> bool:
        """A frame; whether what is awaited is there."""
        match body:
            case Plan():
                self.plan = body
            case Failed():
                self.failed = body
            case Taken() if self.upload:
                self.upload.taken(body.count)
                self._feed()
                return False
            case Question():
                self.asking.answer(body)
                return False
            case Ran():
                self.fanout.take(body)
                return False
            case Outcome():
                self.fanout.outcome(body)
                self.asking.progress(self.fanout)
                return body.final
            case _:
                return False
        return True

    # ---- carrying out ----------------------------------------------------------------------------

    async def _followed(self, id: int) -> bool:
        """Wait for the end; ctrl-c ends what runs and begins nothing more. Whether that was so."""
        try:
            await until(self.link, self.fleet, self._take, None)
        except asyncio.CancelledError:
            if task := asyncio.current_task():
                task.uncancel()
            self.link.send(Cancel(id=id))
            await until(self.link, self.fleet, self._take, CANCEL_SECONDS)
            return True
        finally:
            self.asking.progress(None)
        if not self.fanout.final and self.failed is not None:
            raise EngineError(self.failed.detail, self.failed.remedy)
        return False

    def _print(self) -> None:
        """Raises Unfit where what the hosts gave can't be written."""
        if self.wanted.into is not None:
            self._save(self.wanted.into)
        if self.wanted.output == "json":
            # ASCII: what hosts said is unchanged in it, and must not drive the terminal that it is shown on.
            sys.stdout.write(json.dumps(self.fanout.as_json(), indent=2) + "\n")
            return
        for group in self.fanout.groups():
            # At once: half a million lines, as of `yes`, would take click 9 s.
            lines = (group.heading, *(f"  {line}".rstrip() for line in self.fanout.lines(group)))
            click.echo("\n".join(lines))

    def _save(self, folder: Path) -> None:
        try:
            saved = save_files(self.fanout, folder, force=self.wanted.force)
        except OSError as error:
            raise Unfit(f"{error.filename}: can't be written: {error.strerror}") from error
        click.echo(f"{saved} files below {folder}", err=True)
        for ref, ran in self.fanout.ran.items():
            self.fanout.ran[ref] = msgspec.structs.replace(ran, stdout=b"")
