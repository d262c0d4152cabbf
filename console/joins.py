"""Which objects belong together: pods and nodes, nodes and machines, pods by namespace and owner.

Every edge binds late and in any order of arrival: what is looked for and not there yet is bound when it
comes, and what is replaced under the same name gives its edges to its successor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.item import Item
from providers.model import Instance, Node, Pod

Touch = Callable[[Item], None]
"""Says that what is shown of an item changed."""


class Groups:
    """Items by a word, such as their namespace."""

    def __init__(self) -> None:
        self._members: dict[str, set[Item]] = {}

    def add(self, word: str, item: Item) -> None:
        """File it under that word; under "" nothing is filed."""
        if word:
            members = self._members.get(word)
            if members is None:
                self._members[word] = {item}
            else:
                members.add(item)

    def remove(self, word: str, item: Item) -> None:
        """Take it out; an empty group is forgotten."""
        members = self._members.get(word)
        if members is not None:
            members.discard(item)
            if not members:
                del self._members[word]

    def get(self, word: str) -> frozenset[Item] | set[Item]:
        """Those filed under that word."""
        return self._members.get(word, frozenset())

    def words(self) -> list[str]:
        """Every word that has members, sorted."""
        return sorted(self._members)


class Seat:
    """A node name in a source: the nodes called so (two while one replaces the other) and its pods."""

    __slots__ = ("current", "nodes", "pods")

    def __init__(self) -> None:
        self.nodes: list[Item] = []
        self.pods: set[Item] = set()
        self.current: Item | None = None

    def settle(self, touch: Touch) -> None:
        """Bind the pods to the youngest node of that name."""
        chosen = max(self.nodes, key=_youth, default=None)
        if chosen is self.current:
            return
        for node in (self.current, chosen):
            if node is not None:
                node.pods = self.pods if node is chosen else None
                touch(node)
        self.current = chosen
        for pod in self.pods:
            pod.node = chosen
            touch(pod)


class Machine:
    """A machine's id: the instances that have it and the nodes that say they run on it."""

    __slots__ = ("instances", "nodes")

    def __init__(self) -> None:
        self.nodes: list[Item] = []
        self.instances: list[Item] = []

    def settle(self, touch: Touch) -> None:
        """Bind each node to the instance, and the instance to the youngest node."""
        ranked = sorted(self.instances, key=_rank)
        instance = ranked[0] if ranked else None
        node = max(self.nodes, key=_youth, default=None)
        for item in self.nodes:
            if item.instance is not instance:
                item.instance = instance
                touch(item)
        for item in self.instances:
            if item.node is not node:
                item.node = node
                touch(item)
            twins = tuple(other for other in ranked if other is not item)
            if item.twins != twins:
                item.twins = twins
                touch(item)


def machine_id(provider_id: str) -> str:
    """The machine's own id in a node's provider id: `aws:///eu-west-1b/i-0abc` → `i-0abc`."""
    return provider_id.rpartition("/")[2]


