"""However a fleet came to be, its disagreements are those of one look at it; and they cost little."""

from __future__ import annotations

import gc
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from console.disagreements import KIND, RULE, Lens
from console.fleet import Fleet
from console.views import VIEWS
from console.views.disagreement import about
from console.views.listing import Listing
from providers.model import About, Complete, Deletes, Health, Instance, Node, Notice, Owner, Pod, Ref, Upserts
from providers.stream import Gone, Welcome
from tests.disagree.worlds import (
    CLOUD,
    CLUSTER,
    NOW,
    OLD,
    STATE,
    World,
    declared,
    from_scratch,
    instance,
    node,
)

INFOS = {
    info.name: info
    for info in (
        CLUSTER,
        replace(CLUSTER, name="west", cluster="west"),
        CLOUD,
        replace(CLOUD, name="aws-2", account="", region=""),
        STATE,
    )
}
NUMBERS = st.integers(1, 4)
MOMENTS = st.sampled_from([OLD, NOW - 200, NOW - 10, NOW + 100])


def _nodes() -> st.SearchStrategy[Node]:
    return st.builds(
        node,
        NUMBERS,
        created=MOMENTS,
        ready=st.booleans(),
        unschedulable=st.booleans(),
        zone=st.sampled_from(["eu-west-1a", "eu-west-1b", ""]),
        internal_ip=st.sampled_from(["", "10.0.0.1"]),
        provider_id=st.sampled_from([*(f"aws:///eu-west-1a/i-{n:08x}" for n in range(1, 5)), ""]),
    )


def _pods() -> st.SearchStrategy[Pod]:
    return st.builds(
        Pod,
        uid=st.sampled_from(["p1", "p2", "p3"]),
        namespace=st.just("web"),
        name=st.just("p"),
        node=st.sampled_from(["n1", "n2"]),
        deleting=st.booleans(),
        owner=st.sampled_from([None, Owner("DaemonSet", "logs", "ds")]),
    )


def _instances() -> st.SearchStrategy[Instance]:
    return st.builds(
        instance,
        NUMBERS,
        state=st.sampled_from(["running", "running", "running", "stopped", "terminated", "pending"]),
        launched=MOMENTS,
        group=st.sampled_from(["", "g1", "g2"]),
        group_state=st.sampled_from(["InService", "Pending", "Terminating", ""]),
        cluster=st.sampled_from(["", "prod"]),
        network=st.sampled_from(["", "vpc-1"]),
        private_ip=st.sampled_from(["", "10.0.0.1"]),
        image=st.sampled_from(["ami-1", "ami-2"]),
        type=st.sampled_from(["m6i.large", "c6i.large"]),
        tags=st.sampled_from([(), (("Env", "prod"),)]),
        notices=st.sampled_from([(), (Notice(kind="rebalance"),)]),
    )


def _declared() -> st.SearchStrategy[Instance]:
    tags: Any = st.sampled_from([(), (("Env", "test"),)])
    return st.builds(declared, NUMBERS, type=st.sampled_from(["m6i.large", "c6i.large"]), tags=tags)


OBJECTS = {
    "prod": st.one_of(_nodes(), _pods()),
    "west": st.one_of(_nodes(), _pods()),
    "aws": _instances(),
    "aws-2": _instances(),
    "tf": _declared(),
}
KINDS = {name: info.kinds for name, info in INFOS.items()}


Bodies = tuple[Any, ...]


def _all_told(name: str, objects: list[Any]) -> Bodies:
    completes = [Complete(kind) for kind in KINDS[name]]
    return (About(INFOS[name]), Upserts(tuple(objects)), *completes, Health(state="live", since=OLD))


def _told(name: str) -> st.SearchStrategy[Bodies]:
    return st.lists(OBJECTS[name], min_size=2, max_size=5).map(lambda found: _all_told(name, found))


def _step(name: str) -> st.SearchStrategy[tuple[str, Bodies]]:
    kinds = KINDS[name]
    uids = st.sampled_from(["u1", "u2", "p1", "i-00000001", "i-00000002"])
    upserts = st.lists(OBJECTS[name], min_size=1, max_size=3).map(lambda found: (Upserts(tuple(found)),))
    bodies = st.one_of(
        upserts,
        upserts,
        upserts,
        st.builds(lambda kind, uid: (Deletes(kind, (uid,)),), st.sampled_from(kinds), uids),
        st.builds(
            lambda state, kind: (Health(state=state, since=OLD, kind=kind),),
            st.sampled_from(["loading", "live", "live", "lagging", "lost", "denied"]),
            st.sampled_from(["", *kinds]),
        ),
        _told(name),
        st.builds(lambda told, gone: (Gone(), *told) if gone else (Gone(),), _told(name), st.booleans()),
        st.sampled_from(
            [
                (About(replace(INFOS[name], account="another")),),
                (Welcome(version="0", pid=1, host="here", read_only=False),),
            ]
        ),
    )
    return st.tuples(st.just(name), bodies)


beginnings = st.tuples(*(st.tuples(st.just(name), _told(name)) for name in INFOS)).map(list)
steps = st.sampled_from(sorted(INFOS)).flatmap(_step)
rounds_of_steps = st.lists(
    st.tuples(st.lists(steps, max_size=3), st.sampled_from([0, 0, 120, 300])), max_size=8
)


