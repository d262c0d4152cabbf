"""Nodes on machines, exactly: both sides name the machine by the same key."""

from __future__ import annotations

from console.item import Item
from console.joins.addresses import Addresses
from console.joins.clusters import Clusters
from console.joins.edges import Edges, foremost, is_exact, youngest


class Machine:
    """A machine's key: the instances that have it and the nodes that say they run on it."""

    __slots__ = ("instances", "nodes")

    def __init__(self) -> None:
        self.nodes: list[Item] = []
        self.instances: list[Item] = []


class Machines:
    """Every key that somebody names. All its nodes run on its foremost instance, the youngest is its node."""

    def __init__(self, edges: Edges, clusters: Clusters, addresses: Addresses) -> None:
        self._edges = edges
        self._clusters = clusters
        self._addresses = addresses
        self._machines: dict[str, Machine] = {}

    def nodes(self, key: str | None) -> list[Item]:
        """The nodes that name that machine."""
        machine = self._machines.get(key) if key is not None else None
        return machine.nodes if machine is not None else []

    def add_node(self, node: Item, key: str) -> None:
        """A node says that it runs on that machine."""
        machine = self._machine(key)
        machine.nodes.append(node)
        self._settle(machine)

    def remove_node(self, node: Item, key: str) -> None:
        """It says so no more."""
        machine = self._machines[key]
        machine.nodes.remove(node)
        self._edges.give_instance(node, None)
        self._clusters.locate(node, "")
        self._settle(machine)
        self._forget_empty(key, machine)

    def add_instance(self, instance: Item, key: str | None) -> None:
        """An instance is that machine; None names none."""
        if key is not None:
            machine = self._machine(key)
            machine.instances.append(instance)
            self._settle(machine)

    def remove_instance(self, instance: Item, key: str | None) -> None:
        """It is that machine no more."""
        if key is not None:
            machine = self._machines[key]
            machine.instances.remove(instance)
            self._edges.give_twins(instance, ())
            if is_exact(instance):
                self._edges.give_node(instance, None)
            self._settle(machine)
            self._forget_empty(key, machine)

    def _settle(self, machine: Machine) -> None:
        """Bind each node to the foremost instance, and each instance to the youngest node."""
        instance, node = foremost(machine.instances), youngest(machine.nodes)
        for item in machine.instances:
            self._give_node(item, node)
            if len(machine.instances) > 1 or item.twins:
                self._edges.give_twins(item, tuple(other for other in machine.instances if other is not item))
        network = instance.obj.network if instance is not None else ""
        for item in machine.nodes:
            self._edges.give_instance(item, instance)
            self._clusters.locate(item, network)

    def _give_node(self, instance: Item, node: Item | None) -> None:
        if node is not None:
            exact = is_exact(instance)
            self._edges.give_node(instance, node)
            if not exact:
                self._addresses.settle(instance)
        elif is_exact(instance):
            self._edges.give_node(instance, None)
            self._addresses.settle(instance)

    def _machine(self, key: str) -> Machine:
        machine = self._machines.get(key)
        if machine is None:
            machine = self._machines[key] = Machine()
        return machine

    def _forget_empty(self, key: str, machine: Machine) -> None:
        if not machine.nodes and not machine.instances:
            del self._machines[key]
