"""Nodes on machines, guessed: an address that one node and one instance have in one network.

Only nodes whose provider id names no machine get here, by their cluster (see clusters.py), and only
instances that somebody observed. A guess never stands beside an exact edge of the same instance.
"""

from __future__ import annotations

from console.item import Item
from console.joins.edges import Edges, foremost, is_exact, youngest
from console.provider_ids import machine_key
from providers.model import Instance


class Address:
    """An address in a network: the observed instances that have it and the nameless nodes that do."""

    __slots__ = ("instances", "nodes")

    def __init__(self) -> None:
        self.nodes: list[Item] = []
        self.instances: list[Item] = []


class Addresses:
    """Every address that an instance has or a nameless node is looked for at."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._addresses: dict[tuple[str, str], Address] = {}

    def nodes(self, instance: Item) -> list[Item]:
        """The nodes that are guessed to run on that instance."""
        address = self._addresses.get((instance.obj.network, instance.obj.private_ip))
        return address.nodes if address is not None else []

    def add_node(self, node: Item, network: str, ip: str) -> None:
        """A nameless node is at that address."""
        address = self._address(network, ip)
        address.nodes.append(node)
        self._settle(address)

    def remove_node(self, node: Item, network: str, ip: str) -> None:
        """It is there no more."""
        address = self._addresses[network, ip]
        address.nodes.remove(node)
        self._edges.give_instance(node, None)
        self._settle(address)
        self._forget_empty(network, ip, address)

    def add_instance(self, instance: Item, said: Instance) -> None:
        """An instance is where it says; one that nobody observed, or that does not say, is nowhere."""
        if said.observed and said.network and said.private_ip:
            address = self._address(said.network, said.private_ip)
            address.instances.append(instance)
            self._settle(address)

    def remove_instance(self, instance: Item, said: Instance) -> None:
        """It is no more where it said."""
        if said.observed and said.network and said.private_ip:
            address = self._addresses[said.network, said.private_ip]
            address.instances.remove(instance)
            if instance.guessed:
                self._edges.give_node(instance, None)
            self._settle(address)
            self._forget_empty(said.network, said.private_ip, address)

    def settle(self, instance: Item) -> None:
        """An exact edge of that instance came or went."""
        address = self._addresses.get((instance.obj.network, instance.obj.private_ip))
        if address is not None:
            self._settle(address)

    def _settle(self, address: Address) -> None:
        """A guess is made for one machine alone, and only while no node says that it runs on it."""
        chosen = _only(address.instances) if address.nodes else None
        node = youngest(address.nodes) if chosen is not None else None
        for item in address.nodes:
            self._edges.give_instance(item, chosen, chosen is not None)
        for item in address.instances:
            if not is_exact(item):
                self._edges.give_node(item, node, node is not None)

    def _address(self, network: str, ip: str) -> Address:
        address = self._addresses.get((network, ip))
        if address is None:
            address = self._addresses[network, ip] = Address()
        return address

    def _forget_empty(self, network: str, ip: str, address: Address) -> None:
        if not address.nodes and not address.instances:
            del self._addresses[network, ip]


def _only(instances: list[Item]) -> Item | None:
    """The foremost, where all of them are one free machine: two profiles may show the same."""
    if any(map(is_exact, instances)):
        return None
    machines = {machine_key(item.obj.provider_id) or item.ref for item in instances}
    return foremost(instances) if len(machines) == 1 else None
