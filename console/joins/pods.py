"""Pods: to their owner, their namespace, their node and their volumes."""

from __future__ import annotations

from console.item import Item
from console.joins.claims import Claims
from console.joins.index import Index
from console.joins.owned import Owned
from console.joins.seats import Seats
from providers.model import Pod


class Pods(Owned):
    """Binds pods."""

    def __init__(self, owners: Index, namespaces: Index, seats: Seats, claims: Claims) -> None:
        super().__init__(owners)
        self._namespaces = namespaces
        self._seats = seats
        self._claims = claims

    def add(self, item: Item) -> None:
        """It is there."""
        super().add(item)
        self._namespaces.add(item.obj.namespace, item)
        self._seats.add_pod(item, item.obj.node)
        self._claims.add_pod(item, item.obj)

    def remove(self, item: Item) -> None:
        """It is gone."""
        self._claims.remove_pod(item, item.obj)
        super().remove(item)
        self._namespaces.remove(item.obj.namespace, item)
        self._seats.remove_pod(item, item.obj.node)

    def change(self, item: Item, old: Pod, new: Pod) -> None:
        """It says something else than before."""
        super().change(item, old, new)
        if old.namespace != new.namespace:
            self._namespaces.remove(old.namespace, item)
            self._namespaces.add(new.namespace, item)
        if old.node != new.node:
            self._seats.remove_pod(item, old.node)
            self._seats.add_pod(item, new.node)
        if _mounted_by(old) != _mounted_by(new):
            self._claims.remove_pod(item, old)
            self._claims.add_pod(item, new)


def _mounted_by(pod: Pod) -> tuple[object, ...]:
    """What a pod's volumes are found by."""
    return (pod.claims, pod.namespace, pod.node)
