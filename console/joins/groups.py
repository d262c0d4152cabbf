"""Instances by what scales them, and the clusters that such a group has nodes in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from console.item import Item
from providers.model import Instance, Record

Word = tuple[str, str, str]
"""Source, "group" or "nodegroup", and the name; a node group's is unique within its cluster only."""


class Group:
    """An Auto Scaling group or a managed node group: its instances, and their nodes by source."""

    __slots__ = ("clusters", "members")

    def __init__(self) -> None:
        self.members: set[Item] = set()
        self.clusters: dict[str, int] = {}


class Groups:
    """Every group that has members. An instance with both kinds of group is in both."""

    def __init__(self, touch: Callable[[Item], None]) -> None:
        self._touch = touch
        self._groups: dict[Word, Group] = {}

    def members(self, item: Item) -> Collection[Item]:
        """The instances of an instance's group, or of a record's that is a group; without one itself."""
        group = self._group_of(item)
        return group.members if group is not None else (item,) if item.kind == "instance" else ()

    def clusters(self, item: Item) -> list[str]:
        """The sources in which those have nodes, sorted."""
        group = self._group_of(item)
        if group is not None:
            return sorted(group.clusters)
        return [item.node.ref.source] if item.node is not None and item.kind == "instance" else []

    def add(self, instance: Item, said: Instance) -> None:
        """File an instance under the groups that it says."""
        for word in _words(instance.ref.source, said):
            group = self._groups.get(word)
            if group is None:
                group = self._groups[word] = Group()
            group.members.add(instance)
            if instance.node is not None:
                self._count(group, None, instance.node)

    def remove(self, instance: Item, said: Instance) -> None:
        """Take it out of the groups that it said; an empty group is forgotten."""
        for word in _words(instance.ref.source, said):
            group = self._groups[word]
            group.members.remove(instance)
            if instance.node is not None:
                self._count(group, instance.node, None)
            if not group.members:
                del self._groups[word]

    def move(self, instance: Item, before: Item | None, after: Item | None) -> None:
        """A member has another node now."""
        for word in _words(instance.ref.source, instance.obj):
            group = self._groups.get(word)
            if group is not None and instance in group.members:
                self._count(group, before, after)

    def _count(self, group: Group, before: Item | None, after: Item | None) -> None:
        known = len(group.clusters)
        clusters = group.clusters
        if after is not None:
            clusters[after.ref.source] = clusters.get(after.ref.source, 0) + 1
        grown = len(clusters) != known
        if before is not None:
            clusters[before.ref.source] -= 1
            if not clusters[before.ref.source]:
                del clusters[before.ref.source]
                grown = True
        if grown:
            for member in group.members:
                self._touch(member)

    def _group_of(self, item: Item) -> Group | None:
        found = (self._groups.get(word) for word in _words(item.ref.source, item.obj))
        return next((group for group in found if group is not None), None)


def _words(source: str, said: Any) -> Sequence[Word]:
    """What scales an instance, its own group before its node group; of a record that is a group, that one."""
    if isinstance(said, Instance):
        if not said.group and not said.nodegroup:
            return ()
        words = ((source, "group", said.group), (source, "nodegroup", f"{said.cluster}/{said.nodegroup}"))
        return words if said.group and said.nodegroup else words[:1] if said.group else words[1:]
    if isinstance(said, Record) and said.kind in ("group", "nodegroup"):
        within = f"{said.owner.name}/" if said.kind == "nodegroup" and said.owner is not None else ""
        return ((source, said.kind, within + said.name),)
    return ()
