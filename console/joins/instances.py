"""Instances: to the nodes that run on them, to each other where they are one machine, to their groups."""

from __future__ import annotations

from console.item import Item
from console.joins.addresses import Addresses
from console.joins.edges import Touch
from console.joins.groups import Groups
from console.joins.machines import Machines
from console.provider_ids import machine_key
from providers.model import Instance


class Instances:
    """Binds instances."""

    def __init__(self, touch: Touch, groups: Groups, machines: Machines, addresses: Addresses) -> None:
        self._touch = touch
        self._groups = groups
        self._machines = machines
        self._addresses = addresses

    def add(self, item: Item) -> None:
        """It is there."""
        self._bind(item, item.obj)

    def remove(self, item: Item) -> None:
        """It is gone."""
        self._unbind(item, item.obj)

    def change(self, item: Item, old: Instance, new: Instance) -> None:
        """It says something else than before."""
        if _bound_by(old) != _bound_by(new):
            self._unbind(item, old)
            self._bind(item, new)
        self._tell_nodes_of(item)
        if _shown_to_pods(old) != _shown_to_pods(new):
            self._tell_pods_on(item)

    def tell(self, item: Item) -> None:
        """What the rows of its nodes and of their pods show of it changed."""
        self._tell_nodes_of(item)
        self._tell_pods_on(item)

    def _bind(self, item: Item, said: Instance) -> None:
        key = machine_key(said.provider_id)
        if said.group or said.nodegroup:
            self._groups.add(item, said)
        if key is not None:
            self._machines.add_instance(item, key)
        self._addresses.add_instance(item, said)

    def _unbind(self, item: Item, said: Instance) -> None:
        key = machine_key(said.provider_id)
        if said.group or said.nodegroup:
            self._groups.remove(item, said)
        self._addresses.remove_instance(item, said)
        if key is not None:
            self._machines.remove_instance(item, key)

    # ---- telling others --------------------------------------------------------------------------

    def _tell_nodes_of(self, instance: Item) -> None:
        for twin in instance.twins:
            self._touch(twin)
        for node in self._nodes_of(instance):
            self._touch(node)

    def _tell_pods_on(self, instance: Item) -> None:
        for node in self._nodes_of(instance):
            if node.instance is instance:
                for pod in node.pods or ():
                    self._touch(pod)

    def _nodes_of(self, instance: Item) -> tuple[Item, ...]:
        if instance.guessed:
            return self._addresses.nodes(instance)
        key = machine_key(instance.obj.provider_id)
        return self._machines.nodes(key) if key is not None else ()


def _bound_by(instance: Instance) -> tuple[object, ...]:
    """What an instance's edges are found by. It changes rarely: a new address, a new group."""
    return (
        instance.provider_id,
        instance.observed,
        instance.network,
        instance.private_ip,
        instance.group,
        instance.nodegroup,
        instance.cluster,
    )


def _shown_to_pods(instance: Instance) -> tuple[object, ...]:
    """What rows of the pods on it show of an instance, a hundred of them: not its price, not its tags."""
    return (
        instance.state,
        instance.reason,
        instance.since,
        instance.checks,
        instance.notices,
        instance.group_state,
        instance.observed,
        instance.type,
        instance.zone,
        instance.lifecycle,
    )
