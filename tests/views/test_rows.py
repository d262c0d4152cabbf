"""Objects as rows: a table for each kind."""

from __future__ import annotations

from typing import Any

import pytest

from console.fleet import Fleet, Item
from console.views import VIEWS, kind_called, view_of
from providers.model import (
    About,
    Column,
    Complete,
    Condition,
    Health,
    Instance,
    Node,
    Owner,
    Pod,
    Record,
    Ref,
    Schema,
    SourceInfo,
    State,
)
from providers.stream import Frame
from tests.fleet.worlds import upsert
from widgets.columns import lay_out

NOW = 100_000.0


def rowed(*objects: Any, frames: tuple[Frame, ...] = ()) -> Item:
    """The first object, in a live source that holds them all."""
    fleet = Fleet()
    fleet.apply(Frame(1.0, "east", About(SourceInfo(name="east", provider="x"))))
    fleet.apply(Frame(1.0, "east", Health(state="live", since=1.0)))
    fleet.apply(upsert("east", *objects))
    for frame in frames:
        fleet.apply(frame)
    kind = type(objects[0]).__struct_config__.tag
    item = fleet.item(Ref("east", kind, objects[0].uid))
    assert item is not None
    return item


def cell(item: Item, key: str) -> tuple[str, str]:
    column = VIEWS[item.kind].column(key)
    assert column is not None
    return tuple(column.cell(item, NOW))  # type: ignore[return-value]


def pod(**facts: Any) -> Pod:
    return Pod(**{"uid": "p", "namespace": "web", "name": "api", "ready": 1, "containers": 1, **facts})


@pytest.mark.parametrize(
    ("facts", "shown", "severity", "counted"),
    [
        ({"status": "Running"}, ("● Running", "good"), 0, ()),
        ({"status": "Running", "ready": 0}, ("◐ Running", "warn"), 2, ("not ready",)),
        ({"status": "Completed", "ready": 0}, ("✓ Completed", "dim"), 0, ()),
        ({"status": "Pending"}, ("◌ Pending", "warn"), 2, ("pending",)),
        ({"status": "Pending", "node": "n1"}, ("◐ Pending", "info"), 1, ("starting",)),
        ({"status": "ContainerCreating"}, ("◐ ContainerCreating", "info"), 1, ("starting",)),
        ({"status": "PodInitializing"}, ("◐ PodInitializing", "info"), 1, ("starting",)),
        ({"status": "Init:0/2"}, ("◐ Init:0/2", "info"), 1, ("starting",)),
        ({"status": "Init:CrashLoopBackOff"}, ("✕ Init:CrashLoopBackOff", "bad"), 3, ("failing",)),
        ({"status": "Init:ExitCode:1"}, ("✕ Init:ExitCode:1", "bad"), 3, ("failing",)),
        ({"status": "CrashLoopBackOff"}, ("✕ CrashLoopBackOff", "bad"), 3, ("failing",)),
        ({"status": "ImagePullBackOff"}, ("✕ ImagePullBackOff", "bad"), 3, ("failing",)),
        ({"status": "Evicted"}, ("✕ Evicted", "bad"), 3, ("failing",)),
        ({"status": "OOMKilled"}, ("✕ OOMKilled", "bad"), 3, ("failing",)),
        ({"status": "SchedulingGated"}, ("◌ SchedulingGated", "info"), 1, ("pending",)),
        ({"status": "NotReady"}, ("◐ NotReady", "warn"), 2, ("not ready",)),
        ({"status": "Terminating"}, ("◐ Terminating", "info"), 1, ("terminating",)),
        ({"status": "Unknown"}, ("? Unknown", "bad"), 3, ("unknown",)),
        ({"status": ""}, ("? unknown", "bad"), 3, ("unknown",)),
    ],
)
def test_a_pod_s_status(
    facts: dict[str, Any], shown: tuple[str, str], severity: int, counted: tuple[str, ...]
) -> None:
    item = rowed(pod(**facts))
    how = VIEWS["pod"].trouble(item)
    assert (cell(item, "status"), how.severity, how.counted) == (shown, severity, counted)


