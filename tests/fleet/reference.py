"""What belongs together, computed from scratch and said as plainly as can be: the joins are held to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from console.fleet import Fleet, Item
from providers.model import Instance, Node, Ref
from providers.stream import Frame


@dataclass
class Joined:
    """What one object is joined to, by identity."""

    node: Ref | None = None
    instance: Ref | None = None
    guessed: bool = False
    twins: list[Ref] = field(default_factory=list)
    pods: set[Ref] = field(default_factory=set)
    members: set[Ref] = field(default_factory=set)
    clusters: list[str] = field(default_factory=list)


class World:
    """Every object that there is."""

    def __init__(self, fleet: Fleet) -> None:
        self.pods = {item.ref: item.obj for item in fleet.items("pod")}
        self.nodes = {item.ref: item.obj for item in fleet.items("node")}
        self.instances = {item.ref: item.obj for item in fleet.items("instance")}
        self.exact = {ref: self.exact_instance(ref) for ref in self.nodes}
        self.networks = {ref.source: self.network(ref.source) for ref in self.nodes}
        self.guesses = {ref: self.guessed_instance(ref) for ref in self.nodes}

    # ---- exactly ---------------------------------------------------------------------------------

    def same_machine(self, instance: Ref) -> list[Ref]:
        """The instances of its machine, itself among them, the foremost first."""
        machine = named(self.instances[instance].provider_id)
        if machine is None:
            return [instance]
        return sorted(
            (ref for ref, obj in self.instances.items() if named(obj.provider_id) == machine),
            key=lambda ref: (not self.instances[ref].observed, ref.source, ref.uid),
        )

    def exact_instance(self, node: Ref) -> Ref | None:
        machine = named(self.nodes[node].provider_id)
        for ref, obj in self.instances.items():
            if machine is not None and named(obj.provider_id) == machine:
                return self.same_machine(ref)[0]
        return None

    def exact_nodes(self, instance: Ref) -> list[Ref]:
        machine = named(self.instances[instance].provider_id)
        return [
            ref
            for ref, obj in self.nodes.items()
            if machine is not None and named(obj.provider_id) == machine
        ]

    # ---- guessed ---------------------------------------------------------------------------------

    def network(self, source: str) -> str:
        """The one network that all exactly joined nodes of a source lie in, as far as is known."""
        joined = [instance for ref, instance in self.exact.items() if ref.source == source]
        networks = {self.instances[ref].network for ref in joined if ref is not None} - {""}
        return networks.pop() if len(networks) == 1 else ""

    def guessed_instance(self, node: Ref) -> Ref | None:
        network, address = self.networks[node.source], self.nodes[node].internal_ip
        if named(self.nodes[node].provider_id) is not None or not network or not address:
            return None
        there = [
            ref
            for ref, obj in self.instances.items()
            if obj.observed and obj.network == network and obj.private_ip == address
        ]
        if not there or any(self.exact_nodes(ref) for ref in there):
            return None
        foremost = [ref for ref in self.same_machine(there[0]) if ref in there]
        return foremost[0] if len(foremost) == len(there) else None

    def guessed_nodes(self, instance: Ref) -> list[Ref]:
        said = self.instances[instance]
        if not said.observed:
            return []
        return [
            ref
            for ref, guess in self.guesses.items()
            if guess is not None
            and instance in self.same_machine(guess)
            and (said.network, said.private_ip) == (self.networks[ref.source], self.nodes[ref].internal_ip)
        ]

    # ---- all of it -------------------------------------------------------------------------------

    def node(self, ref: Ref) -> Joined:
        return Joined(
            instance=self.exact[ref] or self.guesses[ref],
            guessed=self.guesses[ref] is not None,
            pods={pod for pod in self.pods if self.node_of(pod) == ref},
        )

    def instance(self, ref: Ref) -> Joined:
        members = self.members(ref)
        nodes = [self.instance_node(member)[0] for member in members]
        node, guessed = self.instance_node(ref)
        return Joined(
            node=node,
            guessed=guessed,
            twins=[twin for twin in self.same_machine(ref) if twin != ref],
            members=members,
            clusters=sorted({node.source for node in nodes if node is not None}),
        )

    def instance_node(self, ref: Ref) -> tuple[Ref | None, bool]:
        exact, guessed = self.exact_nodes(ref), self.guessed_nodes(ref)
        return youngest(self.nodes, exact or guessed), not exact and bool(guessed)

    def node_of(self, pod: Ref) -> Ref | None:
        name = self.pods[pod].node
        same = [
            ref for ref, obj in self.nodes.items() if name and ref.source == pod.source and obj.name == name
        ]
        return youngest(self.nodes, same)

    def members(self, instance: Ref) -> set[Ref]:
        """Those of its group, else those of its node group, else itself."""
        said = self.instances[instance]
        for of in (lambda obj: obj.group, lambda obj: obj.nodegroup and (obj.cluster, obj.nodegroup)):
            if of(said):
                return {
                    ref
                    for ref, obj in self.instances.items()
                    if ref.source == instance.source and of(obj) == of(said)
                }
        return {instance}


def named(provider_id: str) -> str | None:
    """The machine that one of these worlds' provider ids names."""
    if provider_id == "" or provider_id.startswith("kind"):
        return None
    return provider_id.rsplit("/", maxsplit=1)[-1]


