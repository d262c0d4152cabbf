"""What the stream adds up to, and what is told of it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import msgspec
import pytest

from console.fleet import Fleet
from console.item import Item
from providers.model import (
    About,
    Column,
    Complete,
    Health,
    Heard,
    Owner,
    Pod,
    Record,
    Ref,
    Schema,
    SourceInfo,
    State,
    Upserts,
)
from providers.stream import Beat, Failed, Frame
from tests.fleet.worlds import WELCOME, delete, node, pod, upsert


def found(fleet: Fleet, kind: str, uid: str, source: str = "east") -> Item:
    item = fleet.item(Ref(source, kind, uid))
    assert item is not None
    return item


def health(state: State, since: float = 5.0, kind: str = "") -> Frame:
    return Frame(since, "east", Health(state=state, since=since, kind=kind))


def test_take_tells_what_changed_once() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a"), pod("b")))
    assert fleet.take().changed["pod"] == {Ref("east", "pod", "a"), Ref("east", "pod", "b")}
    assert not fleet.take()
    fleet.apply(delete("east", "pod", "a"))
    changes = fleet.take()
    assert (changes.changed["pod"], changes.gone["pod"]) == (set(), {Ref("east", "pod", "a")})


def test_what_came_back_before_anybody_looked_is_not_gone() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a")))
    fleet.take()
    fleet.apply(delete("east", "pod", "a"))
    fleet.apply(upsert("east", pod("a")))
    changes = fleet.take()
    assert (changes.changed["pod"], changes.gone["pod"]) == ({Ref("east", "pod", "a")}, set())


def test_L12_the_same_object_again_is_no_change() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a", status="Running")))
    version = found(fleet, "pod", "a").version
    fleet.take()
    fleet.apply(upsert("east", pod("a", status="Running")))
    assert found(fleet, "pod", "a").version == version
    assert "pod" not in {kind for kind, refs in fleet.take().changed.items() if refs}


def test_L12_deleting_what_is_not_there_is_no_change() -> None:
    fleet = Fleet()
    fleet.apply(delete("east", "pod", "never"))
    fleet.apply(delete("east", "nonsense", "never"))
    changes = fleet.take()
    assert not any(refs for kind, refs in changes.gone.items())
    assert fleet.count("pod") == 0


def test_one_changed_pod_tells_of_one_pod_whatever_the_fleet() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("n", "n1"), *(pod(f"p{number}", node="n1") for number in range(500))))
    fleet.take()
    fleet.apply(upsert("east", pod("p7", node="n1", status="Error")))
    changed = fleet.take().changed
    assert changed["pod"] == {Ref("east", "pod", "p7")}
    assert not changed["node"]


def test_a_node_s_heartbeat_does_not_touch_its_pods() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("n", "n1", status="Ready"), pod("p", node="n1")))
    fleet.take()
    fleet.apply(upsert("east", node("n", "n1", status="Ready", rv="2")))
    assert not fleet.take().changed["pod"]
    fleet.apply(upsert("east", node("n", "n1", status="NotReady", rv="3")))
    assert fleet.take().changed["pod"] == {Ref("east", "pod", "p")}


def test_after_a_restart_of_the_engine_what_it_no_longer_tells_of_goes_at_complete() -> None:
    fleet = Fleet()
    fleet.apply(Frame(0.0, "", WELCOME))
    fleet.apply(upsert("east", pod("stays"), pod("went")))
    fleet.apply(Frame(1.0, "east", Complete("pod")))
    fleet.engine_lost("the engine died", "it is being started again", 2.0)
    assert fleet.count("pod") == 2
    fleet.apply(Frame(3.0, "", WELCOME))
    fleet.apply(upsert("east", pod("stays"), pod("new")))
    assert fleet.count("pod") == 3
    fleet.apply(Frame(4.0, "east", Complete("pod")))
    assert {item.ref.uid for item in fleet.items("pod")} == {"stays", "new"}


def test_a_relist_by_the_same_engine_removes_nothing_by_itself() -> None:
    fleet = Fleet()
    fleet.apply(Frame(0.0, "", WELCOME))
    fleet.apply(upsert("east", pod("a")))
    for _ in range(2):
        fleet.apply(Frame(1.0, "east", Complete("pod")))
    assert fleet.count("pod") == 1


def test_a_lost_engine_makes_every_source_stale_and_removes_nothing() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a")))
    fleet.apply(health("live"))
    fleet.take()
    fleet.engine_lost("the engine died", "it is being started again", 9.0)
    source = fleet.sources["east"]
    assert (source.live, source.stale_since, source.health.detail) == (False, 9.0, "the engine died")
    assert found(fleet, "pod", "a").stale_since == 9.0
    assert fleet.take().restyled == {"east"}


@pytest.mark.parametrize("state", ["lagging", "lost", "denied"])
def test_L17_stale_since_it_stopped_until_it_is_live_again(state: State) -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a")))
    fleet.apply(health("live", 1.0))
    fleet.apply(health(state, 10.0))
    fleet.apply(health("lost", 20.0))
    fleet.apply(health("connecting", 30.0))
    fleet.apply(health("loading", 31.0))
    assert found(fleet, "pod", "a").stale_since == 10.0
    fleet.apply(health("live", 40.0))
    assert found(fleet, "pod", "a").stale_since is None


def test_what_loads_for_the_first_time_is_not_stale() -> None:
    fleet = Fleet()
    fleet.apply(health("connecting", 1.0))
    fleet.apply(health("loading", 2.0))
    fleet.apply(upsert("east", pod("a")))
    assert found(fleet, "pod", "a").stale_since is None
    assert not fleet.sources["east"].live


def test_a_kind_that_is_denied_makes_only_its_own_rows_stale() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a"), node("n", "n1")))
    fleet.apply(health("live", 1.0))
    fleet.apply(health("denied", 7.0, kind="pod"))
    assert found(fleet, "pod", "a").stale_since == 7.0
    assert found(fleet, "node", "n").stale_since is None
    assert fleet.sources["east"].health_of("pod").state == "denied"
    assert fleet.sources["east"].health_of("node").state == "live"


def test_another_engine_does_not_inherit_what_the_last_one_said_of_a_kind() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a")))
    fleet.apply(health("live", 1.0))
    fleet.apply(health("denied", 7.0, kind="pod"))
    fleet.take()
    fleet.apply(Frame(8.0, "", WELCOME))
    assert fleet.sources["east"].kinds == {}
    changes = fleet.take()
    assert changes.sources == changes.restyled == {"east"}
    assert changes.changed["source"] == {Ref("east", "source", "east")}


def test_heard_is_the_latest_time_of_all_that_was_said() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a"), at=3.0))
    fleet.apply(Frame(5.0, "east", Heard()))
    fleet.apply(Frame(9.0, "", Beat({"east": 8.0, "nobody": 9.0})))
    fleet.apply(Frame(9.5, "", Beat({"east": 4.0})))
    assert fleet.sources["east"].heard == 8.0
    assert list(fleet.sources) == ["east"]


def test_a_beat_is_no_reason_to_repaint_anything_but_its_source() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a")))
    fleet.take()
    fleet.apply(Frame(9.0, "", Beat({"east": 8.0})))
    changes = fleet.take()
    assert {kind for kind, refs in changes.changed.items() if refs} == {"source"}
    assert not changes.sources


def test_frames_that_mean_nothing_here_change_nothing() -> None:
    fleet = Fleet()
    body: Any = object()
    fleet.apply(Frame(1.0, "east", body))
    fleet.apply(Frame(1.0, "", Upserts((pod("a"),))))
    fleet.apply(Frame(1.0, "", Failed(id=0, detail="x")))
    assert fleet.count("pod") == 0


def test_sources_are_rows_too() -> None:
    fleet = Fleet()
    fleet.apply(Frame(1.0, "east", About(SourceInfo(name="east", provider="kubernetes", cluster="prod"))))
    item = found(fleet, "source", "east")
    assert (item.obj.cluster, fleet.count("source"), list(fleet.items("source"))) == ("prod", 1, [item])
    assert fleet.take().sources == {"east"}


def test_records_come_with_their_columns() -> None:
    fleet = Fleet()
    schema = Schema(kind="deployments.apps", title="Deployments", columns=(Column("Ready"),))
    fleet.apply(Frame(1.0, "east", schema))
    owner = Owner("Deployment", "web", "d1")
    fleet.apply(
        upsert("east", Record(kind="deployments.apps", uid="r", name="web", owner=owner, cells=("1/2",)))
    )
    assert fleet.take().schemas == {"deployments.apps"}
    assert [item.name for item in fleet.items("deployments.apps")] == ["web"]
    assert [item.ref.uid for item in fleet.owned_by("d1")] == ["r"]


def _decoded_pods(count: int) -> list[bytes]:
    """Frames as they come through the pipe: every string of every pod is a new object."""
    encoder = msgspec.msgpack.Encoder()
    pods = [
        Pod(
            uid=f"{number:08d}-0000-4000-8000-000000000000",
            namespace=f"team-{number % 40}",
            name=f"service-{number % 400}-7f9c9d5b7b-{number:05d}",
            created=1e9 + number,
            status="Running",
            ready=2,
            containers=2,
            node=f"ip-10-0-{number % 300}",
            ip=f"10.1.{number % 250}.{number // 250}",
            phase="Running",
            owner=Owner("ReplicaSet", f"service-{number % 400}", f"rs-{number % 400:032d}"),
            labels=f"app=service-{number % 400},pod-template-hash=7f9c9d5b7b,tier=backend",
            rv=str(100000 + number),
        )
        for number in range(count)
    ]
    return [
        encoder.encode(Frame(1.0, "east", Upserts(tuple(pods[start : start + 500]))))
        for start in range(0, count, 500)
    ]


def test_equal_words_of_many_pods_are_one_object() -> None:
    fleet = Fleet()
    decoder = msgspec.msgpack.Decoder(Frame)
    for data in _decoded_pods(1000):
        fleet.apply(decoder.decode(data))
    pods = [item.obj for item in fleet.items("pod")]
    for field, most in (("namespace", 40), ("node", 300), ("status", 1), ("labels", 400), ("owner", 400)):
        assert len({id(getattr(pod, field)) for pod in pods}) == most


def test_a_pod_with_its_indexes_takes_less_than_1200_bytes() -> None:
    frames = _decoded_pods(8000)
    decoder = msgspec.msgpack.Decoder(Frame)
    fleet = Fleet()
    tracemalloc.start()
    try:
        for data in frames:
            fleet.apply(decoder.decode(data))
        fleet.take()
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used / 8000 < 1200