@pytest.mark.parametrize(
    ("facts", "key", "shown"),
    [
        ({}, "restarts", "0"),
        ({"restarts": 3}, "restarts", "3"),
        ({"restarts": 3, "last_restart": NOW - 312}, "restarts", "3 (5m12s)"),
        ({"ready": 1, "containers": 2}, "ready", "1/2"),
        ({"created": NOW - 7200}, "age", "120m"),
        ({"created": NOW + 5}, "age", "0s"),
        ({}, "age", "–"),
        ({}, "node", "–"),
        ({"node": "n1"}, "node", "n1"),
        ({}, "ip", "–"),
        ({}, "zone", "–"),
        ({"owner": Owner("ReplicaSet", "api-7f", "u")}, "owner", "ReplicaSet api-7f"),
    ],
)
def test_a_pod_s_other_cells(facts: dict[str, Any], key: str, shown: str) -> None:
    assert cell(rowed(pod(**facts)), key)[0] == shown


def test_a_pod_s_zone_is_its_node_s() -> None:
    assert cell(rowed(pod(node="n1"), Node(uid="n", name="n1", zone="b")), "zone")[0] == "b"


def node(**facts: Any) -> Node:
    return Node(**{"uid": "n", "name": "n1", "status": "Ready", "ready": True, **facts})


PRESSED = Condition("MemoryPressure", "True", "KubeletHasInsufficientMemory")


@pytest.mark.parametrize(
    ("facts", "shown", "counted"),
    [
        ({}, ("● Ready", "good"), ()),
        (
            {"status": "Ready,SchedulingDisabled", "unschedulable": True},
            ("⊘ Ready cordoned", "warn"),
            ("cordoned",),
        ),
        ({"status": "NotReady", "ready": False}, ("✕ NotReady", "bad"), ("not ready",)),
        (
            {
                "status": "NotReady",
                "ready": False,
                "conditions": (Condition("Ready", "False", since=NOW - 40),),
            },
            ("✕ NotReady 40s", "bad"),
            ("not ready",),
        ),
        (
            {"status": "NotReady,SchedulingDisabled", "ready": False, "unschedulable": True},
            ("✕ NotReady ⊘ cordoned", "bad"),
            ("not ready", "cordoned"),
        ),
        ({"status": "Unknown", "ready": None}, ("? Unknown", "bad"), ("not ready",)),
        ({"status": "", "ready": None}, ("? Unknown", "bad"), ("not ready",)),
        ({"conditions": (PRESSED,)}, ("◐ Ready MemoryPressure", "warn"), ("under pressure",)),
    ],
)
def test_a_node_s_status(facts: dict[str, Any], shown: tuple[str, str], counted: tuple[str, ...]) -> None:
    item = rowed(node(**facts))
    assert (cell(item, "status"), VIEWS["node"].trouble(item).counted) == (shown, counted)


def _health(state: State, kind: str = "") -> Frame:
    return Frame(2.0, "east", Health(state=state, since=2.0, kind=kind))


COMPLETE = Frame(2.0, "east", Complete("pod"))


@pytest.mark.parametrize(
    ("pods", "frames", "shown"),
    [
        (0, (COMPLETE,), "0"),
        (2, (COMPLETE,), "2"),
        (2, (_health("loading"),), "–"),
        (2, (_health("lost"),), "≥2"),
        (0, (_health("lost"),), "–"),
        (0, (_health("denied", "pod"),), "denied"),
    ],
)
def test_zero_pods_unknown_and_forbidden_look_different(
    pods: int, frames: tuple[Frame, ...], shown: str
) -> None:
    here = [pod(uid=f"p{number}", node="n1") for number in range(pods)]
    assert cell(rowed(node(), *here, frames=frames), "pods")[0] == shown


def test_a_node_shows_its_machine() -> None:
    machine = Instance(uid="i-1", provider_id="aws:///z/i-1", state="running", checks="2/2", type="c6i.large")
    item = rowed(node(provider_id="aws:///z/i-1"), machine)
    assert cell(item, "instance") == ("● running 2/2", "good")
    assert cell(item, "type")[0] == "c6i.large"
    gone = rowed(
        node(provider_id="aws:///z/i-1"),
        Instance(uid="i-1", provider_id="aws:///z/i-1", state="stopped", reason="reclaimed"),
    )
    assert cell(gone, "instance") == ("✕ stopped · reclaimed", "bad")
    assert VIEWS["node"].trouble(gone).counted == ("on a lost machine",)
    assert cell(rowed(node()), "instance")[0] == "–"


