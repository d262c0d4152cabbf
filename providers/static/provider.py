"""Machines that files and commands declare: the provider `static`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from providers.contract import Host, Problem, Refused, Source
from providers.model import Batch, Began, Complete, Finding, Heard, Instance, Ref, SourceInfo, Upserts
from providers.static import entry, reading
from providers.static.command import Command
from providers.static.file import File
from providers.static.naming import named
from providers.text import clean


class Options(Struct, frozen=True):
    """`[providers.static]` in the configuration; --inventory wins."""

    inventories: tuple[str, ...] = ()
    """Files; or, after a "!", a command that prints one."""
    every: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds between two looks at a file."""
    every_command: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds between two runs of a command."""


class Inventory:
    """One file, or what one command prints."""

    def __init__(self, name: str, origin: File | Command) -> None:
        self._origin = origin
        self.info = SourceInfo(name=name, provider="static", kinds=("instance",), address=origin.address)

    async def stream(self) -> AsyncIterator[Batch]:
        """All that is declared, again whenever it is something else."""
        seen: object = None
        while True:
            if look := await self._look(seen):
                seen, instances = look
                yield Began("instance")
                yield Upserts(instances)
                yield Complete("instance")
            else:
                yield Heard()
            await asyncio.sleep(self._origin.every)

    async def manifest(self, ref: Ref) -> str:
        """What is said of the machine now."""
        for each in await self._entries():
            if each.instance.uid == ref.uid:
                return entry.manifest(each)
        raise Refused(f"{clean(ref.uid)} is no longer in {self._origin.address}")

    async def diagnose(self) -> Sequence[Finding]:
        """Whether it can be read, and how much is in it."""
        count = len(await self._entries())
        detail = f"{self._origin.address} declares {count or 'no'} machine{'' if count == 1 else 's'}"
        return [Finding(subject=self.info.name, level="ok" if count else "warning", detail=detail)]

    async def _look(self, seen: object) -> tuple[object, tuple[Instance, ...]] | None:
        """A stamp and the machines; None while the stamp is the one that was seen."""
        read = await self._origin.read(seen)
        if read is None:
            return None
        stamp, text = read
        found = await asyncio.to_thread(reading.entries, text, self._origin.address)
        return stamp, tuple(each.instance for each in found)

    async def _entries(self) -> Sequence[entry.Entry]:
        read = await self._origin.read()
        return await asyncio.to_thread(reading.entries, read[1], self._origin.address) if read else ()


class Static:
    """Inventories, a source each."""

    name = "static"
    summary = "instances and hosts from a file or a command's JSON, a Terraform state too"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each inventory. Raises Problem when none is named."""
        if not options.inventories:
            remedy = "give --inventory FILE, or set `inventories` under [providers.static]"
            raise Problem("static: no inventory is named", remedy, state="denied")
        return [Inventory(name, _origin(said, options)) for name, said in named(options.inventories).items()]


def _origin(said: str, options: Options) -> File | Command:
    if said.startswith("!"):
        return Command(said[1:].strip(), options.every_command)
    return File(said, options.every)


provider = Static()
