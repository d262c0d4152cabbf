"""What is said of machines, and of what runs on them and belongs to them."""

from __future__ import annotations

from typing import Any

import pytest

from console.fleet import Fleet, Item
from console.prices import table
from console.reasons import reason_words
from console.views import VIEWS, view_of
from console.views.listing import Listing
from console.views.notices import notice_words
from providers.model import (
    About,
    Budget,
    Column,
    Complete,
    Condition,
    Deletes,
    Health,
    Instance,
    Node,
    Notice,
    Owner,
    Pod,
    Record,
    Ref,
    Schema,
    SourceInfo,
)
from providers.stream import Frame
from tests.fleet.worlds import upsert
from widgets.columns import lay_out

NOW = 100_000.0
RECLAIMED = "Server.SpotInstanceTermination: Spot instance termination"
HERE = SourceInfo(
    name="aws", provider="aws", account="prod 123456789012", region="eu-west-1", kinds=("instance", "volume")
)
PLACE = "aws:///eu-west-1b/i-1"


def fleet_of(*objects: Any) -> Fleet:
    """A cluster and an account, each with its objects."""
    fleet = Fleet()
    cluster = SourceInfo(name="prod", provider="kubernetes", cluster="prod", kinds=("node", "pod"))
    fleet.apply(Frame(1.0, "prod", About(cluster)))
    fleet.apply(Frame(1.0, "aws", About(HERE)))
    columns = (Column("State"), Column("Size", numeric=True), Column("Instance"))
    volumes = Schema(kind="volume", title="Volumes", columns=columns, namespaced=False)
    fleet.apply(Frame(1.0, "aws", volumes))
    for obj in objects:
        fleet.apply(upsert("prod" if isinstance(obj, Node | Pod) else "aws", obj))
    fleet.apply(Frame(2.0, "prod", Complete("pod")))
    return fleet


def instance(**facts: Any) -> Instance:
    given = {"uid": "i-1", "name": "web", "state": "running", "type": "m5.large", "zone": "eu-west-1b"}
    return Instance(**{**given, "lifecycle": "on-demand", "provider_id": PLACE, **facts})


def node(**facts: Any) -> Node:
    given = {"uid": "n", "name": "n1", "status": "Ready", "ready": True, "provider_id": PLACE}
    return Node(**{**given, **facts})


def item_of(fleet: Fleet, kind: str, uid: str) -> Item:
    item = fleet.item(Ref("prod" if kind in ("node", "pod") else "aws", kind, uid))
    assert item is not None
    return item


def cell(fleet: Fleet, kind: str, uid: str, key: str) -> tuple[str, str]:
    column = VIEWS[kind].column(key)
    assert column is not None
    return tuple(column.cell(item_of(fleet, kind, uid), NOW))  # type: ignore[return-value]


def details(fleet: Fleet, kind: str, uid: str) -> dict[str, dict[str, str]]:
    """Sections by title; lines that go on with the one above are joined to it."""
    item = item_of(fleet, kind, uid)
    found: dict[str, dict[str, str]] = {}
    for section in view_of(kind, fleet).details(item, fleet, NOW):
        facts: dict[str, str] = {}
        last = ""
        for label, told in section.facts:
            last = label or last
            facts[last] = f"{facts[last]}\n{told.text}" if last in facts else told.text
        found[section.title] = facts
    return found


# ---- states ------------------------------------------------------------------------------------------

SPOT = Notice(kind="spot interruption", at=NOW + 110)
REBALANCE = Notice(kind="rebalance", told=NOW - 60)
REBOOT = Notice(kind="scheduled", at=NOW + 2 * 86400, detail="system-reboot: maintenance of the host")
RETIRED = Notice(kind="scheduled", at=NOW + 3 * 86400, detail="instance-retirement")


