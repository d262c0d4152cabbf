"""What part of the fleet a pane is narrowed to, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from console.disagreements import KIND as DISAGREEMENT
from console.item import Item
from console.joins.claims import VOLUME
from console.joins.owned import owner_uid
from console.source import SOURCE_KIND
from providers.model import Kind, Owner, Ref

if TYPE_CHECKING:
    from console.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything given must hold; what is empty or None narrows nothing."""

    sources: frozenset[str] = frozenset()
    """Names of sources."""
    node: Ref | None = None
    """Pods on it and the instance below it; other kinds are not narrowed by it."""
    namespaces: frozenset[str] = frozenset()
    """Narrows what has a namespace."""
    owner: Owner | None = None
    """What this controller made, or what is attached to this machine; other kinds are not narrowed by it."""
    pod: Ref | None = None
    """The volumes that it claims; other kinds are not narrowed by it."""

    def __bool__(self) -> bool:
        return self != EVERYTHING

    def includes(self, item: Item) -> bool:
        """Whether that item belongs to it."""
        if self.sources and item.ref.source not in self.sources:
            return False
        if self.namespaces and item.namespace not in self.namespaces and item.namespace:
            return False
        owner = self._owner_of(item.ref.kind)
        if owner is not None and owner_uid(item.obj) != owner.uid:
            return False
        if self.pod is not None and item.ref.kind == VOLUME and not _mounted(item, self.pod):
            return False
        return self.node is None or item.ref.kind not in _ON_NODES or _on(item, self.node)

    def reaching(self, item: Item) -> Scope:
        """The same without whatever leaves that item out."""
        alone = [Scope(**{field.name: getattr(self, field.name)}) for field in fields(self)]
        kept = [field.name for field, only in zip(fields(self), alone, strict=True) if only.includes(item)]
        return Scope(**{name: getattr(self, name) for name in kept})

    def candidates(self, fleet: Fleet, kind: Kind) -> Iterable[Item]:
        """The smallest known set of items that holds all of that kind it includes."""
        owner = self._owner_of(kind)
        if owner is not None:
            return [item for item in fleet.owned_by(owner.uid) if item.ref.kind == kind]
        if kind == VOLUME and self.pod is not None:
            pod = fleet.item(self.pod)
            return {found.volume for found in fleet.volumes_of(pod)} if pod is not None else ()
        if kind == "pod" and self.node is not None:
            return fleet.pods_on(self.node)
        if kind == "pod" and self.namespaces:
            return [item for name in self.namespaces for item in fleet.pods_in(name)]
        if self.sources and kind != SOURCE_KIND:
            found = [fleet.sources[name] for name in sorted(self.sources) if name in fleet.sources]
            return [item for source in found for item in source.table(kind).values()]
        return fleet.items(kind)

    def words(self, fleet: Fleet, kind: Kind) -> list[str]:
        """`source prod-eu`, `node ip-10-0-3-17`: what narrows the objects of that kind, for people."""
        words = []
        if self.sources:
            words.append(f"source {', '.join(sorted(self.sources))}")
        if self.node is not None and kind in _ON_NODES:
            words.append(_named("node", self.node, fleet))
        if self.namespaces and kind not in _OUTSIDE:
            words.append(f"namespace {', '.join(sorted(self.namespaces))}")
        if (owner := self._owner_of(kind)) is not None:
            words.append(f"{owner.kind} {owner.name}")
        if self.pod is not None and kind == VOLUME:
            words.append(_named("pod", self.pod, fleet))
        return words

    def _owner_of(self, kind: Kind) -> Owner | None:
        owner = self.owner
        if owner is None or kind in _OUTSIDE:
            return None
        # What a machine owns is no workload's, nor the other way round.
        return owner if (owner.kind == MACHINE) == (kind in _OF_MACHINES) else None


EVERYTHING = Scope()
_ON_NODES = frozenset({"pod", "instance"})
_OUTSIDE = frozenset({SOURCE_KIND, "node", "instance", DISAGREEMENT})
"""Kinds that have neither a namespace nor an owner."""
MACHINE = "instance"
"""The kind of owner that a machine is."""
_OF_MACHINES = frozenset({VOLUME})


def _on(item: Item, node: Ref) -> bool:
    return item.node is not None and item.node.ref == node


def _mounted(volume: Item, pod: Ref) -> bool:
    return any(user.ref == pod for user in volume.pods or ())


def _named(word: str, ref: Ref, fleet: Fleet) -> str:
    item = fleet.item(ref)
    return f"{word} {item.name}" if item is not None else f"{word} {ref.uid} (gone)"
