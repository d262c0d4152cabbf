"""Edges bind late, by uid, and in any order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet, Item
from console.provider_ids import machine_key as machine_id
from providers.model import Instance, Owner, Ref
from providers.stream import Frame, Gone
from tests.fleet.worlds import delete, frames, node, pod, upsert


def _age(item: Item) -> tuple[float, str, str]:
    return (item.obj.created or 0.0, item.ref.uid, item.ref.source)


def _node_of(fleet: Fleet, pod: Item) -> Item | None:
    same = [
        item
        for item in fleet.items("node")
        if item.ref.source == pod.ref.source and item.obj.name == pod.obj.node and pod.obj.node
    ]
    return max(same, key=_age, default=None)


def _instance_of(fleet: Fleet, node: Item) -> Item | None:
    wanted = machine_id(node.obj.provider_id)
    same = [item for item in fleet.items("instance") if item.ref.uid == wanted]
    return min(same, key=lambda item: item.ref.source, default=None)


def _runs_on(fleet: Fleet, instance: Item) -> Item | None:
    same = [item for item in fleet.items("node") if machine_id(item.obj.provider_id) == instance.ref.uid]
    return max(same, key=_age, default=None)


def check_joins(fleet: Fleet) -> None:
    """Hold every edge against one computed from scratch."""
    pods = list(fleet.items("pod"))
    for item in pods:
        assert item.node is _node_of(fleet, item)
        assert item in set(fleet.pods_in(item.obj.namespace))
    for item in fleet.items("node"):
        assert item.instance is _instance_of(fleet, item)
        on_it = {other for other in pods if other.node is item}
        assert set(fleet.pods_on(item.ref)) == on_it
        assert item.pods is None or item.pods == on_it
    for item in fleet.items("instance"):
        assert item.node is _runs_on(fleet, item)
    for uid in ("rs1", "j1"):
        owned = {item for item in pods if item.obj.owner and item.obj.owner.uid == uid}
        assert set(fleet.owned_by(uid)) == owned
    assert fleet.namespaces() == sorted({item.obj.namespace for item in pods})


@settings(deadline=None)
@given(st.lists(frames, max_size=30))
def test_any_sequence_of_frames_joins_as_computed_from_scratch(sequence: list[Frame]) -> None:
    fleet = Fleet()
    for frame in sequence:
        fleet.apply(frame)
        check_joins(fleet)


@settings(deadline=None)
@given(st.lists(frames, max_size=30))
def test_what_is_shown_of_a_neighbour_is_told_as_a_change(sequence: list[Frame]) -> None:
    fleet = Fleet()
    shown: dict[Ref, tuple[object, ...]] = {}
    for frame in sequence:
        fleet.apply(frame)
        changes = fleet.take()
        told = {ref for refs in changes.changed.values() for ref in refs}
        for kind in ("pod", "node", "instance"):
            for item in fleet.items(kind):
                now = _facts(item)
                assert shown.get(item.ref) == now or item.ref in told
                shown[item.ref] = now
            for ref in changes.gone.get(kind, ()):
                shown.pop(ref, None)
                assert fleet.item(ref) is None


def _facts(item: Item) -> tuple[object, ...]:
    node = item.node.obj if item.node is not None else None
    instance = item.instance.obj if item.instance is not None else None
    pods = None if item.pods is None else len(item.pods)
    return (item.obj, node and (node.name, node.status, node.zone), instance, pods)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_pod_node_and_instance_meet_in_any_order(order: tuple[int, ...]) -> None:
    arrivals = [
        upsert("east", pod("p1", node="n1")),
        upsert("east", node("u1", "n1", provider_id="aws:///eu-west-1b/i-1")),
        upsert("aws", Instance(uid="i-1", provider_id="aws:///eu-west-1b/i-1", state="running")),
    ]
    fleet = Fleet()
    for index in order:
        fleet.apply(arrivals[index])
    found = fleet.item(Ref("east", "pod", "p1"))
    assert found is not None
    assert found.node is not None
    assert found.node.instance is not None
    assert found.node.instance.node is found.node


def test_a_node_made_again_under_its_name_takes_over_its_pods() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("old", "n1", created=10.0), pod("p1", node="n1")))
    fleet.apply(upsert("east", node("new", "n1", created=20.0)))
    fleet.apply(delete("east", "node", "old"))
    found = fleet.item(Ref("east", "pod", "p1"))
    assert found is not None
    assert found.node is fleet.item(Ref("east", "node", "new"))
    assert list(fleet.pods_on(Ref("east", "node", "new"))) == [found]
    assert list(fleet.pods_on(Ref("east", "node", "old"))) == []


def test_a_provider_id_that_comes_late_is_used() -> None:
    fleet = Fleet()
    fleet.apply(upsert("aws", Instance(uid="i-1", provider_id="aws:///z/i-1")))
    fleet.apply(upsert("east", node("u1", "n1")))
    fleet.apply(upsert("east", node("u1", "n1", provider_id="aws:///z/i-1")))
    found = fleet.item(Ref("east", "node", "u1"))
    assert found is not None
    assert found.instance is fleet.item(Ref("aws", "instance", "i-1"))


def test_nodes_of_one_name_in_two_clusters_keep_their_own_pods() -> None:
    fleet = Fleet()
    for source in ("east", "west"):
        fleet.apply(upsert(source, node(f"{source}-u", "n1"), pod(f"{source}-p", node="n1")))
    for source in ("east", "west"):
        on_it = list(fleet.pods_on(Ref(source, "node", f"{source}-u")))
        assert [item.ref.uid for item in on_it] == [f"{source}-p"]


def test_terminating_pods_still_count_on_their_node() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("u1", "n1"), pod("p1", node="n1", deleting=True, status="Terminating")))
    assert len(list(fleet.pods_on(Ref("east", "node", "u1")))) == 1


def test_nothing_is_left_of_a_source_that_is_gone() -> None:
    fleet = Fleet()
    owner = Owner("ReplicaSet", "api", "rs1")
    fleet.apply(upsert("east", node("u1", "n1", provider_id="aws:///z/i-1"), pod("p1", node="n1", owner=owner)))
    fleet.apply(upsert("aws", Instance(uid="i-1", provider_id="aws:///z/i-1")))
    fleet.take()
    fleet.apply(Frame(2.0, "east", Gone()))
    instance = fleet.item(Ref("aws", "instance", "i-1"))
    assert instance is not None
    assert instance.node is None
    assert (fleet.count("pod"), fleet.count("node"), list(fleet.sources)) == (0, 0, ["aws"])
    assert (fleet.namespaces(), list(fleet.owned_by("rs1"))) == ([], [])
    gone = fleet.take().gone
    assert (gone["pod"], gone["source"]) == ({Ref("east", "pod", "p1")}, {Ref("east", "source", "east")})