@pytest.mark.parametrize(
    ("facts", "shown", "severity", "counted"),
    [
        (
            {"state": "stopped", "since": NOW - 40, "reason": RECLAIMED},
            ("○ stopped 40s · spot reclaimed", "dim"),
            0,
            ("stopped",),
        ),
        (
            {"state": "stopped", "reason": "User initiated (2026-11-24 02:13:24 GMT)"},
            ("○ stopped · by a user", "dim"),
            0,
            ("stopped",),
        ),
        ({"state": "pending", "since": NOW - 12}, ("◐ pending 12s", "info"), 1, ("changing",)),
        ({"state": "shutting-down", "since": NOW - 5}, ("◌ shutting-down 5s", "info"), 1, ("terminating",)),
        ({"since": NOW - 5, "checks": "2/2"}, ("● running", "good"), 0, ()),
        ({"checks": "1/2"}, ("◐ running", "warn"), 2, ("impaired",)),
        (
            {"group_state": "Terminating:Wait"},
            ("◐ running · Terminating:Wait", "info"),
            1,
            ("not in service",),
        ),
        ({"group_state": "InService"}, ("● running", "good"), 0, ()),
        ({"notices": (SPOT,)}, ("◐ running · reclaimed in 1m50s", "bad"), 3, ("being reclaimed",)),
        ({"notices": (REBALANCE,)}, ("◐ running · rebalance hint", "info"), 1, ("at risk",)),
        ({"notices": (REBOOT,)}, ("◐ running · reboot in 2d", "warn"), 1, ("with an event",)),
        ({"notices": (RETIRED,)}, ("◐ running · retirement in 3d", "warn"), 2, ("with an event",)),
        (
            {"notices": (REBALANCE, SPOT), "checks": "1/2"},
            ("◐ running · rebalance hint · reclaimed in 1m50s", "bad"),
            3,
            ("being reclaimed", "impaired", "at risk"),
        ),
        # What was announced has come: only its state counts.
        ({"state": "terminated", "notices": (SPOT,)}, ("○ terminated", "dim"), 0, ("terminated",)),
        ({"state": "", "observed": False}, ("· declared", "dim"), 0, ("declared",)),
        ({"state": ""}, ("–", "dim"), 1, ("unknown",)),
    ],
)
def test_a_state_says_why_since_when_and_what_is_coming(
    facts: dict[str, Any], shown: tuple[str, str], severity: int, counted: tuple[str, ...]
) -> None:
    fleet = fleet_of(instance(**facts))
    how = VIEWS["instance"].trouble(item_of(fleet, "instance", "i-1"))
    assert (cell(fleet, "instance", "i-1", "state"), how.severity, how.counted) == (shown, severity, counted)
    assert set(how.counted) <= set(VIEWS["instance"].counted)


def test_a_countdown_ticks_down_to_the_end() -> None:
    told = [notice_words(SPOT, NOW + passed) for passed in (0, 49, 51, 109, 110)]
    assert told == [
        "reclaimed in 1m50s",
        "reclaimed in 1m01s",
        "reclaimed in 59s",
        "reclaimed in 1s",
        "being reclaimed",
    ]


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (Notice(kind="spot interruption"), "being reclaimed"),
        (Notice(kind="scheduled", at=NOW - 1, detail="instance-stop"), "stop now"),
        (Notice(kind="scheduled", detail="something new"), "something new"),
        (Notice(kind="scheduled"), "event"),
        (Notice(kind="health", detail="AWS_EC2_OPERATIONAL_ISSUE"), "health event"),
        (Notice(kind="lifecycle", at=NOW + 3600, detail="drain-hook"), "drain-hook in 60m"),
        # A long text is for the details.
        (Notice(kind="lifecycle", detail="terminate in web-asg, waits for drain"), "lifecycle hook"),
        (
            Notice(kind="scheduled", at=NOW + 7200, detail="a change of the network of the host"),
            "event in 120m",
        ),
    ],
)
def test_what_is_announced(notice: Notice, words: str) -> None:
    assert notice_words(notice, NOW) == words


def test_a_reason_that_nobody_knows_is_told_as_it_is() -> None:
    assert reason_words("Server.NewCode: something else") == "Server.NewCode: something else"
    assert reason_words("spot reclaimed: no capacity left for it") == "spot reclaimed"
    assert reason_words("Client.VolumeLimitExceeded: Volume limit exceeded") == "volume limit exceeded"


# ---- a node and its machine --------------------------------------------------------------------------

GONE = {"state": "stopped", "since": NOW - 40, "reason": RECLAIMED}
UNHEARD = Condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting", NOW - 20)
LAME = {"status": "NotReady", "ready": False, "conditions": (UNHEARD,)}


def test_not_ready_reads_on_with_what_happened_to_the_machine() -> None:
    fleet = fleet_of(node(**LAME), instance(**GONE), Pod(uid="p", namespace="web", name="api", node="n1"))
    sentence = "NotReady: instance stopped 40s ago, spot reclaimed"
    assert cell(fleet, "node", "n", "instance") == ("✕ stopped 40s · spot reclaimed", "bad")
    why = details(fleet, "node", "n")["Why"]
    assert next(iter(why.items())) == ("status", sentence)
    assert why["Ready"] == "NodeStatusUnknown · Kubelet stopped posting · for 20s"
    assert details(fleet, "pod", "p")["Why"]["node"] == f"n1 · {sentence}"
    assert cell(fleet, "pod", "p", "instance") == ("✕ stopped 40s · spot reclaimed", "bad")
    assert details(fleet, "instance", "i-1")["Why"]["takes"] == "node n1 with 1 pod"


