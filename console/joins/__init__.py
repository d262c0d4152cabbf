"""Which objects belong together: pods, nodes, machines and volumes; machines by group, pods by owner.

Every edge binds late and in any order of arrival: what is looked for and not there yet is bound when it
comes, and what is replaced under the same name or id gives its edges to its successor.
"""

from __future__ import annotations

from typing import Any, Protocol

from console.item import Item
from console.joins.addresses import Addresses
from console.joins.claims import Claims
from console.joins.clusters import Clusters
from console.joins.edges import Edges, Touch
from console.joins.groups import Groups
from console.joins.index import Index
from console.joins.instances import Instances
from console.joins.machines import Machines
from console.joins.nodes import Nodes
from console.joins.owned import Owned
from console.joins.pods import Pods
from console.joins.records import Records
from console.joins.seats import Seats
from providers.model import Instance, Node, Pod, Record

__all__ = ["Joins"]


class Binder(Protocol):
    """Binds the objects of one type."""

    def add(self, item: Item) -> None: ...
    def remove(self, item: Item) -> None: ...
    def change(self, item: Item, old: Any, new: Any) -> None: ...
    def tell(self, item: Item) -> None:
        """Touch the rows that show something of it."""


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
        self._edges = Edges(touch, self.groups, self.claims)
        seats = Seats(touch, self._edges, self.claims)
        addresses = Addresses(self._edges)
        clusters = Clusters(addresses)
        machines = Machines(self._edges, clusters, addresses)
        self._others: Binder = Owned(self.owners)
        self._binders: dict[type, Binder] = {
            Pod: Pods(self.owners, self.namespaces, seats, self.claims),
            Node: Nodes(touch, seats, machines, clusters),
            Instance: Instances(touch, self.groups, machines, addresses),
            Record: Records(self.owners, self.claims),
        }

    def add(self, item: Item) -> None:
        """Bind a new item."""
        self._binders.get(type(item.obj), self._others).add(item)

    def remove(self, item: Item) -> None:
        """Unbind an item that is gone."""
        self._binders.get(type(item.obj), self._others).remove(item)

    def change(self, item: Item, old: Any) -> None:
        """Bind again where the item's object no longer says what `old` said."""
        self._binders.get(type(item.obj), self._others).change(item, old, item.obj)

    def touch_neighbours(self, item: Item) -> None:
        """What the rows of a node's pods, and those of the other side of its edge, show of it changed."""
        self._binders.get(type(item.obj), self._others).tell(item)

    def touch_counted(self, node: Item) -> None:
        """How many pods a node has is known better, or worse."""
        self._edges.touch_counted(node)
