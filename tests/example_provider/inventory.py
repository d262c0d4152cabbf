"""Hosts from an inventory file, one JSON object a line, read again whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import yaml

from providers.contract import Host, Problem, Refused, Source
from providers.model import Batch, Began, Complete, Heard, Instance, Ref, SourceInfo, Upserts
from providers.text import clean, clean_lines


class Options(msgspec.Struct, frozen=True):
    path: str = ""
    every: float = 2.0


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str = ""
    state: str = ""
    address: str = ""


class Inventory:
    def __init__(self, options: Options) -> None:
        self._path, self._every = Path(options.path), options.every
        self.info = SourceInfo(name=clean(self._path.stem), provider="inventory", kinds=("instance",))

    async def stream(self) -> AsyncIterator[Batch]:
        seen: bytes | None = None
        while True:
            text = await asyncio.to_thread(self._read)
            if text == seen:
                yield Heard()
            else:
                hosts = tuple(map(_instance, self._lines(text).values()))
                yield Began("instance")
                yield Upserts(hosts)
                yield Complete("instance")
                seen = text
            await asyncio.sleep(self._every)

    async def manifest(self, ref: Ref) -> str:
        lines = self._lines(await asyncio.to_thread(self._read))
        if ref.uid not in lines:
            raise Refused(f"{ref.uid} is no longer in {self._path}")
        return clean_lines(yaml.safe_dump(msgspec.to_builtins(lines[ref.uid])))

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise Problem(f"{self._path}: {error.strerror}", "see the option `path`") from error

    def _lines(self, text: bytes) -> dict[str, Line]:
        found: dict[str, Line] = {}
        for number, each in enumerate(text.splitlines(), 1):
            try:
                line = msgspec.json.decode(each, type=Line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise Problem(f"{self._path}, line {number}: {error}", "correct the line") from error
            if found.setdefault(clean(line.id), line) is not line:
                raise Problem(f"{self._path}, line {number}: {line.id!r} is there twice", "remove one")
        return found


def _instance(line: Line) -> Instance:
    uid, name, state, address = map(clean, (line.id, line.name, line.state, line.address))
    return Instance(uid=uid, name=name, state=state, private_ip=address)


class InventoryProvider:
    name = "inventory"
    summary = "Hosts from a file of JSON lines"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        if not options.path:
            raise Problem("inventory: no file is named", "set the option `path`", state="denied")
        return [Inventory(options)]


provider = InventoryProvider()
