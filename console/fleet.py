"""Every object once, joined, and what changed since somebody last looked: the one thing that mutates."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from console import disagreements
from console.item import Item
from console.joins import Joins
from console.joins.claims import Claimed
from console.sharing import Sharing
from console.source import SOURCE_KIND, SourceState
from providers.model import (
    About,
    Complete,
    Deletes,
    Health,
    Heard,
    Kind,
    Ref,
    Schema,
    SourceInfo,
    Upserts,
    kind_of,
)
from providers.stream import Beat, Frame, Gone, Welcome

__all__ = ["SOURCE_KIND", "Changes", "Fleet", "Item", "SourceState"]

_COUNTED_BY: dict[Kind, Kind] = {"pod": "node"}
"""Rows of the second kind show how many there are of the first."""


@dataclass(slots=True)
class Changes:
    """What is different since the last take: as large as what changed, whatever the fleet."""

    changed: dict[Kind, set[Ref]] = field(default_factory=lambda: defaultdict(set))
    """New or changed, also by what is joined to it. Sources are under the kind "source"."""
    gone: dict[Kind, set[Ref]] = field(default_factory=lambda: defaultdict(set))
    sources: set[str] = field(default_factory=set)
    """Sources that came, went, or changed in what they are or how they are."""
    restyled: set[str] = field(default_factory=set)
    """Sources whose rows began or ceased to be stale."""
    schemas: set[Kind] = field(default_factory=set)
    """Kinds whose columns are new."""

    def __bool__(self) -> bool:
        kinds = any(self.changed.values()) or any(self.gone.values())
        return bool(kinds or self.sources or self.restyled or self.schemas)


class Fleet:
    """What the stream of frames adds up to."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        """The time where the engine is, seconds since the epoch."""
        self.sources: dict[str, SourceState] = {}
        """By name, in the order in which they were first heard of."""
        self.schemas: dict[Kind, Schema] = {}
        """Columns of the kinds carried as records, as last told by any source."""
        self.welcome: Welcome | None = None
        """What the engine said of itself; None until it spoke."""
        self.generation = 0
        """How many engines spoke so far."""
        self._joins = Joins(self._touch)
        self._sharing = Sharing()
        self._changes = Changes()
        self._lens: disagreements.Lens | None = None
        self._handlers: dict[type, Callable[[SourceState, Any, float], None]] = {
            Upserts: self._on_upserts,
            Deletes: self._on_deletes,
            Complete: self._on_complete,
            Health: self._on_health,
            About: self._on_about,
            Schema: self._on_schema,
            Heard: self._on_heard,
        }

    # ---- reading ---------------------------------------------------------------------------------

    def item(self, ref: Ref) -> Item | None:
        """The item with that identity, None when it is not there (any more)."""
        source = self.sources.get(ref.source)
        if source is None:
            return None
        if ref.kind == SOURCE_KIND:
            return source.item
        return source.table(ref.kind).get(ref.uid)

    def items(self, kind: Kind) -> Iterator[Item]:
        """All items of that kind, of all sources."""
        for source in self.sources.values():
            if kind == SOURCE_KIND:
                yield source.item
            else:
                yield from source.table(kind).values()

    def count(self, kind: Kind) -> int:
        """How many items of that kind are known."""
        if kind == SOURCE_KIND:
            return len(self.sources)
        return sum(source.count(kind) for source in self.sources.values())

    def pods_on(self, node: Ref) -> Iterable[Item]:
        """The pods bound to that node."""
        item = self.item(node)
        return () if item is None or item.pods is None else item.pods

    def pods_in(self, namespace: str) -> Iterable[Item]:
        """The pods of that namespace, in every cluster."""
        return self._joins.namespaces.get(namespace)

    def owned_by(self, uid: str) -> Iterable[Item]:
        """What the controller with that uid made."""
        return self._joins.owners.get(uid)

    def volumes_of(self, pod: Item) -> list[Claimed]:
        """The volumes that a pod claims, as far as they are known, in the order of its claims."""
        return self._joins.claims.volumes(pod)

    def members(self, item: Item) -> Collection[Item]:
        """The instances of an instance's group, or of a record that is a group; of no group, itself."""
        return self._joins.groups.members(item)

    def clusters_of(self, item: Item) -> list[str]:
        """By name, the sources that members of its group have nodes in; of no group, that of its own node."""
        return self._joins.groups.clusters(item)

    def disagreements_of(self, item: Item) -> list[disagreements.Disagreement]:
        """What is said of a node or an instance, in the order of the rules.

        Until somebody wants all disagreements, only by the rules that need no look at its siblings.
        """
        return self._lens.of(item) if self._lens is not None else disagreements.judged_alone(item, self)

    @property
    def gaps(self) -> disagreements.Gaps | None:
        """What can't be judged; None until somebody wants the disagreements."""
        return self._lens.gaps if self._lens is not None else None

    def namespaces(self) -> list[str]:
        """Every namespace that has pods, sorted."""
        return self._joins.namespaces.words()

    # ---- changing --------------------------------------------------------------------------------

    def apply(self, frame: Frame) -> None:
        """Take one frame in. What is not known here, or comes from nowhere, changes nothing."""
        body = frame.body
        if isinstance(body, Welcome):
            self._on_welcome(body)
        elif isinstance(body, Beat):
            self._on_beat(body)
        elif isinstance(body, Gone):
            self._on_gone(frame.source)
        elif frame.source:
            handler = self._handlers.get(type(body))
            if handler is not None:
                handler(self._source(frame.source, frame.at), body, frame.at)

    def engine_lost(self, detail: str, remedy: str, at: float) -> None:
        """The engine is gone: everything stays, and all of it is stale since then."""
        for source in self.sources.values():
            lost = Health(state="lost", since=at, detail=detail, remedy=remedy)
            if source.set_health(lost):
                self._changes.restyled.add(source.name)
            self._source_changed(source)

    def want(self, kind: Kind) -> None:
        """Have the items of a kind that is worked out here from the others: until then it costs nothing."""
        if kind == disagreements.KIND and self._lens is None:
            self._lens = disagreements.Lens(self)
            self._take_in(self._lens.begin())

    def take(self) -> Changes:
        """What changed since the last take; the next one starts from nothing."""
        if self._lens is not None:
            self._take_in(self._lens.follow(self._changes))
        changes = self._changes
        self._changes = Changes()
        return changes

    # ---- frames ----------------------------------------------------------------------------------

    def _on_welcome(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.generation += 1
        for source in self.sources.values():
            source.forget_kinds()
            self._source_changed(source)
            self._changes.restyled.add(source.name)
            for kind in _COUNTED_BY:
                self._recount(source, kind)

    def _on_beat(self, beat: Beat) -> None:
        for name, at in beat.heard.items():
            source = self.sources.get(name)
            if source is not None:
                source.hear(at)
                self._touch(source.item)

    def _on_gone(self, name: str) -> None:
        source = self.sources.get(name)
        if source is None:
            return
        for kind, table in source.items.items():
            self._remove(kind, table, list(table))
        for table in source.derived.values():
            for item in table.values():
                self._vanish(item)
        del self.sources[name]
        self._vanish(source.item)
        self._changes.sources.add(name)

    def _on_upserts(self, source: SourceState, body: Upserts, at: float) -> None:
        source.hear(at)
        for obj in body.objects:
            self._upsert(source, obj)
        self._touch(source.item)

    def _on_deletes(self, source: SourceState, body: Deletes, at: float) -> None:
        source.hear(at)
        self._remove(body.kind, source.items.get(body.kind, {}), body.uids)
        self._touch(source.item)

    def _on_complete(self, source: SourceState, body: Complete, at: float) -> None:
        source.hear(at)
        kind = body.kind
        if source.whole_in.get(kind) != self.generation:
            source.whole_in[kind] = self.generation
            table = source.items.get(kind, {})
            old = [uid for uid, item in table.items() if item.generation != self.generation]
            self._remove(kind, table, old)
        if source.set_complete(kind):
            self._changes.restyled.add(source.name)
        self._source_changed(source)
        self._recount(source, kind)

    def _on_health(self, source: SourceState, health: Health, at: float) -> None:
        if source.set_health(health):
            self._changes.restyled.add(source.name)
        self._source_changed(source)
        for kind in [health.kind] if health.kind else list(_COUNTED_BY):
            self._recount(source, kind)

    def _on_about(self, source: SourceState, about: About, at: float) -> None:
        before, after = source.info, about.info
        if before == after:
            return
        source.info = source.item.obj = after
        self._source_changed(source)
        if _origin(before) != _origin(after):
            for table in source.items.values():
                for item in table.values():
                    self._touch(item)
                    self._joins.touch_neighbours(item)

    def _on_schema(self, source: SourceState, schema: Schema, at: float) -> None:
        source.schemas[schema.kind] = schema
        if self.schemas.get(schema.kind) != schema:
            self.schemas[schema.kind] = schema
            self._changes.schemas.add(schema.kind)

    def _on_heard(self, source: SourceState, heard: Heard, at: float) -> None:
        source.hear(at)
        self._touch(source.item)

    # ---- one object ------------------------------------------------------------------------------

    def _upsert(self, source: SourceState, obj: Any) -> None:
        kind, uid = kind_of(obj), obj.uid
        table = source.items.get(kind)
        if table is None:
            table = source.items[kind] = {}
        item = table.get(uid)
        if item is None:
            self._sharing.share(obj)
            item = table[uid] = Item(Ref(source.name, kind, uid), obj, source, self.generation)
            self._changes.gone[kind].discard(item.ref)
            self._joins.add(item)
        else:
            item.generation = self.generation
            old = item.obj
            if old == obj:
                return
            self._sharing.share(obj)
            item.obj = obj
            self._joins.change(item, old)
        self._touch(item)

    def _remove(self, kind: Kind, table: dict[str, Item], uids: Iterable[str]) -> None:
        for uid in uids:
            item = table.pop(uid, None)
            if item is not None:
                self._joins.remove(item)
                self._vanish(item)

    def _take_in(self, verdicts: Iterable[tuple[Ref, Any]]) -> None:
        """Objects that were worked out here, None where there is none any more."""
        for ref, obj in verdicts:
            source = self.sources.get(ref.source)
            table = {} if source is None else source.derived.setdefault(ref.kind, {})
            item = table.get(ref.uid)
            if obj is None and item is not None:
                del table[ref.uid]
                self._vanish(item)
            elif obj is not None and source is not None:
                if item is None:
                    item = table[ref.uid] = Item(ref, obj, source, self.generation)
                    self._changes.gone[ref.kind].discard(ref)
                item.obj = obj
                self._touch(item)

    def _vanish(self, item: Item) -> None:
        self._changes.changed[item.ref.kind].discard(item.ref)
        self._changes.gone[item.ref.kind].add(item.ref)

    def _touch(self, item: Item) -> None:
        item.version += 1
        ref = item.ref
        self._changes.changed[ref.kind].add(ref)

    def _source(self, name: str, at: float) -> SourceState:
        source = self.sources.get(name)
        if source is None:
            source = self.sources[name] = SourceState(name, at)
            self._changes.gone[SOURCE_KIND].discard(source.item.ref)
            self._source_changed(source)
        return source

    def _source_changed(self, source: SourceState) -> None:
        self._changes.sources.add(source.name)
        self._touch(source.item)

    def _recount(self, source: SourceState, kind: Kind) -> None:
        """Rows that count objects of that kind can now say more, or less."""
        for item in source.items.get(_COUNTED_BY.get(kind, ""), {}).values():
            self._joins.touch_counted(item)


def _origin(info: SourceInfo) -> tuple[str, str, str]:
    """What every row of a source shows of it."""
    return (info.cluster, info.account, info.region)