@pytest.mark.parametrize(
    ("facts", "with_node", "shown", "severity"),
    [
        ({"state": "running", "checks": "2/2"}, False, "● running", 0),
        ({"state": "running", "checks": "1/2"}, False, "◐ running", 2),
        ({"state": "running"}, False, "● running", 0),
        ({"state": "pending"}, False, "◐ pending", 1),
        ({"state": "stopped"}, False, "○ stopped", 0),
        ({"state": "terminated", "reason": "spot"}, True, "✕ terminated · spot", 3),
        ({"state": ""}, False, "–", 1),
        ({"state": "hibernating"}, False, "? hibernating", 1),
    ],
)
def test_an_instance_s_state(facts: dict[str, Any], with_node: bool, shown: str, severity: int) -> None:
    others = [node(provider_id="aws:///z/i-1")] if with_node else []
    item = rowed(Instance(uid="i-1", provider_id="aws:///z/i-1", **facts), *others)
    assert (cell(item, "state")[0], VIEWS["instance"].trouble(item).severity) == (shown, severity)


@pytest.mark.parametrize(
    ("frames", "shown", "detail"),
    [
        ((), ("● live", "good"), ""),
        ((_health("loading"),), ("◐ loading", "info"), ""),
        ((_health("lagging"),), ("◐ stale 27h", "warn"), ""),
        ((_health("lost"),), ("✕ lost 27h", "bad"), ""),
        ((_health("denied", "pod"),), ("✕ denied: pods", "bad"), ""),
        (
            (Frame(2.0, "east", Health(state="denied", since=2.0, detail="403 on pods", kind="pod")),),
            ("✕ denied: pods", "bad"),
            "403 on pods",
        ),
    ],
)
def test_a_source_s_health(frames: tuple[Frame, ...], shown: tuple[str, str], detail: str) -> None:
    item = rowed(pod(), frames=frames).source.item
    assert (cell(item, "health"), cell(item, "detail")[0]) == (shown, detail)


def test_a_source_s_counts_say_what_may_be_more() -> None:
    item = rowed(node(), pod(), pod(uid="p2"), frames=(COMPLETE,)).source.item
    assert cell(item, "objects")[0] == "2 pods · ≥1 node"


def test_a_source_heard_from_just_now_does_not_tick() -> None:
    item = rowed(pod()).source.item
    column = VIEWS["source"].column("heard")
    assert column is not None
    assert {column.cell(item, 1.0 + seconds).text for seconds in range(14)} == {"now"}
    assert column.cell(item, 61.0).text == "60s ago"


def test_every_kind_names_its_columns_once_and_sorts_by_one_of_them() -> None:
    for view in VIEWS.values():
        keys = [column.spec.key for column in view.columns]
        assert len(keys) == len(set(keys))
        assert view.default_sort in keys


def test_every_word_that_is_counted_has_its_place_in_the_title() -> None:
    for state in ("connecting", "loading", "live", "lagging", "lost", "denied"):
        item = rowed(pod(), frames=(_health(state),)).source.item
        assert set(VIEWS["source"].trouble(item).counted) <= set(VIEWS["source"].counted)


def test_80_columns_are_enough_for_what_kubectl_shows() -> None:
    specs = [column.spec for column in VIEWS["pod"].columns if column.origin is None]
    layout = lay_out(specs, 80)
    shown = {specs[place.column].key: place.width for place in layout.places}
    assert list(shown) == ["namespace", "name", "ready", "status", "restarts", "age"]
    assert shown["name"] >= 20
    assert shown["status"] >= len("✕ CrashLoopBackOff")
    assert shown["restarts"] >= len("147 (5m12s)")


# ---- details -----------------------------------------------------------------------------------------


def details(item: Item) -> dict[str, dict[str, str]]:
    sections = VIEWS[item.kind].details(item, Fleet(), NOW)
    return {section.title: {label: cell.text for label, cell in section.facts} for section in sections}


def test_why_a_pod_is_unwell_comes_first() -> None:
    item = rowed(
        pod(status="CrashLoopBackOff", ready=0, message="back-off 5m", node="n1", labels="app=api,tier=web"),
        node(status="NotReady", ready=False),
    )
    found = details(item)
    assert list(found) == ["Why", "Pod", "Labels"]
    assert found["Why"] == {
        "status": "✕ CrashLoopBackOff",
        "message": "back-off 5m",
        "node": "n1 · NotReady",
    }
    assert found["Pod"]["owner"] == "none: a bare pod"
    assert "Why" not in details(rowed(pod(status="Running")))


