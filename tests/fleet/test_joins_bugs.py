"""Bugs put into the joins on purpose: each is seen by a property that holds without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from console.item import Item
from console.joins import addresses, edges, instances, nodes
from console.joins.addresses import Addresses
from console.joins.clusters import Cluster, Clusters
from console.joins.edges import Edges
from console.joins.groups import Groups
from console.joins.instances import Instances
from console.joins.machines import Machines
from console.joins.nodes import Nodes
from console.joins.seats import Seats
from console.provider_ids import machine_key
from providers.model import Instance, Node
from providers.stream import Frame
from tests.fleet.reference import joins_as_from_scratch, tells_what_is_shown
from tests.fleet.worlds import meetings

Property = Callable[[list[Frame]], None]
Row = tuple[str, Any, str, Any, Property]


def nothing(*args: Any) -> None:
    return None


def stays_where_it_was(self: Clusters, source: str, cluster: Cluster) -> None:
    if not cluster.network:
        _settle(self, source, cluster)


def never_lost(self: Clusters, node: Item, network: str) -> None:
    if network:
        _locate(self, node, network)


def guesses_the_named_too(self: Nodes, node: Item, said: Node) -> None:
    key = machine_key(said.provider_id)
    if key is not None:
        self._machines.add_node(node, key)
    self._clusters.add_nameless(node, said.internal_ip)


def by_its_own_uid(self: Instances, item: Item, said: Instance) -> None:
    self._groups.add(item, said)
    self._machines.add_instance(item, f"aws:{item.ref.uid}")
    self._addresses.add_instance(item, said)


def declared_too(self: Addresses, instance: Item, said: Instance) -> None:
    _add_instance(self, instance, _as_observed(said))


def keeps_its_twins(self: Edges, instance: Item, twins: tuple[Item, ...]) -> None:
    if twins:
        _give_twins(self, instance, twins)


def beside_the_guess(self: Machines, instance: Item, node: Item | None) -> None:
    if node is not None or edges.is_exact(instance):
        self._edges.give_node(instance, node)


def without_its_pods(self: Edges, node: Item, instance: Item | None, guessed: bool = False) -> None:
    if node.instance is not instance or node.guessed != guessed:
        node.instance, node.guessed = instance, guessed
        self._touch(node)


def counts_untold(self: Groups, instance: Item, before: str, after: str) -> None:
    for group in self._of.get(instance, ()):
        group.clusters.move(before, after)


def _as_observed(said: Instance) -> Instance:
    return Instance(uid=said.uid, network=said.network, private_ip=said.private_ip)


_settle, _locate = Clusters._settle, Clusters.locate
_add_instance, _give_twins = Addresses.add_instance, Edges.give_twins
_bound_by = instances._bound_by

SCRATCH, TOLD = joins_as_from_scratch, tells_what_is_shown
BUGS: list[Row] = [
    ("a guess stands beside an exact edge", Machines, "_give_node", beside_the_guess, SCRATCH),
    ("a guess outlives the evidence for its network", Clusters, "_settle", stays_where_it_was, SCRATCH),
    ("the last exact edge goes unseen", Clusters, "locate", never_lost, SCRATCH),
    ("a node is guessed though its machine is named", Nodes, "_place", guesses_the_named_too, SCRATCH),
    ("two candidates are as good as one", addresses, "_only", edges.foremost, SCRATCH),
    ("an address in any network will do", addresses, "address_in", lambda network, ip: ip, SCRATCH),
    ("what a file declares can be guessed", Addresses, "add_instance", declared_too, SCRATCH),
    ("a node's provider id that changes is ignored", nodes, "_place_of", lambda node: node.created, SCRATCH),
    ("a node's address that changes is ignored", nodes, "_place_of", lambda node: node.provider_id, SCRATCH),
    (
        "an instance's change of id is ignored",
        instances,
        "_bound_by",
        lambda said: _bound_by(said)[1:],
        SCRATCH,
    ),
    (
        "an instance's change of group is ignored",
        instances,
        "_bound_by",
        lambda said: _bound_by(said)[:4],
        SCRATCH,
    ),
    ("the zone is part of a machine's key", nodes, "machine_key", lambda text: text or None, SCRATCH),
    ("an instance is found by its uid", Instances, "_bind", by_its_own_uid, SCRATCH),
    ("declared goes before observed", edges, "_rank", lambda item: (item.obj.observed, item.ref), SCRATCH),
    ("the oldest node keeps the machine", edges, "_youth", lambda node: -(node.obj.created or 0.0), SCRATCH),
    ("a twin that is gone is kept", Edges, "give_twins", keeps_its_twins, SCRATCH),
    ("a node that comes late counts for no cluster", Groups, "move", nothing, SCRATCH),
    ("a node that became younger gets no pods", Seats, "settle", nothing, SCRATCH),
    ("pods are not told of another instance", Edges, "give_instance", without_its_pods, TOLD),
    ("pods are not told of an instance's state", instances, "_shown_to_pods", nothing, TOLD),
    ("nodes are not told of their instance", Instances, "_tell_nodes_of", nothing, TOLD),
    ("instances are not told of their node", nodes, "_shown_of", nothing, TOLD),
    ("instances are not told how many pods", edges, "instances_of", lambda node: (), TOLD),
    ("members are not told of a new cluster", Groups, "move", counts_untold, TOLD),
]


def holds(property: Property) -> None:
    """The same histories each time."""

    @settings(max_examples=300, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(meetings)
    def run(history: list[Frame]) -> None:
        property(history)

    run()


@pytest.mark.parametrize("property", [SCRATCH, TOLD])
def test_without_a_bug_it_holds(property: Property) -> None:
    holds(property)


@pytest.mark.parametrize("row", BUGS, ids=[row[0] for row in BUGS])
def test_it_is_caught(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    _, owner, attribute, bug, property = row
    monkeypatch.setattr(owner, attribute, bug)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        holds(property)
