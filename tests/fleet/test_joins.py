"""Edges bind late, by uid, and in any order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet
from providers.model import Instance, Owner, Ref
from providers.stream import Frame, Gone
from tests.fleet.reference import joins_as_from_scratch, tells_what_is_shown
from tests.fleet.worlds import delete, frames, meetings, node, pod, upsert


@settings(deadline=None)
@given(st.one_of(meetings, st.lists(frames, max_size=30)))
def test_any_sequence_of_frames_joins_as_computed_from_scratch(sequence: list[Frame]) -> None:
    joins_as_from_scratch(sequence)


@settings(deadline=None)
@given(st.one_of(meetings, st.lists(frames, max_size=30)))
def test_what_is_shown_of_a_neighbour_is_told_as_a_change(sequence: list[Frame]) -> None:
    tells_what_is_shown(sequence)


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
    fleet.apply(
        upsert("east", node("u1", "n1", provider_id="aws:///z/i-1"), pod("p1", node="n1", owner=owner))
    )
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
