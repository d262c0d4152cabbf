"""Nodes: to the pods that name them, and to the machine that they name or are guessed to run on."""

from __future__ import annotations

from console.item import Item
from console.joins.clusters import Clusters
from console.joins.edges import Touch, instances_of
from console.joins.machines import Machines
from console.joins.seats import Seats
from console.provider_ids import machine_key
from providers.model import Node


class Nodes:
    """Binds nodes."""

    def __init__(self, touch: Touch, seats: Seats, machines: Machines, clusters: Clusters) -> None:
        self._touch = touch
        self._seats = seats
        self._machines = machines
        self._clusters = clusters

    def add(self, item: Item) -> None:
        """It is there."""
        self._seats.add_node(item, item.obj.name)
        self._place(item, item.obj)

    def remove(self, item: Item) -> None:
        """It is gone."""
        self._displace(item, item.obj)
        self._seats.remove_node(item, item.obj.name)

    def change(self, item: Item, old: Node, new: Node) -> None:
        """It says something else than before."""
        if old.name != new.name:
            self._seats.remove_node(item, old.name)
            self._seats.add_node(item, new.name)
        elif old.created != new.created:
            self._seats.settle(item)
        if _place_of(old) != _place_of(new):
            self._displace(item, old)
            self._place(item, new)
        if _shown_of(old) != _shown_of(new):
            self.tell(item)

    def tell(self, item: Item) -> None:
        """What the rows of its pods and of its instances show of it changed."""
        for pod in item.pods or ():
            self._touch(pod)
        for instance in instances_of(item):
            self._touch(instance)

    def _place(self, node: Item, said: Node) -> None:
        """A node's machine is named by its provider id, or guessed by its address where that names none."""
        key = machine_key(said.provider_id)
        if key is not None:
            self._machines.add_node(node, key)
        else:
            self._clusters.add_nameless(node, said.internal_ip)

    def _displace(self, node: Item, said: Node) -> None:
        key = machine_key(said.provider_id)
        if key is not None:
            self._machines.remove_node(node, key)
        else:
            self._clusters.remove_nameless(node, said.internal_ip)


def _place_of(node: Node) -> tuple[object, ...]:
    """What a node's machine, and its rank among others on it, are found by."""
    return (node.provider_id, node.internal_ip, node.created)


def _shown_of(node: Node) -> tuple[object, ...]:
    """What rows of its pods and its instance show of a node, and what they are compared with."""
    return (node.name, node.status, node.ready, node.unschedulable, node.zone, node.instance_type)
