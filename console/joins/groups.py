"""Instances by what scales them, and the clusters that such a group has nodes in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any

from console.item import Item
from console.joins.counts import Counts
from providers.model import Instance, Record

GroupKey = tuple[str, ...]
"""("group", source, name), or ("nodegroup", source, cluster, name): that is unique in its cluster only."""


def group_keys(source: str, said: Any) -> Sequence[GroupKey]:
    """What scales an instance, its own group before its node group; of a record that is a group, that one."""
    if isinstance(said, Instance):
        keys = (("group", source, said.group),) if said.group else ()
        return (*keys, ("nodegroup", source, said.cluster, said.nodegroup)) if said.nodegroup else keys
    if isinstance(said, Record) and said.kind == "group":
        return (("group", source, said.name),)
    if isinstance(said, Record) and said.kind == "nodegroup":
        return (("nodegroup", source, said.owner.name if said.owner is not None else "", said.name),)
    return ()


class Group:
    """An Auto Scaling group or a managed node group: its instances, and how many have nodes, by source."""

    __slots__ = ("alone", "clusters", "members")

    def __init__(self) -> None:
        self.alone = (self,)
        self.members: set[Item] = set()
        self.clusters = Counts()


class Groups:
    """Every group that has members. An instance with both kinds of group is in both."""

    def __init__(self, touch: Callable[[Item], None]) -> None:
        self._touch = touch
        self._groups: defaultdict[GroupKey, Group] = defaultdict(Group)
        self._of: dict[Item, tuple[Group, ...]] = {}

    def members(self, item: Item) -> Collection[Item]:
        """The instances of an instance's group, or of a record's that is a group; without one itself."""
        group = self._group_of(item)
        return group.members if group is not None else (item,) if isinstance(item.obj, Instance) else ()

    def clusters(self, item: Item) -> list[str]:
        """The sources in which those have nodes, sorted."""
        group = self._group_of(item)
        if group is not None:
            return sorted(group.clusters.words())
        return [item.node.ref.source] if isinstance(item.obj, Instance) and item.node is not None else []

    def add(self, instance: Item, said: Instance) -> None:
        """File an instance, which has no node yet, under the groups that it says."""
        for key in group_keys(instance.ref.source, said):
            group = self._groups[key]
            group.members.add(instance)
            # Mostly one, and that tuple is there already.
            others = self._of.get(instance)
            self._of[instance] = group.alone if others is None else (*others, group)

    def remove(self, instance: Item, said: Instance) -> None:
        """Take it out of the groups that it said; an empty group is forgotten."""
        if instance.node is not None:
            self.move(instance, instance.node.ref.source, "")
        for key, group in zip(group_keys(instance.ref.source, said), self._of.pop(instance), strict=True):
            group.members.remove(instance)
            if not group.members:
                del self._groups[key]

    def move(self, instance: Item, before: str, after: str) -> None:
        """An instance has a node in another source than before, "" in none."""
        for group in self._of.get(instance, ()):
            if group.clusters.move(before, after):
                for member in group.members:
                    self._touch(member)

    def _group_of(self, item: Item) -> Group | None:
        for key in group_keys(item.ref.source, item.obj):
            if key in self._groups:
                return self._groups[key]
        return None