@pytest.mark.parametrize(
    ("machine", "sentence"),
    [
        ({"state": "shutting-down", "since": NOW - 5}, "NotReady: instance shutting-down for 5s"),
        ({"checks": "1/2"}, "NotReady: instance running, 1/2 checks pass"),
        ({"notices": (SPOT,)}, "NotReady: instance running, reclaimed in 1m50s"),
    ],
)
def test_other_fates_of_a_machine(machine: dict[str, Any], sentence: str) -> None:
    assert details(fleet_of(node(**LAME), instance(**machine)), "node", "n")["Why"]["status"] == sentence


def test_a_machine_that_is_well_is_not_blamed() -> None:
    assert "status" not in details(fleet_of(node(**LAME), instance(checks="2/2")), "node", "n")["Why"]


def test_a_ready_node_whose_machine_will_be_taken_says_so() -> None:
    fleet = fleet_of(node(), instance(notices=(SPOT,), checks="2/2"))
    how = VIEWS["node"].trouble(item_of(fleet, "node", "n"))
    assert (how.severity, how.counted) == (2, ("losing its machine",))
    why = details(fleet, "node", "n")["Why"]
    assert why["instance"] == "◐ running 2/2 · reclaimed in 1m50s"
    assert why["notice"] == "reclaimed in 1m50s"


def test_a_node_tells_of_its_machine() -> None:
    fleet = fleet_of(
        node(instance_type="m5.large"),
        instance(group="web-asg", nodegroup="workers", cluster="prod"),
        instance(uid="i-2", group="web-asg", provider_id="", group_state="Terminating:Wait"),
        Record(
            kind="volume",
            uid="vol-1",
            name="vol-1",
            cells=("in-use", "80", "i-1"),
            owner=Owner("Instance", "web", "i-1"),
        ),
    )
    assert cell(fleet, "node", "n", "group")[0] == "workers"
    assert cell(fleet, "node", "n", "lifecycle")[0] == "on-demand"
    assert cell(fleet, "node", "n", "cost")[0] == "$0.107"
    found = details(fleet, "node", "n")
    assert found["Volumes"] == {"vol-1": "80 · in-use"}
    assert found["Node"]["account"] == "prod 123456789012"
    assert found["Node"]["zone"] == "eu-west-1b"
    assert found["Node"]["cost"] == "$0.107/h · list price of 2025-05-28"
    assert found["Node"]["group"] == "web-asg\n2 members, 1 not in service · $0.214/h"
    machine = details(fleet, "instance", "i-1")
    assert machine["Volumes"] == found["Volumes"]
    assert machine["Instance"]["cluster"] == "prod"
    assert machine["Instance"]["node group"] == "workers"
    assert details(fleet, "instance", "i-2")["Instance"]["in its group"] == "Terminating:Wait"
    assert cell(fleet, "instance", "i-1", "pods")[0] == "0"


CLAIMED = "kubernetes.io/created-for/pvc/name=data-db-0,kubernetes.io/created-for/pvc/namespace=db"
TO_I_1 = Owner("Instance", "web", "i-1")


def claiming(**facts: Any) -> Pod:
    return Pod(uid="p", namespace="db", name="db-0", claims=("data-db-0", "wal-db-0"), **facts)


def volume(*cells: str, **facts: Any) -> Record:
    return Record(kind="volume", uid="vol-1", name="pvc-1", cells=cells, labels=CLAIMED, **facts)


def test_a_pod_tells_of_its_own_volumes_and_a_volume_of_its_pods() -> None:
    fleet = fleet_of(
        node(),
        instance(),
        claiming(node="n1", status="Running"),
        volume("in-use", "80 GiB", "i-1", owner=TO_I_1),
    )
    assert details(fleet, "pod", "p")["Volumes"] == {
        "data-db-0": "vol-1 · 80 GiB · in-use",
        "wal-db-0": "not known here",
    }
    assert details(fleet, "volume", "vol-1")["Claim"] == {
        "claim": "db/data-db-0",
        "pod": "db-0 · Running · prod",
    }
    assert "Volumes" not in details(fleet_of(Pod(uid="p", namespace="db", name="db-0")), "pod", "p")


