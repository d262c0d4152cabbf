"""Pods on nodes: by the name of the node, within a source."""

from __future__ import annotations

from collections import defaultdict

from console.item import Item
from console.joins.claims import Claims
from console.joins.edges import Edges, Touch, without, youngest

_NOBODY: set[Item] = set()
"""Of every name that no pod gave yet. Stays empty."""


class Seat:
    """A node name in a source: the nodes called so (two while one replaces the other) and its pods."""

    __slots__ = ("current", "nodes", "pods")

    def __init__(self) -> None:
        self.nodes: tuple[Item, ...] = ()
        self.pods = _NOBODY
        self.current: Item | None = None


class Seats:
    """Every seat. The youngest node of a name has the pods."""

    def __init__(self, touch: Touch, edges: Edges, claims: Claims) -> None:
        self._touch = touch
        self._edges = edges
        self._claims = claims
        self._seats: defaultdict[str, defaultdict[str, Seat]] = defaultdict(_Names)
        """By source and name."""

    def add_pod(self, pod: Item, name: str) -> None:
        """The pod is bound to the node of that name, there or not; "" binds it to none."""
        if not name:
            return
        seat = self._seats[pod.ref.source][name]
        if seat.pods:
            seat.pods.add(pod)
        else:
            seat.pods = {pod}
        pod.node = seat.current
        if seat.current is not None:
            seat.current.pods = seat.pods
            self._edges.touch_counted(seat.current)

    def remove_pod(self, pod: Item, name: str) -> None:
        """The pod is bound to that name no more."""
        if not name:
            return
        seat = self._seats[pod.ref.source][name]
        seat.pods.discard(pod)
        pod.node = None
        if seat.current is not None:
            self._edges.touch_counted(seat.current)
        self._forget_empty(pod.ref.source, name, seat)

    def add_node(self, node: Item, name: str) -> None:
        """A node goes by that name."""
        seat = self._seats[node.ref.source][name]
        seat.nodes += (node,)
        self._settle(seat)

    def remove_node(self, node: Item, name: str) -> None:
        """It goes by that name no more."""
        seat = self._seats[node.ref.source][name]
        seat.nodes = without(seat.nodes, node)
        self._settle(seat)
        self._forget_empty(node.ref.source, name, seat)

    def settle(self, node: Item) -> None:
        """A node is older or younger than it was."""
        self._settle(self._seats[node.ref.source][node.obj.name])

    def _settle(self, seat: Seat) -> None:
        """Give the pods to the youngest node of that name."""
        before, chosen = seat.current, youngest(seat.nodes)
        if chosen is before:
            return
        seat.current = chosen
        if before is not None:
            before.pods = None
            self._edges.touch_counted(before)
        if chosen is not None:
            chosen.pods = seat.pods
            self._edges.touch_counted(chosen)
        for pod in seat.pods:
            pod.node = chosen
            self._touch(pod)
            self._claims.move_pod(pod)

    def _forget_empty(self, source: str, name: str, seat: Seat) -> None:
        if not seat.pods and not seat.nodes:
            names = self._seats[source]
            del names[name]
            if not names:
                del self._seats[source]


class _Names(defaultdict[str, Seat]):
    """The seats of a source."""

    def __init__(self) -> None:
        super().__init__(Seat)
