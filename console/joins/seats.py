"""Pods on nodes: by the name of the node, within a source."""

from __future__ import annotations

from console.item import Item
from console.joins.edges import Edges, Touch, youngest


class Seat:
    """A node name in a source: the nodes called so (two while one replaces the other) and its pods."""

    __slots__ = ("current", "nodes", "pods")

    def __init__(self) -> None:
        self.nodes: list[Item] = []
        self.pods: set[Item] = set()
        self.current: Item | None = None


class Seats:
    """Every seat. The youngest node of a name has the pods."""

    def __init__(self, touch: Touch, edges: Edges) -> None:
        self._touch = touch
        self._edges = edges
        self._seats: dict[tuple[str, str], Seat] = {}

    def add_pod(self, pod: Item, name: str) -> None:
        """The pod is bound to the node of that name, there or not; "" binds it to none."""
        if not name:
            return
        seat = self._seat(pod.ref.source, name)
        seat.pods.add(pod)
        pod.node = seat.current
        if seat.current is not None:
            self._edges.touch_counted(seat.current)

    def remove_pod(self, pod: Item, name: str) -> None:
        """The pod is bound to that name no more."""
        seat = self._seats.get((pod.ref.source, name))
        if seat is None:
            return
        seat.pods.discard(pod)
        pod.node = None
        if seat.current is not None:
            self._edges.touch_counted(seat.current)
        self._forget_empty(pod.ref.source, name, seat)

    def add_node(self, node: Item, name: str) -> None:
        """A node goes by that name."""
        self._seat(node.ref.source, name).nodes.append(node)
        self.settle(node.ref.source, name)

    def remove_node(self, node: Item, name: str) -> None:
        """It goes by that name no more."""
        seat = self._seats[node.ref.source, name]
        seat.nodes.remove(node)
        self.settle(node.ref.source, name)
        self._forget_empty(node.ref.source, name, seat)

    def settle(self, source: str, name: str) -> None:
        """Give the pods to the youngest node of that name."""
        seat = self._seats[source, name]
        chosen = youngest(seat.nodes)
        if chosen is seat.current:
            return
        for node in (seat.current, chosen):
            if node is not None:
                node.pods = seat.pods if node is chosen else None
                self._edges.touch_counted(node)
        seat.current = chosen
        for pod in seat.pods:
            pod.node = chosen
            self._touch(pod)

    def _seat(self, source: str, name: str) -> Seat:
        seat = self._seats.get((source, name))
        if seat is None:
            seat = self._seats[source, name] = Seat()
        return seat

    def _forget_empty(self, source: str, name: str, seat: Seat) -> None:
        if not seat.pods and not seat.nodes:
            del self._seats[source, name]
