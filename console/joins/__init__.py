"""Which objects belong together: pods, nodes, machines and volumes; machines by group, pods by owner.

Every edge binds late and in any order of arrival: what is looked for and not there yet is bound when it
comes, and what is replaced under the same name or id gives its edges to its successor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.item import Item
from console.joins.addresses import Addresses
from console.joins.claims import VOLUME, Claims
from console.joins.clusters import Clusters
from console.joins.edges import Edges, Touch, instances_of
from console.joins.groups import Groups
from console.joins.index import Index
from console.joins.machines import Machines
from console.joins.seats import Seats
from console.provider_ids import machine_key
from providers.model import Instance, Node, Pod, Record

__all__ = ["Joins"]

Binder = Callable[[Item], None]
Rebinder = Callable[[Item, Any, Any], None]


class Joins:
    """Every edge between items. `touch` is told of each item that something changed for."""

    def __init__(self, touch: Touch) -> None:
        self.namespaces = Index()
        """Pods by namespace."""
        self.owners = Index()
        """Items by the uid of their controller."""
        self.groups = Groups(touch)
        """Instances by what scales them."""
        self.claims = Claims(touch, self.owners)
        """Pods and the volumes that they claim."""
        self._touch = touch
        self._edges = Edges(touch, self.groups, self.claims)
        self._seats = Seats(touch, self._edges, self.claims)
        self._addresses = Addresses(self._edges)
        self._clusters = Clusters(self._addresses)
        self._machines = Machines(self._edges, self._clusters, self._addresses)
        self._binders: dict[type, tuple[Binder, Binder, Rebinder]] = {
            Pod: (self._add_pod, self._remove_pod, self._change_pod),
            Node: (self._add_node, self._remove_node, self._change_node),
            Instance: (self._add_instance, self._remove_instance, self._change_instance),
            Record: (self._add_record, self._remove_record, self._change_record),
        }
        self._others: tuple[Binder, Binder, Rebinder] = (self._own, self._disown, self._change_owner)
        self._tellers: dict[type, Binder] = {
            Node: self._tell_neighbours_of_node,
            Instance: self._tell_neighbours_of_instance,
        }

    def add(self, item: Item) -> None:
        """Bind a new item."""
        self._binders.get(type(item.obj), self._others)[0](item)

    def remove(self, item: Item) -> None:
        """Unbind an item that is gone."""
        self._binders.get(type(item.obj), self._others)[1](item)

    def change(self, item: Item, old: Any) -> None:
        """Bind again where the item's object no longer says what `old` said."""
        self._binders.get(type(item.obj), self._others)[2](item, old, item.obj)

    def touch_neighbours(self, item: Item) -> None:
        """What the rows of a node's pods, and those of the other side of its edge, show of it changed."""
        tell = self._tellers.get(type(item.obj))
        if tell is not None:
            tell(item)

    def touch_counted(self, node: Item) -> None:
        """How many pods a node has is known better, or worse."""
        self._edges.touch_counted(node)

    # ---- what has an owner ------------------------------------------------------------------------

    def _own(self, item: Item) -> None:
        self.owners.add(_owner_uid(item.obj), item)

    def _disown(self, item: Item) -> None:
        self.owners.remove(_owner_uid(item.obj), item)

    def _change_owner(self, item: Item, old: Any, new: Any) -> None:
        if _owner_uid(old) != _owner_uid(new):
            self.owners.remove(_owner_uid(old), item)
            self.owners.add(_owner_uid(new), item)

    # ---- pods ------------------------------------------------------------------------------------

    def _add_pod(self, item: Item) -> None:
        self._own(item)
        self.namespaces.add(item.obj.namespace, item)
        self._seats.add_pod(item, item.obj.node)
        self.claims.add_pod(item, item.obj)

    def _remove_pod(self, item: Item) -> None:
        self.claims.remove_pod(item, item.obj)
        self._disown(item)
        self.namespaces.remove(item.obj.namespace, item)
        self._seats.remove_pod(item, item.obj.node)

    def _change_pod(self, item: Item, old: Pod, new: Pod) -> None:
        self._change_owner(item, old, new)
        if old.namespace != new.namespace:
            self.namespaces.remove(old.namespace, item)
            self.namespaces.add(new.namespace, item)
        if old.node != new.node:
            self._seats.remove_pod(item, old.node)
            self._seats.add_pod(item, new.node)
        if _mounted_by(old) != _mounted_by(new):
            self.claims.remove_pod(item, old)
            self.claims.add_pod(item, new)

    # ---- records ---------------------------------------------------------------------------------

    def _add_record(self, item: Item) -> None:
        self._own(item)
        if item.ref.kind == VOLUME:
            self.claims.add_volume(item, item.obj)

    def _remove_record(self, item: Item) -> None:
        self._disown(item)
        if item.ref.kind == VOLUME:
            self.claims.remove_volume(item, item.obj)

    def _change_record(self, item: Item, old: Record, new: Record) -> None:
        self._change_owner(item, old, new)
        if item.ref.kind == VOLUME and _claimed_by(old) != _claimed_by(new):
            self.claims.remove_volume(item, old)
            self.claims.add_volume(item, new)

    # ---- nodes -----------------------------------------------------------------------------------

    def _add_node(self, item: Item) -> None:
        self._seats.add_node(item, item.obj.name)
        self._place(item, item.obj)

    def _remove_node(self, item: Item) -> None:
        self._displace(item, item.obj)
        self._seats.remove_node(item, item.obj.name)

    def _change_node(self, item: Item, old: Node, new: Node) -> None:
        if old.name != new.name:
            self._seats.remove_node(item, old.name)
            self._seats.add_node(item, new.name)
        elif old.created != new.created:
            self._seats.settle(item)
        if _place_of(old) != _place_of(new):
            self._displace(item, old)
            self._place(item, new)
        if _shown_of_node(old) != _shown_of_node(new):
            self._tell_neighbours_of_node(item)

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

    # ---- instances -------------------------------------------------------------------------------

    def _add_instance(self, item: Item) -> None:
        self._bind_instance(item, item.obj)

    def _remove_instance(self, item: Item) -> None:
        self._unbind_instance(item, item.obj)

    def _change_instance(self, item: Item, old: Instance, new: Instance) -> None:
        if _bound_by(old) != _bound_by(new):
            self._unbind_instance(item, old)
            self._bind_instance(item, new)
        self._tell_nodes_of(item)
        if _shown_to_pods(old) != _shown_to_pods(new):
            self._tell_pods_on(item)

    def _bind_instance(self, item: Item, said: Instance) -> None:
        key = machine_key(said.provider_id)
        if said.group or said.nodegroup:
            self.groups.add(item, said)
        if key is not None:
            self._machines.add_instance(item, key)
        self._addresses.add_instance(item, said)

    def _unbind_instance(self, item: Item, said: Instance) -> None:
        key = machine_key(said.provider_id)
        self.groups.remove(item, said)
        self._addresses.remove_instance(item, said)
        if key is not None:
            self._machines.remove_instance(item, key)

    # ---- telling others --------------------------------------------------------------------------

    def _tell_neighbours_of_node(self, node: Item) -> None:
        for pod in node.pods or ():
            self._touch(pod)
        for instance in instances_of(node):
            self._touch(instance)

    def _tell_neighbours_of_instance(self, instance: Item) -> None:
        self._tell_nodes_of(instance)
        self._tell_pods_on(instance)

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


def _owner_uid(obj: Any) -> str:
    owner = getattr(obj, "owner", None)
    return "" if owner is None else owner.uid


def _mounted_by(pod: Pod) -> tuple[object, ...]:
    """What a pod's volumes are found by."""
    return (pod.claims, pod.namespace, pod.node)


def _claimed_by(volume: Record) -> tuple[object, ...]:
    """What a volume's pods are found by."""
    return (volume.labels, _owner_uid(volume))


def _place_of(node: Node) -> tuple[object, ...]:
    """What a node's machine, and its rank among others on it, are found by."""
    return (node.provider_id, node.internal_ip, node.created)


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


def _shown_of_node(node: Node) -> tuple[object, ...]:
    """What rows of its pods and its instance show of a node, and what they are compared with."""
    return (node.name, node.status, node.ready, node.unschedulable, node.zone, node.instance_type)


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