def test_a_pod_whose_node_nobody_knows_says_so() -> None:
    assert details(rowed(pod(node="n9")))["Pod"]["node"] == "n9 · not known"
    assert details(rowed(pod()))["Pod"]["node"] == "none yet"


def test_a_node_s_details_rank_its_pods() -> None:
    ready = Condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting", NOW - 40)
    item = rowed(
        node(
            status="NotReady",
            ready=False,
            conditions=(ready,),
            provider_id="aws:///z/i-1",
            unschedulable=True,
        ),
        Instance(uid="i-1", provider_id="aws:///z/i-1", state="stopped"),
        pod(uid="a", node="n1", status="Running"),
        pod(uid="b", node="n1", status="Running"),
        pod(uid="c", node="n1", status="Error"),
        frames=(COMPLETE,),
    )
    found = details(item)
    assert list(found) == ["Why", "Pods", "Node", "Conditions"]
    assert found["Why"]["Ready"] == "NodeStatusUnknown · Kubelet stopped posting · for 40s"
    assert found["Why"]["status"] == "NotReady: instance stopped"
    assert "cordoned" in found["Why"]
    assert list(found["Pods"].items()) == [("pods", "3"), ("Error", "✕ 1"), ("Running", "● 2")]


def test_an_instance_s_details_say_what_it_takes_down() -> None:
    item = rowed(
        Instance(uid="i-1", provider_id="aws:///z/i-1", state="terminated", tags=(("Team", "sre"),)),
        node(provider_id="aws:///z/i-1"),
        pod(node="n1"),
    )
    found = details(item)
    assert found["Why"]["takes"] == "node n1 with 1 pod"
    assert found["Instance"]["tags"] == "Team=sre"


def test_a_source_s_details_give_the_remedy() -> None:
    lost = Health(state="lost", since=NOW - 40, detail="refused", remedy="is it running?", skipped=3)
    found = details(rowed(pod(), frames=(Frame(2.0, "east", lost),)).source.item)
    assert found["Why"]["source"] == "✕ lost for 40s"
    assert found["Why"]["remedy"] == "is it running?"
    assert found["Why"]["skipped"] == "3 messages could not be read"


# ---- kinds without a view ----------------------------------------------------------------------------


def _records() -> Fleet:
    fleet = Fleet()
    columns = (Column("Name"), Column("Ready"), Column("Up-to-date", numeric=True), Column("Images", 1))
    fleet.apply(Frame(1.0, "east", Schema(kind="deployments.apps", title="Deployments", columns=columns)))
    fleet.apply(
        upsert(
            "east",
            Record(
                kind="deployments.apps",
                uid="d",
                name="web",
                namespace="shop",
                created=NOW - 60,
                cells=("web", "2/3", "3", "nginx"),
            ),
        )
    )
    return fleet


def test_any_kind_has_the_columns_its_server_gives() -> None:
    fleet = _records()
    view = view_of("deployments.apps", fleet)
    item = next(fleet.items("deployments.apps"))
    shown = {column.spec.title: column.cell(item, NOW).text for column in view.columns}
    assert shown == {
        "CLUSTER": "east",
        "NAMESPACE": "shop",
        "NAME": "web",
        "READY": "2/3",
        "UP-TO-DATE": "3",
        "IMAGES": "nginx",
        "AGE": "60s",
    }
    assert view.fields["up-to-date"].value(item) == 3.0


def test_clusters_that_give_a_kind_other_columns_keep_their_own() -> None:
    fleet = _records()
    view = view_of("deployments.apps", fleet)
    fleet.apply(
        Frame(
            1.0,
            "west",
            Schema(kind="deployments.apps", title="D", columns=(Column("Images"), Column("Ready"))),
        )
    )
    fleet.apply(upsert("west", Record(kind="deployments.apps", uid="w", name="x", cells=("redis", "1/1"))))
    item = fleet.item(Ref("west", "deployments.apps", "w"))
    column = view.column("ready")
    assert item is not None
    assert column is not None
    assert column.cell(item, NOW).text == "1/1"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("po", "pod"),
        ("Pods", "pod"),
        ("no", "node"),
        ("ctx", "source"),
        ("deployments", "deployments.apps"),
        ("nothing", None),
    ],
)
def test_kinds_by_what_people_call_them(word: str, kind: str | None) -> None:
    assert kind_called(word, _records()) == kind