class Joins:
    """Every edge between items. `touch` is told of each item that something changed for."""

    def __init__(self, touch: Touch) -> None:
        self.namespaces = Groups()
        """Pods by namespace."""
        self.owners = Groups()
        """Items by the uid of their controller."""
        self.groups = Groups()
        """Instances by the group that scales them, in their source."""
        self._touch = touch
        self._seats: dict[tuple[str, str], Seat] = {}
        self._machines: dict[str, Machine] = {}

    def add(self, item: Item) -> None:
        """Bind a new item."""
        self.owners.add(_owner_uid(item.obj), item)
        if isinstance(item.obj, Pod):
            self.namespaces.add(item.obj.namespace, item)
            self._sit(item, item.obj.node)
        elif isinstance(item.obj, Node):
            self._seat(item, item.obj.name)
            self._run_on(item, machine_id(item.obj.provider_id))
        elif isinstance(item.obj, Instance):
            self.groups.add(group_key(item.ref.source, item.obj.group), item)
            self._offer(item)

    def remove(self, item: Item) -> None:
        """Unbind an item that is gone."""
        self.owners.remove(_owner_uid(item.obj), item)
        if isinstance(item.obj, Pod):
            self.namespaces.remove(item.obj.namespace, item)
            self._rise(item, item.obj.node)
        elif isinstance(item.obj, Node):
            self._unseat(item, item.obj.name)
            self._leave(item, machine_id(item.obj.provider_id))
        elif isinstance(item.obj, Instance):
            self.groups.remove(group_key(item.ref.source, item.obj.group), item)
            self._withdraw(item)

    def change(self, item: Item, old: Any) -> None:
        """Bind again where the item's object no longer says what `old` said."""
        new = item.obj
        if _owner_uid(old) != _owner_uid(new):
            self.owners.remove(_owner_uid(old), item)
            self.owners.add(_owner_uid(new), item)
        if isinstance(new, Pod):
            self._change_pod(item, old, new)
        elif isinstance(new, Node):
            self._change_node(item, old, new)
        elif isinstance(new, Instance):
            self.groups.remove(group_key(item.ref.source, old.group), item)
            self.groups.add(group_key(item.ref.source, new.group), item)
            for node in self._machines[item.ref.uid].nodes:
                self._touch(node)

    def _change_pod(self, item: Item, old: Pod, new: Pod) -> None:
        if old.namespace != new.namespace:
            self.namespaces.remove(old.namespace, item)
            self.namespaces.add(new.namespace, item)
        if old.node != new.node:
            self._rise(item, old.node)
            self._sit(item, new.node)

    def _change_node(self, item: Item, old: Node, new: Node) -> None:
        if old.name != new.name:
            self._unseat(item, old.name)
            self._seat(item, new.name)
        elif old.created != new.created:
            self._seats[item.ref.source, new.name].settle(self._touch)
        before, after = machine_id(old.provider_id), machine_id(new.provider_id)
        if before != after:
            self._leave(item, before)
            self._run_on(item, after)
        elif after and old.created != new.created:
            self._machines[after].settle(self._touch)
        if _shown_elsewhere(old) != _shown_elsewhere(new):
            self._tell_neighbours(item, after)

    def _tell_neighbours(self, item: Item, machine: str) -> None:
        for pod in item.pods or ():
            self._touch(pod)
        if machine:
            for instance in self._machines[machine].instances:
                self._touch(instance)

    # ---- pods and nodes --------------------------------------------------------------------------

    def _sit(self, pod: Item, name: str) -> None:
        if not name:
            return
        key = (pod.ref.source, name)
        seat = self._seats.get(key)
        if seat is None:
            seat = self._seats[key] = Seat()
        seat.pods.add(pod)
        pod.node = seat.current
        if seat.current is not None:
            self._touch(seat.current)

    def _rise(self, pod: Item, name: str) -> None:
        seat = self._seats.get((pod.ref.source, name))
        if seat is None:
            return
        seat.pods.discard(pod)
        pod.node = None
        if seat.current is not None:
            self._touch(seat.current)
        self._drop_seat(pod.ref.source, name, seat)

    def _seat(self, node: Item, name: str) -> None:
        seat = self._seats.setdefault((node.ref.source, name), Seat())
        seat.nodes.append(node)
        seat.settle(self._touch)

    def _unseat(self, node: Item, name: str) -> None:
        seat = self._seats[node.ref.source, name]
        seat.nodes.remove(node)
        seat.settle(self._touch)
        node.pods = None
        self._drop_seat(node.ref.source, name, seat)

    def _drop_seat(self, source: str, name: str, seat: Seat) -> None:
        if not seat.pods and not seat.nodes:
            del self._seats[source, name]

    # ---- nodes and machines ----------------------------------------------------------------------

    def _run_on(self, node: Item, machine: str) -> None:
        if machine:
            bound = self._machines.setdefault(machine, Machine())
            bound.nodes.append(node)
            bound.settle(self._touch)

    def _leave(self, node: Item, machine: str) -> None:
        if machine:
            bound = self._machines[machine]
            bound.nodes.remove(node)
            node.instance = None
            bound.settle(self._touch)
            self._drop_machine(machine, bound)

    def _offer(self, instance: Item) -> None:
        bound = self._machines.setdefault(instance.ref.uid, Machine())
        bound.instances.append(instance)
        bound.settle(self._touch)

    def _withdraw(self, instance: Item) -> None:
        bound = self._machines[instance.ref.uid]
        bound.instances.remove(instance)
        instance.node = None
        instance.twins = ()
        bound.settle(self._touch)
        self._drop_machine(instance.ref.uid, bound)

    def _drop_machine(self, machine: str, bound: Machine) -> None:
        if not bound.nodes and not bound.instances:
            del self._machines[machine]


def _youth(item: Item) -> tuple[float, str, str]:
    return (item.obj.created or 0.0, item.ref.uid, item.ref.source)


def _rank(item: Item) -> tuple[bool, str, str]:
    """What was observed comes before what a file declares."""
    return (not item.obj.observed, item.ref.source, item.ref.uid)


def group_key(source: str, group: str) -> str:
    """The group that scales an instance, in its source; "" where none does."""
    return f"{source}\0{group}" if group else ""


def _owner_uid(obj: Any) -> str:
    owner = getattr(obj, "owner", None)
    return "" if owner is None else owner.uid


def _shown_elsewhere(node: Node) -> tuple[str, str, str]:
    """What rows of its pods and its instance show of a node: they change only with this."""
    return (node.name, node.status, node.zone)