def youngest(nodes: dict[Ref, Any], refs: list[Ref]) -> Ref | None:
    return max(refs, key=lambda ref: (nodes[ref].created or 0.0, ref.uid, ref.source), default=None)


def found(fleet: Fleet, item: Item) -> Joined:
    """What the fleet says."""
    return Joined(
        node=item.node and item.node.ref,
        instance=item.instance and item.instance.ref,
        guessed=item.guessed,
        twins=[twin.ref for twin in item.twins],
        pods={pod.ref for pod in fleet.pods_on(item.ref)},
        members={member.ref for member in fleet.members(item)},
        clusters=fleet.clusters_of(item),
    )


def check_joins(fleet: Fleet) -> None:
    """Hold every edge against one computed from scratch."""
    world = World(fleet)
    for kind, expected in (("node", world.node), ("instance", world.instance)):
        for item in fleet.items(kind):
            assert found(fleet, item) == expected(item.ref), item
    for item in fleet.items("pod"):
        assert found(fleet, item) == Joined(node=world.node_of(item.ref)), item
    for item in fleet.items("node"):
        current = youngest(
            world.nodes,
            [
                ref
                for ref in world.nodes
                if (ref.source, world.nodes[ref].name) == (item.ref.source, item.name)
            ],
        )
        assert (item.pods is not None) == (item.ref == current), item
    pods = list(world.pods.items())
    assert fleet.namespaces() == sorted({obj.namespace for _, obj in pods})
    for namespace in fleet.namespaces():
        inside = {ref for ref, obj in pods if obj.namespace == namespace}
        assert {item.ref for item in fleet.pods_in(namespace)} == inside
    for uid in ("rs1", "j1"):
        owned = {ref for ref, obj in pods if obj.owner is not None and obj.owner.uid == uid}
        assert {item.ref for item in fleet.owned_by(uid)} == owned


def joins_as_from_scratch(history: list[Frame]) -> None:
    """After every frame all joins are what they would be had everything come at once."""
    fleet = Fleet()
    for frame in history:
        fleet.apply(frame)
        check_joins(fleet)


def tells_what_is_shown(history: list[Frame]) -> None:
    """Whatever rows show of their neighbours, they are told of when it changes."""
    fleet = Fleet()
    shown: dict[Ref, tuple[object, ...]] = {}
    for frame in history:
        fleet.apply(frame)
        changes = fleet.take()
        told = {ref for refs in changes.changed.values() for ref in refs}
        for kind, facts in (("pod", of_pod), ("node", of_node), ("instance", of_instance)):
            for item in fleet.items(kind):
                now = (*facts(item), fleet.clusters_of(item))
                assert shown.get(item.ref) == now or item.ref in told, item
                shown[item.ref] = now
            for ref in changes.gone.get(kind, ()):
                shown.pop(ref, None)
                assert fleet.item(ref) is None


def of_pod(item: Item) -> tuple[object, ...]:
    """A pod's row and details: its node, and how that node's instance is."""
    node = item.node
    instance = node.instance if node is not None else None
    return (item.obj, node and _node(node.obj), instance and (instance.ref, _machine(instance.obj)))


def of_node(item: Item) -> tuple[object, ...]:
    """A node's: its pods' number, and all of its instance."""
    instance = item.instance
    pods = None if item.pods is None else len(item.pods)
    return (item.obj, item.guessed, pods, instance and (instance.ref, instance.obj))


def of_instance(item: Item) -> tuple[object, ...]:
    """An instance's: its node with the number of pods, and its twins to compare it with."""
    node = item.node
    on_it = node and (node.ref, _node(node.obj), len(node.pods or ()))
    return (item.obj, item.guessed, on_it, [(twin.ref, twin.obj) for twin in item.twins])


def _node(node: Node) -> tuple[object, ...]:
    return (node.name, node.status, node.ready, node.unschedulable, node.zone, node.instance_type)


def _machine(instance: Instance) -> tuple[object, ...]:
    how = (instance.state, instance.reason, instance.since, instance.checks, instance.observed)
    return (*how, instance.notices, instance.group_state, instance.type, instance.zone, instance.lifecycle)
