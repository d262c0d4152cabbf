"""Nodes, the instances they run on, and the groups that scale those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from console.fleet import Fleet, Item
from console.joins import Joins
from providers.model import About, Instance, Owner, Record, Ref, SourceInfo
from providers.stream import Frame, Gone
from tests.bench.joins import ORDERS, arrivals
from tests.fleet.census import census
from tests.fleet.worlds import delete, meetings, node, pod, upsert


def machine(number: int, **facts: Any) -> Instance:
    said = {"network": "vpc-a", "private_ip": f"10.0.0.{number}", "provider_id": f"aws:///z/i-{number}"}
    return Instance(uid=f"i-{number}", **{**said, **facts})


def found(fleet: Fleet, source: str, kind: str, uid: str) -> Item:
    item = fleet.item(Ref(source, kind, uid))
    assert item is not None
    return item


def told(fleet: Fleet) -> set[str]:
    """Uids of what changed since it was asked last."""
    return {ref.uid for kind, refs in fleet.take().changed.items() if kind != "source" for ref in refs}


# ---- exactly -----------------------------------------------------------------------------------------


def test_a_machine_shown_by_two_sources_has_one_foremost_instance_and_its_twins() -> None:
    fleet = Fleet()
    fleet.apply(upsert("a-state", machine(1, observed=False, network="", private_ip="")))
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///eu-west-1b/i-1")))
    declared, on_it = found(fleet, "a-state", "instance", "i-1"), found(fleet, "prod", "node", "u1")
    assert (on_it.instance, declared.node, declared.twins) == (declared, on_it, ())
    fleet.apply(upsert("b-aws", machine(1)))
    fleet.apply(upsert("c-aws", machine(1)))
    first, second = found(fleet, "b-aws", "instance", "i-1"), found(fleet, "c-aws", "instance", "i-1")
    assert on_it.instance is first
    assert (first.twins, second.twins, declared.twins) == (
        (second, declared),
        (first, declared),
        (first, second),
    )
    assert {item.node for item in (first, second, declared)} == {on_it}
    fleet.apply(Frame(2.0, "b-aws", Gone()))
    assert (on_it.instance, second.twins, declared.twins) == (second, (declared,), (second,))


def test_an_instance_that_shuts_down_keeps_its_node_until_it_is_gone() -> None:
    fleet = Fleet()
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1"), pod("p", node="n1")))
    fleet.apply(upsert("aws", machine(1, state="running")))
    for state in ("shutting-down", "terminated"):
        fleet.apply(upsert("aws", machine(1, state=state, network="", private_ip="")))
        on_it = found(fleet, "prod", "node", "u1")
        assert on_it.instance is not None
        assert (on_it.instance.obj.state, on_it.instance.node) == (state, on_it)
    fleet.apply(delete("aws", "instance", "i-1"))
    assert found(fleet, "prod", "node", "u1").instance is None


def test_a_node_made_again_on_its_machine_takes_it_over() -> None:
    fleet = Fleet()
    fleet.apply(upsert("aws", machine(1)))
    for uid, created in (("old", 10.0), ("new", 20.0)):
        fleet.apply(upsert("prod", node(uid, "n1", created=created, provider_id="aws:///z/i-1")))
    instance = found(fleet, "aws", "instance", "i-1")
    assert instance.node is found(fleet, "prod", "node", "new")
    assert found(fleet, "prod", "node", "old").instance is instance
    fleet.apply(delete("prod", "node", "new"))
    assert instance.node is found(fleet, "prod", "node", "old")


def test_pods_are_told_how_their_instance_is_and_not_what_it_costs() -> None:
    fleet = Fleet()
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1"), pod("p", node="n1")))
    fleet.apply(upsert("aws", machine(1, state="running", checks="2/2")))
    fleet.take()
    fleet.apply(upsert("aws", machine(1, state="running", checks="2/2", hourly=0.1, tags=(("a", "b"),))))
    assert told(fleet) == {"i-1", "u1"}
    for facts in ({"state": "running", "checks": "1/2"}, {"state": "stopping"}, {"state": "stopped"}):
        fleet.apply(upsert("aws", machine(1, **facts)))
        assert told(fleet) == {"i-1", "u1", "p"}


def test_an_instance_is_told_how_many_pods_its_node_has_and_where_that_is() -> None:
    fleet = Fleet()
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1")))
    fleet.apply(upsert("aws", machine(1)))
    fleet.take()
    fleet.apply(upsert("prod", pod("p", node="n1")))
    assert told(fleet) == {"p", "u1", "i-1"}
    fleet.apply(Frame(3.0, "prod", About(SourceInfo(name="prod", provider="kubernetes", cluster="prod-eu"))))
    assert "i-1" in told(fleet)
    fleet.apply(Frame(3.0, "aws", About(SourceInfo(name="aws", provider="aws", account="prod"))))
    assert "u1" in told(fleet)


# ---- guessed by an address ---------------------------------------------------------------------------


def guessing(**facts: Any) -> Fleet:
    """A cluster in vpc-a with one node that is joined exactly, and one whose id names no machine."""
    fleet = Fleet()
    nameless = node("u2", "n2", **{"internal_ip": "10.0.0.2", "provider_id": "k3s://n2", **facts})
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1"), nameless, pod("p", node="n2")))
    fleet.apply(upsert("aws", machine(1), machine(2)))
    return fleet


def guess(fleet: Fleet) -> Ref | None:
    """What n2 is guessed to run on; both ends say that it is a guess."""
    item = found(fleet, "prod", "node", "u2")
    if item.instance is None:
        assert not item.guessed
        return None
    assert item.guessed
    assert (item.instance.node, item.instance.guessed) == (item, True)
    return item.instance.ref


THE_OTHER = Ref("aws", "instance", "i-2")


@pytest.mark.parametrize("provider_id", ["", "kind://docker/kind/n2", "k3s://n2", "kwok://n2"])
def test_a_node_that_names_no_machine_is_guessed_by_its_address(provider_id: str) -> None:
    fleet = guessing(provider_id=provider_id)
    assert guess(fleet) == THE_OTHER
    assert not found(fleet, "prod", "node", "u1").guessed


@pytest.mark.parametrize(
    "facts", [{"provider_id": "aws:///z/i-9"}, {"provider_id": "gce://a/b/c"}, {"internal_ip": ""}]
)
def test_a_machine_that_is_named_and_not_there_is_never_guessed(facts: dict[str, str]) -> None:
    assert guess(guessing(**facts)) is None


@pytest.mark.parametrize(
    "change",
    [
        upsert("aws", machine(2, network="vpc-b")),
        upsert("aws", machine(2, network="")),
        upsert("aws", machine(2, private_ip="10.0.0.9")),
        upsert("aws", machine(2, observed=False)),
        upsert("aws", machine(3, private_ip="10.0.0.2")),
        upsert("aws", machine(1, network="")),
        upsert("aws", machine(1, network="vpc-b")),
        upsert("prod", node("u3", "n3", provider_id="aws:///z/i-2")),
        upsert("other", node("u3", "n3", provider_id="aws:///z/i-2")),
        upsert("prod", node("u2", "n2", internal_ip="10.0.0.3")),
        upsert("prod", node("u2", "n2", internal_ip="10.0.0.2", provider_id="aws:///z/i-9")),
        delete("aws", "instance", "i-2"),
        delete("prod", "node", "u1"),
        delete("aws", "instance", "i-1"),
        Frame(2.0, "aws", Gone()),
    ],
    ids=str,
)
def test_a_guess_goes_with_its_evidence_and_comes_back_with_it(change: Frame) -> None:
    fleet = guessing()
    assert guess(fleet) == THE_OTHER
    fleet.take()
    fleet.apply(change)
    assert guess(fleet) is None
    assert {"u2", "p"} <= told(fleet)
    for extra in ("i-3", "u3"):
        fleet.apply(delete("aws", "instance", extra))
        fleet.apply(delete("prod", "node", extra))
        fleet.apply(delete("other", "node", extra))
    again = node("u2", "n2", internal_ip="10.0.0.2", provider_id="k3s://n2")
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1"), again))
    fleet.apply(upsert("aws", machine(1), machine(2)))
    assert guess(fleet) == THE_OTHER


def test_a_second_network_makes_every_guess_of_a_cluster_doubtful() -> None:
    fleet = guessing()
    fleet.apply(upsert("aws", machine(3, network="vpc-b")))
    assert guess(fleet) == THE_OTHER
    fleet.apply(upsert("prod", node("u3", "n3", provider_id="aws:///z/i-3")))
    assert guess(fleet) is None
    fleet.apply(delete("prod", "node", "u3"))
    assert guess(fleet) == THE_OTHER


def test_an_instance_that_says_nothing_of_its_network_is_no_evidence_against_one() -> None:
    fleet = guessing()
    fleet.apply(upsert("prod", node("u3", "n3", provider_id="aws:///z/i-3")))
    fleet.apply(upsert("aws", machine(3, state="terminated", network="", private_ip="")))
    assert guess(fleet) == THE_OTHER


def test_two_profiles_that_show_the_same_machine_are_one_candidate() -> None:
    fleet = guessing()
    fleet.apply(upsert("aws-too", machine(2)))
    assert guess(fleet) == THE_OTHER
    assert found(fleet, "aws-too", "instance", "i-2").guessed


# ---- groups ------------------------------------------------------------------------------------------


def group_of_two() -> Fleet:
    fleet = Fleet()
    both = {"group": "eks-ng-1", "nodegroup": "ng", "cluster": "prod"}
    fleet.apply(upsert("aws", machine(1, **both), machine(2, **both), machine(3)))
    fleet.apply(upsert("aws", machine(4, nodegroup="ng", cluster="dev"), machine(5, group="eks-ng-1")))
    fleet.apply(upsert("aws-too", machine(6, **both)))
    return fleet


def members(fleet: Fleet, uid: str, kind: str = "instance") -> set[str]:
    return {item.ref.uid for item in fleet.members(found(fleet, "aws", kind, uid))}


def test_members_are_of_one_source_and_one_group() -> None:
    fleet = group_of_two()
    assert members(fleet, "i-1") == members(fleet, "i-5") == {"i-1", "i-2", "i-5"}
    assert (members(fleet, "i-3"), members(fleet, "i-4")) == ({"i-3"}, {"i-4"})
    fleet.apply(upsert("aws", machine(5, group="other")))
    fleet.apply(delete("aws", "instance", "i-2"))
    assert (members(fleet, "i-1"), members(fleet, "i-5")) == ({"i-1"}, {"i-5"})


def test_the_record_of_a_group_has_members_too() -> None:
    fleet = group_of_two()
    fleet.apply(upsert("aws", Record(kind="group", uid="g", name="eks-ng-1")))
    fleet.apply(
        upsert("aws", Record(kind="nodegroup", uid="ng", name="ng", owner=Owner("Cluster", "prod", "c")))
    )
    fleet.apply(upsert("aws", Record(kind="volume", uid="v", name="eks-ng-1")))
    assert members(fleet, "g", "group") == {"i-1", "i-2", "i-5"}
    assert members(fleet, "ng", "nodegroup") == {"i-1", "i-2"}
    assert members(fleet, "v", "volume") == set()
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-2")))
    assert fleet.clusters_of(found(fleet, "aws", "nodegroup", "ng")) == ["prod"]


def test_the_clusters_of_a_group_are_where_any_member_has_a_node() -> None:
    fleet = group_of_two()
    first, alone = found(fleet, "aws", "instance", "i-1"), found(fleet, "aws", "instance", "i-3")
    assert (fleet.clusters_of(first), fleet.clusters_of(alone)) == ([], [])
    fleet.take()
    fleet.apply(upsert("prod", node("u2", "n2", provider_id="aws:///z/i-2")))
    assert (fleet.clusters_of(first), fleet.clusters_of(alone)) == (["prod"], [])
    assert told(fleet) == {"u2", "i-1", "i-2", "i-5"}
    fleet.apply(upsert("prod", node("u1", "n1", provider_id="aws:///z/i-1")))
    assert told(fleet) == {"u1", "i-1"}
    fleet.apply(upsert("dev", node("u5", "n5", provider_id="aws:///z/i-5")))
    assert fleet.clusters_of(first) == ["dev", "prod"]
    fleet.apply(Frame(2.0, "prod", Gone()))
    assert fleet.clusters_of(first) == ["dev"]


@settings(deadline=None)
@given(meetings)
def test_nothing_is_kept_of_what_is_gone(history: list[Frame]) -> None:
    fleet = Fleet()
    for frame in history:
        fleet.apply(frame)
    for source in list(fleet.sources):
        fleet.apply(Frame(9.0, source, Gone()))
    fleet.take()
    assert census(fleet) == census(_never_used(fleet))


def _never_used(fleet: Fleet) -> Fleet:
    """One that knows as much of columns and of engines as this one, and never had an object."""
    other = Fleet()
    other.schemas.update(fleet.schemas)
    other.welcome, other.generation = fleet.welcome, fleet.generation
    return other


# ---- what it costs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_each_node_and_each_instance_is_told_of_a_bounded_number_of_times(order: str) -> None:
    for count in (300, 1200):
        items = arrivals(order, count)
        touched: list[Item] = []
        joins = Joins(touched.append)
        for item in items:
            joins.add(item)
        assert len(touched) <= 4 * count + count
        assert all(item.node or item.instance for item in items)


def test_guesses_are_told_once_each_however_much_evidence_comes_after() -> None:
    fleet, count = Fleet(), 200
    for number in range(count):
        fleet.apply(upsert("prod", node(f"g{number}", f"g{number}", internal_ip=f"10.1.0.{number}")))
        fleet.apply(upsert("aws", machine(1000 + number, private_ip=f"10.1.0.{number}")))
    fleet.take()
    versions = sum(item.version for item in fleet.items("node"))
    for number in range(count):
        fleet.apply(upsert("prod", node(f"e{number}", f"e{number}", provider_id=f"aws:///z/i-{number}")))
        fleet.apply(upsert("aws", machine(number, private_ip=f"10.2.0.{number}")))
    assert sum(item.guessed for item in fleet.items("node")) == count
    assert sum(item.version for item in fleet.items("node")) - versions <= 6 * count
