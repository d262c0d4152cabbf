"""Nodes on machines, guessed: an address that one node and one instance have in one network.

Only nodes whose provider id names no machine get here, by their cluster (see clusters.py), and only
instances that somebody observed. A guess never stands beside an exact edge of the same instance.
"""

from __future__ import annotations

from console.item import Item
from console.joins.edges import Edges, foremost, is_exact, without, youngest
from console.provider_ids import machine_key
from providers.model import Instance

Address = str
"""A network and an address in it, as one word: 10,000 pairs would keep the collector busy."""


def address_in(network: str, ip: str) -> Address:
    """That address in that network."""
    return f"{network} {ip}"


class Addresses:
    """Every address that an instance has or a nameless node is looked for at."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._nodes: dict[Address, tuple[Item, ...]] = {}
        self._instances: dict[Address, tuple[Item, ...]] = {}

    def nodes(self, instance: Item) -> tuple[Item, ...]:
        """The nameless nodes that are looked for where that instance is."""
        return (
            self._nodes.get(address_in(instance.obj.network, instance.obj.private_ip), ())
            if self._nodes
            else ()
        )

    def add_node(self, node: Item, address: Address) -> None:
        """A nameless node is looked for at that address."""
        self._nodes[address] = (*self._nodes.get(address, ()), node)
        self._settle(address)

    def remove_node(self, node: Item, address: Address) -> None:
        """It is looked for there no more."""
        _take(self._nodes, address, node)
        self._edges.give_instance(node, None)
        self._settle(address)

    def add_instance(self, instance: Item, said: Instance) -> None:
        """An instance is where it says; one that nobody observed, or that does not say, is nowhere."""
        if said.observed and said.network and said.private_ip:
            address = address_in(said.network, said.private_ip)
            self._instances[address] = (*self._instances.get(address, ()), instance)
            if address in self._nodes:
                self._settle(address)

    def remove_instance(self, instance: Item, said: Instance) -> None:
        """It is no more where it said."""
        if said.observed and said.network and said.private_ip:
            address = address_in(said.network, said.private_ip)
            _take(self._instances, address, instance)
            if instance.guessed:
                self._edges.give_node(instance, None)
            if address in self._nodes:
                self._settle(address)

    def settle(self, instance: Item) -> None:
        """An exact edge of that instance came or went."""
        if self._nodes:
            self._settle(address_in(instance.obj.network, instance.obj.private_ip))

    def _settle(self, address: Address) -> None:
        """A guess is made for one machine alone, and only while no node says that it runs on it."""
        nodes, instances = self._nodes.get(address, ()), self._instances.get(address, ())
        chosen = _only(instances) if nodes else None
        node = youngest(nodes) if chosen is not None else None
        for item in nodes:
            self._edges.give_instance(item, chosen, chosen is not None)
        for item in instances:
            if not is_exact(item):
                self._edges.give_node(item, node, node is not None)


def _take(items: dict[Address, tuple[Item, ...]], address: Address, item: Item) -> None:
    left = without(items[address], item)
    if left:
        items[address] = left
    else:
        del items[address]


def _only(instances: tuple[Item, ...]) -> Item | None:
    """The foremost, where all of them are one free machine: two profiles may show the same."""
    if any(map(is_exact, instances)):
        return None
    machines = {machine_key(item.obj.provider_id) or item.ref for item in instances}
    return foremost(instances) if len(machines) == 1 else None