def test_a_volume_that_may_be_another_cluster_s_is_told_as_a_guess() -> None:
    fleet = fleet_of(claiming(), volume("available", "80 GiB", ""))
    told = details(fleet, "pod", "p")["Volumes"]["data-db-0"]
    assert told == "vol-1 · 80 GiB · available · a guess by its tags"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": "Pending"}, "its volume data-db-0 is in eu-west-1b"),
        ({"status": "Pending", "node": "n1"}, None),
        ({"status": "Completed"}, None),
    ],
)
def test_a_pod_that_waits_for_a_node_is_told_where_its_volume_is(
    facts: dict[str, str], told: str | None
) -> None:
    fleet = fleet_of(node(), instance(), claiming(**facts), volume("eu-west-1b"))
    fleet.apply(Frame(1.0, "aws", Schema(kind="volume", title="Volumes", columns=(Column("Zone"),))))
    assert details(fleet, "pod", "p").get("Why", {}).get("volume") == told
    fleet.apply(Frame(2.0, "aws", Deletes("instance", ("i-1",))))
    why = details(fleet, "pod", "p").get("Why", {}).get("volume")
    assert why == (told and told.replace(" is in ", " may be in "))


def test_a_guess_is_marked_on_both_sides() -> None:
    fleet = fleet_of(node(), instance())
    for kind, uid in (("node", "n"), ("instance", "i-1")):
        item_of(fleet, kind, uid).guessed = True
    assert cell(fleet, "instance", "i-1", "node")[0] == "n1 ~"
    assert cell(fleet, "node", "n", "instance")[0] == "● running ~"
    assert details(fleet, "instance", "i-1")["Instance"]["node"] == "n1 ~ · a guess by its address"
    assert details(fleet, "node", "n")["Node"]["instance"] == "● running ~\na guess by its address"


def test_what_is_declared_and_what_runs_name_each_other() -> None:
    fleet = fleet_of(instance())
    fleet.apply(
        upsert("state", instance(observed=False, state="", resource="module.web.aws_instance.app[0]"))
    )
    assert details(fleet, "instance", "i-1")["Instance"]["declared as"] == (
        "module.web.aws_instance.app[0] in state"
    )
    declared = fleet.item(Ref("state", "instance", "i-1"))
    assert declared is not None
    [column] = [column for column in VIEWS["instance"].columns if column.spec.key == "cost"]
    assert column.cell(declared, NOW).text == "–"


# ---- groups, sources, columns ------------------------------------------------------------------------


def _groups(*more: Any) -> Fleet:
    fleet = fleet_of(
        instance(group="web-asg", cluster="prod"),
        instance(uid="i-2", provider_id="", group="web-asg", cluster="prod", lifecycle="spot"),
        *more,
    )
    for kind in ("group", "cluster"):
        fleet.apply(Frame(2.0, "aws", Schema(kind=kind, title=f"{kind}s", columns=(), namespaced=False)))
    return fleet


def test_a_group_and_a_cluster_say_what_they_cost_with_the_unknown_apart() -> None:
    fleet = _groups(
        Record(kind="group", uid="web-asg", name="web-asg"), Record(kind="cluster", uid="prod", name="prod")
    )
    expected = {"machines": "2 members", "running": "2", "cost": "≥ $0.107/h, 1 unknown"}
    assert details(fleet, "group", "web-asg")["Machines"] == expected
    assert details(fleet, "cluster", "prod")["Machines"] == expected


def _source(fleet: Fleet, name: str) -> dict[str, str]:
    sections = VIEWS["source"].details(fleet.sources[name].item, fleet, NOW)
    return {label: told.text for section in sections for label, told in section.facts}


def test_a_source_says_what_it_costs() -> None:
    fleet = _groups(node(), node(uid="m", name="n2", provider_id=""))
    assert _source(fleet, "aws")["cost"] == "≥ $0.107/h, 1 unknown · prices of 2025-05-28"
    assert _source(fleet, "prod")["cost"].startswith("≥ $0.107/h, 1 unknown · prices of ")
    assert "cost" not in _source(fleet_of(), "aws")


