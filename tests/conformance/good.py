"""A provider in memory with every capability and no fault, in pieces that can be broken one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import msgspec

from providers.contract import Host, Problem, Refused, Source, Subject
from providers.model import (
    Batch,
    Began,
    Column,
    Complete,
    Finding,
    Instance,
    Node,
    Object,
    Pod,
    Record,
    Ref,
    Schema,
    SourceInfo,
    Upserts,
    kind_of,
)

SHELVES = "shelves.example"


def objects() -> list[Object]:
    return [
        Node(uid="n1", name="node-1", status="Ready", cpu=4.0),
        Node(uid="n2", name="node-2", status="Ready", unschedulable=True),
        Pod(uid="p1", namespace="shop", name="web-1", node="node-1"),
        Instance(uid="i1", name="machine-1"),
        Record(kind=SHELVES, uid="r1", name="shelf", cells=("3",)),
    ]


class Good:
    """A source."""

    def __init__(self, host: Host) -> None:
        self.info = SourceInfo(
            name="place", provider="good", kinds=("node", "pod", "instance", SHELVES), identity="alice"
        )
        self.host = host
        self.objects = {(kind_of(obj), obj.uid): obj for obj in objects()}
        self.listeners: set[asyncio.Queue[Batch]] = set()

    # ---- the stream ----------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        changes: asyncio.Queue[Batch] = asyncio.Queue()
        self.listeners.add(changes)
        try:
            for batch in self.listing():
                yield batch
            while True:
                yield await changes.get()
        finally:
            self.listeners.discard(changes)

    def listing(self) -> Iterator[Batch]:
        yield self.schema()
        for kind in self.info.kinds:
            yield Began(kind)
            yield Upserts(tuple(obj for (of, _), obj in self.objects.items() if of == kind))
            yield Complete(kind)

    def schema(self) -> Schema:
        return Schema(kind=SHELVES, title="Shelves", columns=(Column("Floors"),))

    def put(self, obj: Object) -> None:
        self.objects[kind_of(obj), obj.uid] = obj
        self.tell(Upserts((obj,)))

    def tell(self, batch: Batch) -> None:
        for changes in self.listeners:
            changes.put_nowait(batch)

    # ---- what can be asked of it ---------------------------------------------------------------------

    def found(self, ref: Ref) -> Object:
        obj = self.objects.get((ref.kind, ref.uid))
        if obj is None:
            raise Refused(f"{ref.kind} {ref.uid} is gone")
        return obj

    async def manifest(self, ref: Ref) -> str:
        return f"kind: {ref.kind}\nuid: {self.found(ref).uid}\n"

    async def review(self, action: str, ref: Ref) -> str:
        return ""

    async def diagnose(self) -> Sequence[Finding]:
        return [Finding(subject="place", level="ok", detail="in memory")]

    async def verify(self) -> Sequence[Finding]:
        return [Finding(subject="place", level="ok", detail="nothing differs")]

    async def node(self, ref: Ref) -> Subject:
        node: Any = self.found(ref)
        return Subject(ref=ref, kind="Node", name=node.name, uid=node.uid, unschedulable=node.unschedulable)

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        self.may_write()
        found: Any = self.found(Ref("", "node", node.uid))
        if not dry_run:
            self.put(msgspec.structs.replace(found, unschedulable=on))

    async def unit(self, ref: Ref) -> Subject:
        raise Refused(f"{ref.uid} is no unit here")

    async def restart_unit(self, unit: Subject, *, dry_run: bool) -> None:
        raise Refused(f"{unit.name} is no unit here")

    async def workload(self, ref: Ref) -> Subject:
        pod: Any = self.found(ref)
        return Subject(ref=ref, kind="Pod", name=pod.name, namespace=pod.namespace, uid=pod.uid, bare=True)

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        self.may_write()

    def may_write(self) -> None:
        if self.host.read_only:
            raise Problem("read-only")


class GoodOptions(msgspec.Struct, frozen=True):
    path: str = ""


class GoodProvider:
    """A provider of one such source, of whatever class."""

    def __init__(self, source: type[Good] = Good) -> None:
        self.name = "good"
        self.summary = "A place in memory"
        self.options: Any = GoodOptions
        self.source = source

    async def sources(self, options: GoodOptions, host: Host) -> Sequence[Source]:
        return [self.source(host)]


provider = GoodProvider()
