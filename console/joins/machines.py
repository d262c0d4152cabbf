"""Nodes on machines, exactly: both sides name the machine by the same key."""

from __future__ import annotations

from collections import defaultdict

from console.item import Item
from console.joins.addresses import Addresses
from console.joins.clusters import Clusters
from console.joins.edges import Edges, foremost, is_exact, ranked, without, youngest


class Machine:
    """A machine's key: the nodes that say they run on it, and the instances that say they are it.

    Tuples: nearly always there is one of each, and 20,000 lists take longer than all that is done to them.
    """

    __slots__ = ("instances", "nodes")

    def __init__(self) -> None:
        self.nodes: tuple[Item, ...] = ()
        self.instances: tuple[Item, ...] = ()


class Machines:
    """Every key that somebody names. All its nodes run on its foremost instance, the youngest is its node."""

    def __init__(self, edges: Edges, clusters: Clusters, addresses: Addresses) -> None:
        self._edges = edges
        self._clusters = clusters
        self._addresses = addresses
        self._machines: defaultdict[str, Machine] = defaultdict(Machine)

    def nodes(self, key: str) -> tuple[Item, ...]:
        """The nodes that name that machine."""
        machine = self._machines.get(key)
        return machine.nodes if machine is not None else ()

    def add_node(self, node: Item, key: str) -> None:
        """A node says that it runs on that machine."""
        machine = self._machines[key]
        machine.nodes += (node,)
        if machine.instances:
            self._settle(machine)

    def remove_node(self, node: Item, key: str) -> None:
        """It says so no more."""
        machine = self._machines[key]
        machine.nodes = without(machine.nodes, node)
        if machine.instances:
            self._edges.give_instance(node, None)
            self._clusters.locate(node, "")
            self._settle(machine)
        elif not machine.nodes:
            del self._machines[key]

    def add_instance(self, instance: Item, key: str) -> None:
        """An instance says that it is that machine."""
        machine = self._machines[key]
        machine.instances += (instance,)
        if machine.nodes or len(machine.instances) > 1:
            self._settle(machine)

    def remove_instance(self, instance: Item, key: str) -> None:
        """It says so no more."""
        machine = self._machines[key]
        machine.instances = without(machine.instances, instance)
        self._edges.give_twins(instance, ())
        if machine.nodes:
            self._edges.give_node(instance, None)
        if machine.nodes or machine.instances:
            self._settle(machine)
        else:
            del self._machines[key]

    def _settle(self, machine: Machine) -> None:
        """Bind each instance to the youngest node, and each node to the foremost instance."""
        nodes, instances = machine.nodes, machine.instances
        node, instance = youngest(nodes), foremost(instances)
        for item in instances:
            self._give_node(item, node)
            if len(instances) > 1 or item.twins:
                self._edges.give_twins(item, ranked(without(instances, item)))
        network = instance.obj.network if instance is not None else ""
        for item in nodes:
            self._edges.give_instance(item, instance)
            self._clusters.locate(item, network)

    def _give_node(self, instance: Item, node: Item | None) -> None:
        """A guess gives way to an exact edge, and may come back when that goes."""
        exact = is_exact(instance)
        if node is not None or exact:
            self._edges.give_node(instance, node)
            if exact != (node is not None):
                self._addresses.settle(instance)