def test_without_instances_the_table_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> None:
        raise AssertionError("the table was read")

    monkeypatch.setattr(table, "_places", read)
    fleet = fleet_of(node(), Pod(uid="p", namespace="web", name="api", node="n1"))
    assert titles(fleet, "node")
    assert _source(fleet, "prod")["cost"] == "unknown (1)"
    assert details(fleet, "node", "n")["Node"]["cost"] == "unknown"


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (Budget(calls=38, limit=120), ("38 of 120 calls/min", "")),
        (Budget(calls=120, limit=120, throttled=3), ("account throttled 3 · 120 of 120 calls/min", "warn")),
    ],
)
def test_a_source_says_how_hard_its_account_is_asked(budget: Budget, told: tuple[str, str]) -> None:
    fleet = fleet_of()
    info = SourceInfo(name="aws", provider="aws", account="prod 123456789012", budget=budget)
    fleet.apply(Frame(2.0, "aws", About(info)))
    column = VIEWS["source"].column("budget")
    assert column is not None
    assert tuple(column.cell(fleet.sources["aws"].item, NOW)) == told
    assert _source(fleet, "aws")["calls"] == told[0]
    assert "calls" not in _source(fleet, "prod")


def test_a_source_says_how_changes_are_pushed_and_what_is_not_well_though_it_is_live() -> None:
    fleet = fleet_of()
    told = "queue quarterdeck-events · 120 taken, 9 skipped"
    fleet.apply(Frame(2.0, "aws", About(SourceInfo(name="aws", provider="aws", pushed=told))))
    assert _source(fleet, "aws")["pushed"] == told
    assert "pushed" not in _source(fleet, "prod")
    for kind in ("instance", ""):
        fleet.apply(Frame(2.0, "aws", Health(state="live", since=1.0, detail="asked every 70 s", kind=kind)))
    sections = VIEWS["source"].details(fleet.sources["aws"].item, fleet, NOW)
    assert [told.text for _, told in sections[0].facts].count("asked every 70 s") == 1


def titles(fleet: Fleet, kind: str, width: int = 0) -> list[str]:
    listing = Listing(fleet, view_of(kind, fleet), lambda: NOW)
    listing.update(fleet.take())
    specs = listing.columns
    if not width:
        return [spec.title for spec in specs]
    return [specs[place.column].title for place in lay_out(specs, width).places]


def _elsewhere(fleet: Fleet) -> Fleet:
    for number, kinds in enumerate((("instance", "volume"), ("node", "pod"))):
        info = SourceInfo(
            name=f"other{number}",
            provider="x",
            cluster="" if "instance" in kinds else "other",
            account="dev 210987654321" if "instance" in kinds else "",
            region="us-east-1" if "instance" in kinds else "",
            kinds=kinds,
        )
        fleet.apply(Frame(2.0, info.name, About(info)))
    return fleet


def test_origins_are_shown_only_where_there_are_several() -> None:
    alone = fleet_of(node(), instance())
    assert not {"ACCOUNT", "REGION", "SOURCE", "CLUSTER"} & {
        *titles(alone, "instance"),
        *titles(alone, "node"),
    }
    assert not {"ACCOUNT", "REGION", "SOURCE", "CLUSTER"} & {*titles(alone, "volume")}
    several = _elsewhere(fleet_of(node(), instance()))
    assert titles(several, "instance")[:3] == ["ACCOUNT", "REGION", "NAME"]
    assert titles(several, "node")[0] == "CLUSTER"
    assert titles(several, "volume")[:3] == ["ACCOUNT", "REGION", "NAME"]


def test_an_inventory_among_accounts_is_told_by_its_name() -> None:
    fleet = fleet_of(instance())
    fleet.apply(Frame(2.0, "hosts", About(SourceInfo(name="hosts", provider="static", kinds=("instance",)))))
    assert titles(fleet, "instance")[0] == "SOURCE"


def test_without_instances_nothing_is_said_of_them() -> None:
    fleet = Fleet()
    info = SourceInfo(name="prod", provider="kubernetes", cluster="prod", kinds=("node", "pod"))
    fleet.apply(Frame(1.0, "prod", About(info)))
    assert not {"INSTANCE", "$/H", "LIFECYCLE", "GROUP"} & {*titles(fleet, "node"), *titles(fleet, "pod")}
    assert titles(fleet, "node", 80) == ["NAME", "STATUS", "PODS", "CPU", "MEM", "AGE"]


def test_80_columns_keep_name_state_and_what_they_are_joined_to() -> None:
    several = _elsewhere(fleet_of(node(), instance()))
    # One cell of the 80 is the scroll bar's.
    assert titles(several, "instance", 79) == ["NAME", "STATE", "NODE", "AGE"]
    assert titles(several, "node", 79) == ["CLUSTER", "NAME", "STATUS", "INSTANCE", "AGE"]
    assert {"CHECKS", "TYPE", "$/H"} <= set(titles(several, "instance", 160))
