"""What a fleet is made of before it lives."""

from __future__ import annotations

import msgspec
import pytest

from providers.demo.clock import FROZEN_NOW
from providers.demo.fleet import Fleet, Home, Options
from providers.demo.growth import CHUNK, split
from providers.model import Instance
from providers.registry import checked_options, load, origins
from providers.text import clean
from tests.demo.reading import grown, live


def total(fleet: Fleet, what: str) -> int:
    return sum(len(getattr(home, what)) for home in fleet.clusters)


def machine_of(home: Home, provider_id: str) -> Instance | None:
    return home.instances.get(provider_id.rpartition("/")[2])


def belongs_together(home: Home) -> None:
    """Every reference within a cluster leads somewhere, and every count is right."""
    for node in home.nodes.values():
        machine = machine_of(home, node.provider_id)
        assert machine is not None, node.name
        assert (machine.provider_id, machine.zone) == (node.provider_id, node.zone)
        assert (machine.type, machine.private_ip) == (node.instance_type, node.internal_ip)
    bound = dict.fromkeys((node.name for node in home.nodes.values()), 0)
    for uid, pod in home.pods.items():
        assert pod.uid == uid
        assert 0 <= pod.ready <= pod.containers
        assert (pod.phase == "Pending") <= (pod.ready == 0)
        if pod.node:
            assert pod.node in bound, f"{pod.name} is on a node that is not there"
            bound[pod.node] += 1
    assert {name: home.load[name] for name in bound} == bound
    for workload in home.workloads.values():
        for uid in workload.pods:
            assert home.workload_of(home.pods[uid]) is workload


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"clusters": 1, "nodes": 1, "pods": 1},
        {"clusters": 5, "nodes": 3, "pods": 0},
        {"clusters": 9, "nodes": 40, "pods": 777},
        {"clusters": 2, "nodes": 7, "pods": 4000},
    ],
)
def test_as_many_as_asked_for(options: dict[str, int]) -> None:
    asked = Options(**options)  # type: ignore[arg-type]
    fleet = grown(**options)
    assert total(fleet, "pods") == asked.pods
    assert total(fleet, "nodes") == (asked.nodes or 60)
    for home in fleet.clusters:
        belongs_together(home)


def test_instances_are_at_least_one_to_a_node_and_as_many_as_asked_for() -> None:
    assert total(grown(nodes=20, instances=33), "instances") == 33
    assert total(grown(nodes=20, instances=5), "instances") == 20
    assert total(grown(nodes=60), "instances") > 60


def test_a_hundred_thousand_pods() -> None:
    fleet = grown(pods=100_000)
    assert total(fleet, "pods") == 100_000
    names_seen = {
        (home.place.cluster, p.namespace, p.name) for home in fleet.clusters for p in home.pods.values()
    }
    assert len(names_seen) == 100_000
    owners = {id(p.owner) for home in fleet.clusters for p in home.pods.values()}
    assert len(owners) < 10_000, "owners are shared, not made for each pod"
    belongs_together(fleet.clusters[0])


def test_pods_come_by_the_chunk_and_not_before_they_are_asked_for() -> None:
    home = Fleet(Options(pods=50_000, clusters=1)).clusters[0]
    chunks = home.grow()
    assert len(next(chunks)) == CHUNK
    assert len(home.pods) == CHUNK


def test_two_who_look_while_it_grows_both_see_every_pod() -> None:
    home = Fleet(Options(pods=3000, clusters=1)).clusters[0]
    one, other = home.grow(), home.grow()
    seen: tuple[set[str], set[str]] = (set(), set())
    for _ in range(20):
        for chunks, uids in zip((one, other), seen, strict=True):
            uids.update(pod.uid for pod in next(chunks, ()))
    assert len(seen[0]) == len(seen[1]) == 3000


def test_the_usual_fleet_is_interesting_from_the_start() -> None:
    fleet = grown()
    pods = [pod for home in fleet.clusters for pod in home.pods.values()]
    nodes = [node for home in fleet.clusters for node in home.nodes.values()]
    statuses = {pod.status for pod in pods}
    assert statuses >= {"Running", "CrashLoopBackOff", "ImagePullBackOff", "Pending", "Unknown", "Completed"}
    assert {"NotReady", "Ready,SchedulingDisabled"} <= {node.status for node in nodes}
    assert sum(pod.status == "Running" for pod in pods) > len(pods) * 0.85, "and mostly well"
    pending = next(pod for pod in pods if pod.status == "Pending")
    assert "Insufficient cpu" in pending.message
    assert pending.message.startswith("0/")
    assert {"ReplicaSet", "StatefulSet", "DaemonSet", "Job"} <= {pod.owner.kind for pod in pods if pod.owner}
    assert any(pod.owner is None for pod in pods)


def test_a_lost_node_is_lost_because_its_machine_was_reclaimed() -> None:
    home = grown().clusters[0]
    node = next(node for node in home.nodes.values() if node.status == "NotReady")
    machine = machine_of(home, node.provider_id)
    assert machine is not None
    assert machine.state == "terminated"
    assert machine.reason.startswith("Server.SpotInstanceTermination")
    assert {condition.status for condition in node.conditions} == {"Unknown"}


def test_nothing_is_older_than_it_can_be_nor_from_the_future() -> None:
    for home in grown().clusters:
        for obj in (*home.nodes.values(), *home.pods.values()):
            assert obj.created is not None
            assert FROZEN_NOW - 400 * 86_400 < obj.created <= FROZEN_NOW
        for pod in home.pods.values():
            assert (pod.restarts > 0) == (pod.last_restart is not None)


def test_every_word_is_clean() -> None:
    """T1: a provider cleans what it says; here nothing needs it, which is only true while this holds."""
    fleet = grown(clusters=4)
    live(fleet, 120)
    for home in fleet.clusters:
        for obj in (*home.nodes.values(), *home.pods.values(), *home.instances.values()):
            for value in msgspec.structs.astuple(obj):
                if isinstance(value, str):
                    assert clean(value) == value


def test_shares_add_up() -> None:
    assert split(10, [1, 1, 1]) == [4, 3, 3]
    assert split(0, [5, 3]) == [0, 0]
    assert sum(split(99_999, [5, 3, 2, 1])) == 99_999


def test_it_is_found_by_its_name_and_told_what_is_wrong_with_an_option() -> None:
    assert origins()["demo"] == "providers.demo:provider"
    provider = load("demo")
    assert checked_options(provider, {"pods": 5}).pods == 5
    for wrong, word in (
        ({"pods": 200_000}, "pods"),
        ({"clusters": 0}, "clusters"),
        ({"colour": 1}, "colour"),
    ):
        with pytest.raises(Exception, match=word):
            checked_options(provider, wrong)


def test_no_two_machines_have_the_same_name_or_address() -> None:
    fleet = grown(nodes=5000, pods=1000, clusters=2)
    for home in fleet.clusters:
        assert len({node.name for node in home.nodes.values()}) == len(home.nodes)
        assert len({machine.private_ip for machine in home.instances.values()}) == len(home.instances)