@settings(max_examples=120, deadline=None)
@given(beginnings, rounds_of_steps, st.integers(0, 1))
def test_any_history_gives_the_rows_of_one_look(
    beginning: list[tuple[str, Bodies]], rounds: list[tuple[list[tuple[str, Bodies]], int]], wanted_in: int
) -> None:
    world = World(wanted=False)
    listing: Listing | None = None
    for number, (history, seconds) in enumerate([(beginning, 0), *rounds]):
        if number == wanted_in:
            world.fleet.want(KIND)
            listing = Listing(world.fleet, VIEWS[KIND], world.clock)
        for source, bodies in history:
            world.say(source, *bodies)
        world.clock.now += seconds
        changes = world.fleet.take()
        if listing is not None:
            listing.update(changes)
            expected = from_scratch(world.fleet)
            assert {item.ref: item.obj for item in world.fleet.items(KIND)} == expected
            _gaps_of_one_look(world.fleet)
            assert {listing.key_at(index) for index in range(len(listing))} == set(expected)
            _rows_of_what_is_there(world.fleet)


def _gaps_of_one_look(fleet: Fleet) -> None:
    again = Lens(fleet)
    again.begin()
    assert fleet.gaps is not None
    states = list(fleet.sources.values())
    assert fleet.gaps.everywhere(states) == again.gaps.everywhere(states)
    assert list(map(fleet.gaps.of, states)) == list(map(again.gaps.of, states))


def _rows_of_what_is_there(fleet: Fleet) -> None:
    for item in fleet.items(KIND):
        subject = fleet.item(item.obj.subject)
        assert subject is not None
        assert item.obj in about(subject, fleet)
        assert item.source is subject.source


def test_until_somebody_asks_nothing_is_worked_out() -> None:
    world = World(wanted=False)
    world.source(CLUSTER, node(1))
    world.source(CLOUD, instance(1, state="terminated"))
    assert (world.rows, world.fleet.count(KIND)) == ([], 0)
    world.fleet.want(KIND)
    assert world.told == [("terminated", "n1", 3)]


def _told_in_details(world: World, kind: str, uid: str) -> str:
    """What the details of an object say that its sides disagree in."""
    source = {"node": "prod", "instance": "aws"}[kind]
    item = world.fleet.item(Ref(source, kind, uid))
    assert item is not None
    sections = VIEWS[kind].details(item, world.fleet, NOW)
    return " ".join(cell.text for each in sections if each.title == "Disagrees" for _, cell in each.facts)


def test_details_judge_one_object_by_itself_and_not_the_fleet() -> None:
    world = World(wanted=False)
    world.source(CLUSTER, *(node(number) for number in (1, 2, 3)))
    newer = instance(2, group="g", image="ami-2", launched=OLD + 60)
    world.source(CLOUD, instance(1, group="g"), newer, instance(3, state="stopped"))
    assert "stopped yet a node remains" in _told_in_details(world, "node", "u3")
    assert "stopped yet a node remains" in _told_in_details(world, "instance", "i-00000003")
    assert _told_in_details(world, "instance", "i-00000001") == ""
    assert (world.rows, world.fleet.count(KIND)) == ([], 0)
    world.fleet.want(KIND)
    assert "stopped yet a node remains" in _told_in_details(world, "node", "u3")
    assert "old image among new" in _told_in_details(world, "instance", "i-00000001")


@settings(max_examples=60, deadline=None)
@given(beginnings)
def test_what_is_said_of_one_object_by_itself_is_what_the_fleet_says_of_it(
    beginning: list[tuple[str, Bodies]],
) -> None:
    world = World(wanted=False)
    for source, bodies in beginning:
        world.say(source, *bodies)
    rows = from_scratch(world.fleet).values()
    for kind in ("node", "instance"):
        for item in world.fleet.items(kind):
            expected = [row for row in rows if row.subject == item.ref and not RULE[row.rule].siblings]
            assert world.fleet.disagreements_of(item) == expected


# ---- what it costs -----------------------------------------------------------------------------------

MANY = 10_000
PLACES = 10


def _place(number: int) -> int:
    return number * PLACES // MANY


def _facts(number: int) -> dict[str, Any]:
    place = _place(number)
    return {
        "group": f"g-{number // 100}",
        "group_state": "InService",
        "cluster": f"prod-{place}",
        "network": f"vpc-{place}",
    }


@pytest.fixture(scope="module")
def large() -> World:
    """10,000 nodes on 10,000 instances, in ten clusters and ten accounts."""
    world = World(wanted=False)
    for place in range(PLACES):
        numbers = range(place * MANY // PLACES, (place + 1) * MANY // PLACES)
        world.source(replace(CLUSTER, name=f"prod-{place}"), *(node(number) for number in numbers))
        world.source(
            replace(CLOUD, name=f"aws-{place}"), *(instance(number, **_facts(number)) for number in numbers)
        )
    world.fleet.take()
    gc.collect()
    return world


def _cost(world: World) -> float:
    """CPU seconds of this thread for taking what changed in."""
    began = time.thread_time()
    world.fleet.take()
    return time.thread_time() - began


def test_a_large_fleet_is_judged_at_once_and_its_changes_cost_what_they_are(large: World) -> None:
    began = time.thread_time()
    large.fleet.want(KIND)
    assert time.thread_time() - began < 0.9  # 0.25 s where nothing else runs
    large.fleet.take()
    spread = range(0, MANY, MANY // 100)
    changes = []
    for number in spread:
        large.put(f"prod-{_place(number)}", node(number, ready=False, status="NotReady"))
    changes.append(_cost(large))
    assert large.fleet.count(KIND) == 100
    for number in spread:
        large.put(f"aws-{_place(number)}", instance(number, **_facts(number), checks="1/2"))
    changes.append(_cost(large))
    assert large.fleet.count(KIND) == 0
    for number in spread:
        large.drop(f"prod-{_place(number)}", "node", f"u{number}")
    changes.append(_cost(large))
    assert large.fleet.count(KIND) == 100
    assert max(changes) < 0.03  # 5 ms where nothing else runs
    assert _cost(large) < 0.001
