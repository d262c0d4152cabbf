"""Which volumes are a pod's own: by tags and by where both are, in any order of arrival."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet, Item
from console.joins.claims import Claimed, Claims, claim_of
from providers.model import Instance, Owner, Pod, Record, Ref
from providers.stream import Frame, Gone
from tests.fleet.census import census
from tests.fleet.worlds import delete, node, upsert

TAGS = "kubernetes.io/created-for/pvc/name={0},kubernetes.io/created-for/pvc/namespace=db"


def volume(uid: str, claim: str = "data-0", machine: str = "", **facts: Any) -> Record:
    owner = Owner("Instance", machine, machine) if machine else None
    said = {"labels": TAGS.format(claim), "owner": owner, "name": uid, **facts}
    return Record(kind="volume", uid=uid, **said)


def claimer(uid: str, *claims: str, node: str = "", namespace: str = "db", **facts: Any) -> Pod:
    return Pod(uid=uid, namespace=namespace, name=uid, node=node, claims=claims or ("data-0",), **facts)


def machine(uid: str, number: int | None = None) -> Instance:
    return Instance(uid=uid, provider_id=f"aws:///z/{uid}" if number is None else f"aws:///z/i-{number}")


def named(fleet: Fleet, source: str, uid: str) -> list[tuple[str, str, bool]]:
    """The claims of a pod with the volumes that are found for them."""
    pod = fleet.item(Ref(source, "pod", uid))
    assert pod is not None
    return [
        (found.claim, f"{found.volume.ref.source}/{found.volume.ref.uid}", found.guessed)
        for found in fleet.volumes_of(pod)
    ]


def fleet_of(*frames: Frame) -> Fleet:
    fleet = Fleet()
    for frame in frames:
        fleet.apply(frame)
    return fleet


EAST = (
    upsert("east", node("u1", "n1", provider_id="aws:///z/i-1"), claimer("p", node="n1")),
    upsert("aws", machine("i-1")),
)
"""A pod that runs on i-1."""


# ---- by example --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "claim"),
    [
        (TAGS.format("data-0"), "db/data-0"),
        (f"Name=x,{TAGS.format('data-0')},z=", "db/data-0"),
        ("kubernetes.io/created-for/pvc/name=data-0", ""),
        ("kubernetes.io/created-for/pvc/name=,kubernetes.io/created-for/pvc/namespace=db", ""),
        ("Name=kubernetes.io/created-for/pvc/name", ""),
        ("", ""),
    ],
)
def test_the_claim_that_a_volume_is_tagged_for(labels: str, claim: str) -> None:
    assert claim_of(labels) == claim


def test_volumes_come_in_the_order_of_the_claims_and_one_that_is_not_known_is_left_out() -> None:
    fleet = fleet_of(
        *EAST,
        upsert("east", claimer("p", "wal-0", "none-0", "data-0", node="n1")),
        upsert("aws", volume("v1", machine="i-1"), volume("v2", "wal-0", machine="i-1")),
    )
    assert named(fleet, "east", "p") == [("wal-0", "aws/v2", False), ("data-0", "aws/v1", False)]
    fleet.apply(upsert("east", claimer("p", node="n1", namespace="other")))
    assert named(fleet, "east", "p") == []


def test_what_is_attached_where_the_pod_runs_goes_before_what_is_elsewhere() -> None:
    fleet = fleet_of(*EAST, upsert("aws", volume("v1"), volume("v2", machine="i-1"), machine("i-9")))
    fleet.apply(upsert("other", volume("v3", machine="i-1")))
    fleet.apply(delete("other", "volume", "v3"))
    assert named(fleet, "east", "p") == [("data-0", "aws/v2", False)]


def test_a_pod_that_is_nowhere_yet_has_the_volume_where_its_cluster_is() -> None:
    fleet = fleet_of(
        *EAST, upsert("east", claimer("p")), upsert("aws", volume("v1")), upsert("far", volume("v2"))
    )
    assert named(fleet, "east", "p") == [("data-0", "aws/v1", False)]
    fleet.apply(delete("east", "node", "u1"))
    assert named(fleet, "east", "p") == [("data-0", "aws/v1", True), ("data-0", "far/v2", True)]


def test_a_volume_on_a_machine_of_another_cluster_is_never_meant() -> None:
    fleet = fleet_of(*EAST, upsert("east", claimer("p")), upsert("aws", volume("v1", machine="i-2")))
    # A machine that nobody knows: it may be one of a cluster that is not looked at.
    assert named(fleet, "east", "p") == [("data-0", "aws/v1", True)]
    fleet.apply(upsert("aws", machine("i-2")))
    fleet.apply(upsert("west", node("u2", "n1", provider_id="aws:///z/i-2"), claimer("p", node="n1")))
    assert named(fleet, "east", "p") == []
    assert named(fleet, "west", "p") == [("data-0", "aws/v1", False)]


def test_several_that_may_be_meant_are_guesses_and_two_views_of_one_are_not() -> None:
    fleet = fleet_of(*EAST, upsert("aws", volume("v1"), volume("v2")))
    assert named(fleet, "east", "p") == [("data-0", "aws/v1", True), ("data-0", "aws/v2", True)]
    fleet.apply(delete("aws", "volume", "v2"))
    fleet.apply(upsert("aws-too", machine("i-1"), volume("v1", machine="i-1")))
    fleet.apply(upsert("aws", volume("v1", machine="i-1")))
    assert named(fleet, "east", "p") == [("data-0", "aws/v1", False)]


def test_a_pod_more_of_a_shared_claim_is_looked_at_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    plain = Claims._claimed

    def counted(self: Claims, pod: Item, claim: str) -> list[Claimed]:
        looked_at.append(claim)
        return plain(self, pod, claim)

    monkeypatch.setattr(Claims, "_claimed", counted)
    fleet = fleet_of(upsert("aws", volume("v1")))
    fleet.apply(upsert("east", *(claimer(f"p{number}") for number in range(500))))
    assert len(looked_at) == 500
    [found] = fleet.items("volume")
    assert len(mounts(found)) == 500


def test_other_records_with_such_labels_are_no_volumes() -> None:
    fleet = fleet_of(
        *EAST, upsert("aws", Record(kind="group", uid="g", name="g", labels=TAGS.format("data-0")))
    )
    assert named(fleet, "east", "p") == []


# ---- against one computed from scratch ---------------------------------------------------------------


def expected(fleet: Fleet, pod: Item) -> list[tuple[str, Ref, bool]]:
    """The same question answered by looking at everything."""
    answers = []
    homes = {i.ref.source for i in fleet.items("instance") if i.node and i.node.ref.source == pod.ref.source}
    machine = pod.node and pod.node.instance
    for claim in pod.obj.claims:
        tagged = [v for v in fleet.items("volume") if v.obj.labels == TAGS.format(claim)]
        tagged = [
            v for v in tagged if pod.obj.namespace == "db" and cluster(fleet, v) in (None, pod.ref.source)
        ]
        here = [v for v in tagged if v.obj.owner and machine and v.obj.owner.uid == machine.ref.uid]
        at_home = [v for v in tagged if v.ref.source in homes]
        near = [v for v in at_home if v.obj.owner is None or cluster(fleet, v) is not None]
        refs = sorted(v.ref for v in here or near or tagged)
        refs = [ref for n, ref in enumerate(refs) if ref.uid not in {other.uid for other in refs[:n]}]
        answers += [(claim, ref, len(refs) > 1 or not (here or near)) for ref in refs]
    return answers


def cluster(fleet: Fleet, volume: Item) -> str | None:
    owner = volume.obj.owner
    attached = owner and fleet.item(Ref(volume.ref.source, "instance", owner.uid))
    return attached.node.ref.source if attached and attached.node else None


def mounts(volume: Item) -> set[Ref]:
    return {pod.ref for pod in volume.pods or ()}


changes = st.one_of(
    st.builds(
        upsert,
        st.sampled_from(["east", "west"]),
        st.builds(
            claimer,
            st.sampled_from(["p", "q"]),
            st.sampled_from(["data-0", "wal-0"]),
            node=st.sampled_from(["", "n1", "n2"]),
            namespace=st.sampled_from(["db", "db", "web"]),
        ),
    ),
    st.builds(
        upsert,
        st.sampled_from(["east", "west"]),
        st.builds(
            node,
            st.sampled_from(["u1", "u2"]),
            st.sampled_from(["n1", "n2"]),
            created=st.sampled_from([10.0, 20.0]),
            provider_id=st.sampled_from(["aws:///z/i-1", "aws:///z/i-2", ""]),
        ),
    ),
    st.builds(
        upsert,
        st.sampled_from(["aws", "far"]),
        st.builds(machine, st.sampled_from(["i-1", "i-2"]), st.sampled_from([None, None, 1])),
    ),
    st.builds(
        upsert,
        st.sampled_from(["aws", "far"]),
        st.builds(
            volume,
            st.sampled_from(["v1", "v2"]),
            st.sampled_from(["data-0", "data-0", "wal-0"]),
            st.sampled_from(["", "i-1", "i-2"]),
        ),
    ),
    st.builds(upsert, st.sampled_from(["aws", "far"]), st.builds(volume, st.just("v1"), labels=st.just(""))),
    st.builds(delete, st.sampled_from(["east", "west"]), st.just("pod"), st.sampled_from(["p", "q"])),
    st.builds(delete, st.sampled_from(["east", "west"]), st.just("node"), st.sampled_from(["u1", "u2"])),
    st.builds(delete, st.sampled_from(["aws", "far"]), st.just("instance"), st.sampled_from(["i-1", "i-2"])),
    st.builds(delete, st.sampled_from(["aws", "far"]), st.just("volume"), st.sampled_from(["v1", "v2"])),
    st.builds(lambda source: Frame(2.0, source, Gone()), st.sampled_from(["east", "west", "aws", "far"])),
)
SCENE = (
    *EAST,
    upsert("east", node("u2", "n2", provider_id="aws:///z/i-2"), claimer("q", "wal-0")),
    upsert("west", node("u1", "n1", provider_id="aws:///z/i-2"), claimer("p", node="n1")),
    upsert("aws", machine("i-2")),
    upsert("aws", volume("v1", machine="i-1"), volume("v2", "wal-0")),
    upsert("aws", volume("v3")),
    upsert("far", volume("v2")),
)
histories = st.builds(
    lambda arrivals, then: [*arrivals, *then], st.permutations(SCENE), st.lists(changes, max_size=15)
)


@settings(deadline=None)
@given(histories)
def test_whatever_happened_a_pod_s_volumes_are_as_computed_from_scratch(history: list[Frame]) -> None:
    fleet = Fleet()
    shown: dict[Ref, set[Ref]] = {}
    for frame in history:
        fleet.apply(frame)
        answers = {pod.ref: expected(fleet, pod) for pod in fleet.items("pod")}
        for pod in fleet.items("pod"):
            assert [(f.claim, f.volume.ref, f.guessed) for f in fleet.volumes_of(pod)] == answers[pod.ref]
        told = fleet.take().changed["volume"]
        for item in fleet.items("volume"):
            users = {ref for ref, found in answers.items() if item.ref in {each[1] for each in found}}
            assert mounts(item) == users
            assert shown.get(item.ref) == users or item.ref in told
            shown[item.ref] = users
    for source in list(fleet.sources):
        fleet.apply(Frame(9.0, source, Gone()))
    fleet.take()
    assert census(fleet) == census(Fleet())
