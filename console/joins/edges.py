"""The edge between a node and its instance: written here alone, and told to every row that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from console.item import Item
from console.joins.claims import Claims
from console.joins.groups import Groups

Touch = Callable[[Item], None]
"""Says that what is shown of an item changed."""


class Edges:
    """Both directions: an instance is given to every node that says so, a node to each of its twins."""

    def __init__(self, touch: Touch, groups: Groups, claims: Claims) -> None:
        self._touch = touch
        self._groups = groups
        self._claims = claims

    def give_instance(self, node: Item, instance: Item | None, guessed: bool = False) -> None:
        """From now on the node runs on that instance."""
        if node.instance is instance and node.guessed == guessed:
            return
        node.instance = instance
        node.guessed = guessed
        self._touch(node)
        if node.pods:
            for pod in node.pods:
                self._touch(pod)
                self._claims.move_pod(pod)

    def give_node(self, instance: Item, node: Item | None, guessed: bool = False) -> None:
        """From now on the instance carries that node."""
        if instance.node is node and instance.guessed == guessed:
            return
        before = "" if instance.node is None else instance.node.ref.source
        after = "" if node is None else node.ref.source
        instance.node = node
        instance.guessed = guessed
        self._touch(instance)
        self._groups.move(instance, before, after)
        self._claims.move(instance, before, after)

    def give_twins(self, instance: Item, twins: tuple[Item, ...]) -> None:
        """From now on those are the other instances of its machine."""
        if instance.twins != twins:
            instance.twins = twins
            self._touch(instance)

    # ---- telling the other side ------------------------------------------------------------------

    def touch_counted(self, node: Item) -> None:
        """The number of its pods is shown by a node and by its instances."""
        self._touch(node)
        if node.instance is not None:
            for instance in instances_of(node):
                self._touch(instance)


def instances_of(node: Item) -> Iterator[Item]:
    """The instances that say it is that node which runs on them."""
    if node.instance is not None:
        for instance in (node.instance, *node.instance.twins):
            if instance.node is node:
                yield instance


def is_exact(instance: Item) -> bool:
    """A node says that it runs on that very instance."""
    return instance.node is not None and not instance.guessed


def foremost(instances: Sequence[Item]) -> Item | None:
    """Of instances that are one machine: observed before declared, then by the name of their source."""
    if len(instances) < 2:
        return instances[0] if instances else None
    return min(instances, key=_rank)


def ranked(instances: Iterable[Item]) -> tuple[Item, ...]:
    """Instances that are one machine, the foremost first."""
    return tuple(sorted(instances, key=_rank))


def _rank(instance: Item) -> tuple[bool, str, str]:
    return (not instance.obj.observed, instance.ref.source, instance.ref.uid)


def without(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """All the others; nearly always there are none."""
    if len(items) == 1:
        return ()
    return tuple(other for other in items if other is not item)


def youngest(nodes: Sequence[Item]) -> Item | None:
    """Of nodes that claim the same, the one that replaces the others."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return max(nodes, key=_youth)


def _youth(node: Item) -> tuple[float, str, str]:
    return (node.obj.created or 0.0, node.ref.uid, node.ref.source)
