"""Groups count what is in them as it changes, and what is not known is a group of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet
from console.query import QueryError, compile_query
from console.views import VIEWS, view_of
from console.views.dimension import Group, dimension, offers
from console.views.grouping import Grouping
from console.views.listing import Listing
from console.views.scope import EVERYTHING, Scope
from providers.model import About, Column, Complete, Health, Instance, Node, Record, Ref, Schema, SourceInfo
from providers.stream import Frame
from tests.fleet.worlds import delete, frames, node, pod, upsert
from widgets.columns import lay_out

NOW = 1000.0


def grouping(fleet: Fleet, kind: str, by: str) -> Grouping:
    view = view_of(kind, fleet)
    return Grouping(fleet, view, dimension(view, by), lambda: NOW)


def told(rows: Grouping) -> dict[Group, dict[str, str]]:
    """What is told of each group, in their order."""
    titles = [column.key for column in rows.columns]
    return {
        rows.key_at(index): dict(zip(titles, [cell.text for cell in rows.line_at(index).cells], strict=True))
        for index in range(len(rows))
    }


def values(rows: Grouping) -> list[str | None]:
    return [rows.key_at(index).value for index in range(len(rows))]


def machine(uid: str, **facts: Any) -> Instance:
    return Instance(uid=uid, **{"state": "running", "checks": "2/2", **facts})


ways = st.sampled_from(
    [
        ("node", "zone"),
        ("node", "ready"),
        ("node", "status"),
        ("pod", "node"),
        ("pod", "zone"),
        ("pod", "owner"),
        ("pod", "name"),
        ("pod", "label:app"),
        ("pod", "restarts"),
        ("instance", "name"),
        ("instance", "node"),
        ("source", "health"),
    ]
)
scopes = st.sampled_from(
    [EVERYTHING, Scope(sources=frozenset({"east"})), Scope(namespaces=frozenset({"web"}))]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(frames, max_size=4), max_size=10),
    ways,
    st.tuples(scopes, st.sampled_from(["", "1", "!1"]), st.booleans()),
    st.tuples(st.integers(0, 20), st.booleans()),
    st.booleans(),
)
def test_groups_are_what_counting_from_scratch_gives(
    batches: list[list[Frame]],
    way: tuple[str, str],
    narrowed: tuple[Scope, str, bool],
    order: tuple[int, bool],
    in_bulk: bool,
) -> None:
    scope, query, faults_only = narrowed
    column, backwards = order
    fleet = Fleet()

    def asked() -> Grouping:
        rows = grouping(fleet, *way)
        rows.set_scope(scope)
        rows.set_faults_only(faults_only)
        rows.set_query(compile_query(query, way[0], NOW) if query else None)
        rows.set_sort(key, backwards)
        return rows

    columns = grouping(
        fleet, *way
    ).columns  # later there may be more: what a machine costs, when there is one
    key = columns[column % len(columns)].key
    rows = asked()
    with pytest.MonkeyPatch.context() as patch:
        if in_bulk:
            patch.setattr("console.views.membership.ONE_BY_ONE", 0)
            patch.setattr("console.views.grouping.ONE_BY_ONE", 0)
        for batch in batches:
            for frame in batch:
                fleet.apply(frame)
            drawn = {rows.key_at(index): rows.line_at(index) for index in range(len(rows))}
            change = rows.update(fleet.take())
            fresh = asked()
            assert list(told(rows).items()) == list(told(fresh).items())
            assert rows.summary() == fresh.summary()
            assert [rows.index_of(group) for group in told(rows)] == list(range(len(rows)))
            check_against_the_objects(rows)
            assert change.structure or list(drawn) == list(told(rows))
            for index, group in enumerate(told(rows)):
                same = drawn.get(group) == rows.line_at(index)
                assert same or change.structure or group in change.dirty


def check_against_the_objects(rows: Grouping) -> None:
    """A listing narrowed to a group has as many objects as the group says."""
    listing = Listing(rows.fleet, rows.view, lambda: NOW)
    listing.set_scope(rows.scope)
    listing.set_query(rows.query)
    listing.set_faults_only(rows.faults_only)
    assert (listing.shown, listing.total) == (rows.shown, rows.total)
    for group, cells in told(rows).items():
        listing.set_within((group,))
        assert f"{listing.shown:,}" == cells["count"]


def test_the_unknown_are_a_group_of_their_own_last_either_way() -> None:
    fleet = Fleet()
    zones = ["b", "", "a", "unknown", "", ""]
    fleet.apply(upsert("east", *(machine(f"i-{n}", zone=zone) for n, zone in enumerate(zones))))
    rows = grouping(fleet, "instance", "zone")
    for backwards in (False, True):
        rows.set_sort("name", backwards)
        assert values(rows)[-1] is None
        assert sorted(value for value in values(rows) if value) == ["a", "b", "unknown"]
    rows.set_sort("count")
    assert values(rows)[-1] is None
    cells = told(rows)
    assert (cells[Group("zone", None)]["name"], cells[Group("zone", None)]["count"]) == ("– unknown", "3")
    assert (cells[Group("zone", "unknown")]["name"], cells[Group("zone", "unknown")]["count"]) == (
        "unknown",
        "1",
    )
    assert rows.line_at(len(rows) - 1).cells[0].tone == "dim"
    assert rows.summary() == "3 zones and unknown · 6"


def test_a_tag_s_value_is_whole_and_an_empty_one_is_not_a_missing_one() -> None:
    fleet = Fleet()
    tags = [(("team", "a,b=c"),), (("team", ""),), (("other", "team=x"),), (("team", "a"), ("x", "y"))]
    fleet.apply(upsert("east", *(machine(f"i-{n}", tags=pairs) for n, pairs in enumerate(tags))))
    rows = grouping(fleet, "instance", "tag:team")
    rows.set_sort("name")
    assert values(rows) == ["", "a", "a,b=c", None]
    assert [cells["name"] for cells in told(rows).values()] == ['""', "a", "a,b=c", "– not set"]
    assert [group.words() for group in told(rows)][::3] == ['tag:team ""', "tag:team not set"]


def test_pods_add_up_and_the_unknown_ones_are_told_apart() -> None:
    fleet = Fleet()
    for source, complete in (("east", True), ("west", False)):
        nodes = [
            node(f"{source}-{n}", f"{source}-{n}", zone="a", ready=True, status="Ready") for n in range(2)
        ]
        fleet.apply(upsert(source, *nodes, *(pod(f"{source}-p{n}", node=f"{source}-0") for n in range(3))))
        if complete:
            fleet.apply(Frame(1.0, source, Complete("pod")))
    rows = grouping(fleet, "node", "zone")
    assert told(rows)[Group("zone", "a")]["pods"] == "≥ 3 +2?"
    fleet.apply(Frame(1.0, "west", Complete("pod")))
    assert rows.update(fleet.take())
    assert told(rows)[Group("zone", "a")]["pods"] == "6"
    fleet.apply(delete("east", "pod", "east-p0"))
    change = rows.update(fleet.take())
    assert (change.structure, Group("zone", "a") in change.dirty) == (False, True)
    assert told(rows)[Group("zone", "a")]["pods"] == "5"


def test_the_worst_group_comes_first_and_says_what_is_wrong() -> None:
    fleet = Fleet()
    fleet.apply(
        upsert(
            "east",
            *(node(f"a{n}", f"a{n}", zone="a", ready=True, status="Ready") for n in range(5)),
            node("b1", "b1", zone="b", ready=True, unschedulable=True, status="Ready"),
            node("c1", "c1", zone="c", ready=False, unschedulable=True, status="NotReady"),
            node("c2", "c2", zone="c", ready=False, status="NotReady"),
        )
    )
    rows = grouping(fleet, "node", "zone")
    assert values(rows) == ["c", "b", "a"]
    assert [cells["status"] for cells in told(rows).values()] == [
        "✕ 2 not ready, 1 cordoned",
        "⊘ 1 cordoned",
        "● well",
    ]
    assert [rows.line_at(index).cells[3].tone for index in range(3)] == ["bad", "warn", "good"]
    assert rows.summary() == "3 zones · 8 · 2 not ready · 2 cordoned"
    assert [cells["share"] for cells in told(rows).values()] == ["25%", "12%", "62%"]


def test_L17_what_is_not_heard_from_is_counted_as_stale_and_looks_so() -> None:
    fleet = Fleet()
    for source in ("east", "west"):
        fleet.apply(upsert(source, node(source, source, zone="a", ready=True, status="Ready")))
        fleet.apply(Frame(1.0, source, Health(state="live", since=1.0)))
    fleet.apply(upsert("east", node("only", "only", zone="b", ready=True, status="Ready")))
    rows = grouping(fleet, "node", "zone")
    assert [rows.line_at(index).stale for index in range(2)] == [False, False]
    fleet.apply(Frame(2.0, "east", Health(state="lost", since=2.0)))
    assert rows.update(fleet.take()).structure
    assert told(rows)[Group("zone", "a")]["status"] == "● 1 stale"
    assert [rows.line_at(index).stale for index in range(2)] == [False, True]


def test_a_source_that_never_told_all_is_not_counted_as_nothing() -> None:
    fleet = Fleet()
    for source in ("east", "west"):
        fleet.apply(Frame(1.0, source, About(SourceInfo(name=source, provider="x", kinds=("node",)))))
    fleet.apply(upsert("east", node("a", "a", zone="a", ready=True, status="Ready")))
    fleet.apply(Frame(1.0, "east", Complete("node")))
    rows = grouping(fleet, "node", "zone")
    assert rows.summary() == "1 zone · ≥ 1 · 1 source not known"
    rows.set_scope(Scope(sources=frozenset({"east"})))
    assert rows.summary() == "1 zone · 1"


def test_what_changed_is_all_that_is_asked_again() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", *(pod(f"u{n}", f"pod-{n}", node=f"n{n % 10}") for n in range(2000))))
    asked: list[str] = []

    def trouble(item: Any) -> Any:
        asked.append(item.ref.uid)
        return VIEWS["pod"].trouble(item)

    view = VIEWS["pod"]
    view = type(view)(
        **{name: getattr(view, name) for name in view.__dataclass_fields__} | {"trouble": trouble}
    )
    rows = Grouping(fleet, view, dimension(view, "node"), lambda: NOW)
    assert (len(rows), len(asked)) == (10, 2000)
    fleet.take()
    asked.clear()
    fleet.apply(upsert("east", pod("u7", "pod-7", node="n3")))
    change = rows.update(fleet.take())
    assert asked == ["u7"]
    assert {"n3", "n7"} <= {group.value for group in change.dirty if isinstance(group, Group)}


def test_a_change_that_nobody_can_see_draws_nothing() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", *(pod(f"u{n}", f"pod-{n}", node="n") for n in range(5))))
    rows = grouping(fleet, "pod", "node")
    before = rows.line_at(0)
    fleet.take()
    fleet.apply(upsert("east", pod("u3", "pod-3", node="n", rv="77")))
    assert not rows.update(fleet.take())
    assert rows.line_at(0) is before


def test_groups_within_a_group() -> None:
    fleet = Fleet()
    fleet.apply(
        upsert(
            "east",
            *(machine(f"i-{n}", zone="ab"[n % 2], type="xyz"[n % 3], lifecycle="") for n in range(12)),
        )
    )
    rows = grouping(fleet, "instance", "type")
    rows.set_within((Group("zone", "a"),))
    assert (rows.shown, rows.total, rows.narrowings) == (6, 6, ["zone a"])
    rows.set_within((Group("zone", "a"), Group("lifecycle", None)))
    assert rows.shown == 6
    assert rows.narrowings == ["zone a", "lifecycle not known"]


def test_any_kind_with_columns_can_be_grouped() -> None:
    fleet = Fleet()
    kind = "widgets.example.com"
    fleet.apply(Frame(1.0, "east", Schema(kind=kind, title="Widgets", columns=(Column("Colour"),))))
    records = [
        Record(kind=kind, uid=f"w{n}", name=f"w{n}", cells=(c,)) for n, c in enumerate(["red", "", "red"])
    ]
    fleet.apply(upsert("east", *records))
    rows = grouping(fleet, kind, "colour")
    assert [(group.value, cells["count"]) for group, cells in told(rows).items()] == [
        ("red", "2"),
        (None, "1"),
    ]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("node", "colour", "nodes have no 'colour'"),
        ("node", "zones", "did you mean 'zone'?"),
        ("node", "age", "nodes can't be grouped by 'age'"),
        ("node", "zone:x", "nodes can't be grouped by 'zone:x'"),
        ("instance", "tag", "tag needs a name, such as tag:team"),
    ],
)
def test_what_can_t_be_grouped_by_says_what_can(kind: str, name: str, message: str) -> None:
    with pytest.raises(QueryError, match=r"There are .*zone") as caught:
        dimension(VIEWS[kind], name)
    assert message in caught.value.message


def test_aliases_mean_the_same_dimension() -> None:
    assert dimension(VIEWS["node"], "AZ").name == "zone"
    assert dimension(VIEWS["instance"], "label:team").name == "tag:team"


def test_offers_are_the_fields_and_the_labels_that_there_are() -> None:
    fleet = Fleet()
    tags = [(("team", "a"), ("app", "x")), (("team", "b"),), (("tier", "c"), ("team", "b"))]
    fleet.apply(upsert("east", *(machine(f"i-{n}", tags=pairs) for n, pairs in enumerate(tags))))
    view = VIEWS["instance"]
    fields = offers(view, (), "")
    assert {"account", "region", "zone", "type", "group", "lifecycle", "state", "tag:"} <= set(fields)
    assert not {"id", "ip", "age"} & set(fields)
    assert offers(view, fleet.items("instance"), "tag:") == ["tag:team", "tag:app", "tag:tier"]
    assert offers(view, fleet.items("instance"), "tag:ti") == ["tag:tier"]
    for name in fields:
        assert dimension(view, name if name != "tag:" else "tag:team")


def test_an_order_that_there_is_not_is_refused() -> None:
    rows = grouping(Fleet(), "node", "zone")
    with pytest.raises(KeyError, match="no column 'age'"):
        rows.set_sort("age")
    assert rows.index_of(Ref("east", "node", "a")) is None


def test_what_a_node_s_value_says_with_its_facts() -> None:
    fleet = Fleet()
    taints = [("a=b:NoSchedule", "c:NoExecute"), (), ("c:NoExecute",)]
    nodes = [Node(uid=f"n{n}", name=f"n{n}", taints=taint, cpu=4.0 + n) for n, taint in enumerate(taints)]
    fleet.apply(upsert("east", *nodes))
    rows = grouping(fleet, "node", "taint")
    rows.set_sort("name")
    assert values(rows) == ["", "a=b:NoSchedule, c:NoExecute", "c:NoExecute"]
    assert values(grouping(fleet, "node", "cpu")) == ["4", "5", "6"]


def test_dollars_add_up_and_unknown_ones_never_count_as_zero() -> None:
    fleet = Fleet()
    fleet.apply(Frame(1.0, "aws", About(SourceInfo(name="aws", provider="aws", kinds=("instance",)))))
    spot = {"lifecycle": "spot", "zone": "a", "provider_id": "aws:///a/i"}
    fleet.apply(
        upsert(
            "aws",
            machine("i-1", hourly=0.25, **spot),
            machine("i-2", hourly=0.5, **spot),
            machine("i-3", lifecycle="spot", zone="a"),
            machine("i-4", lifecycle="spot", zone="b"),
            machine("i-5", lifecycle="spot", zone="c", state="stopped"),
        )
    )
    rows = grouping(fleet, "instance", "zone")
    assert {group.value: cells["cost"] for group, cells in told(rows).items()} == {
        "a": "≥ $0.750 +1?",
        "b": "– +1?",
        "c": "$0.000",
    }
    rows.set_sort("cost")
    assert values(rows) == ["a", "c", "b"]
    fleet.apply(delete("aws", "instance", "i-3"))
    rows.update(fleet.take())
    assert told(rows)[Group("zone", "a")]["cost"] == "$0.750"


def test_nodes_have_dollars_once_somebody_tells_of_machines() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("n", "n", zone="a", ready=True, status="Ready")))
    rows = grouping(fleet, "node", "zone")
    rows.set_sort("cost")
    assert "cost" not in [column.key for column in rows.columns]
    fleet.apply(Frame(1.0, "aws", About(SourceInfo(name="aws", provider="aws", kinds=("instance",)))))
    assert rows.update(fleet.take()).columns
    assert told(rows)[Group("zone", "a")]["cost"] == "– +1?"


def test_at_80_columns_no_group_hides_how_much_is_not_known() -> None:
    fleet = Fleet()
    aws = SourceInfo(name="aws", provider="aws", kinds=("instance",))
    fleet.apply(Frame(1.0, "aws", About(aws)))
    unpriced = [machine(f"i-{n}", lifecycle="spot", zone="eu-west-1a") for n in range(30)]
    fleet.apply(upsert("aws", machine("i", lifecycle="spot", zone="eu-west-1a", hourly=604.5), *unpriced))
    rows = grouping(fleet, "instance", "zone")
    rows.update(fleet.take())
    drawn = {rows.columns[place.column].key: place.width for place in lay_out(rows.columns, 80).places}
    cells = told(rows)[Group("zone", "eu-west-1a")]
    assert cells["cost"] == "≥ $604.50 +30?"
    assert all(len(cells[key]) <= drawn[key] for key in ("name", "count", "cost"))
    assert drawn["count"] >= len("100,003")


def test_values_are_counted_by_words_that_people_say() -> None:
    fleet = Fleet()
    checks = ["2/2", "1/2", "", "2/2"]
    fleet.apply(upsert("east", *(machine(f"i-{n}", checks=each, zone="a") for n, each in enumerate(checks))))
    assert grouping(fleet, "instance", "checks").summary() == "2 values and unknown · 4 · 1 impaired"
    assert grouping(fleet, "instance", "zone").summary() == "1 zone · 4 · 1 impaired"
    assert grouping(fleet, "instance", "nodegroup").summary() == "no nodegroup known · 4 · 1 impaired"
    assert grouping(fleet, "instance", "tag:team").summary() == "no value set · 4 · 1 impaired"
    statuses = [node(f"n{n}", f"n{n}", status=each, ready=True) for n, each in enumerate(("Ready", "x"))]
    fleet.apply(upsert("east", *statuses))
    assert grouping(fleet, "node", "status").summary() == "2 statuses · 2"


def test_what_costs_the_same_is_grouped_in_dollars() -> None:
    fleet = Fleet()
    prices = [0.1417, 0.14171, 3.0, None]
    fleet.apply(
        upsert("east", *(machine(f"i-{n}", hourly=each, lifecycle="spot") for n, each in enumerate(prices)))
    )
    assert set(values(grouping(fleet, "instance", "cost"))) == {"$0.142/h", "$3.000/h", None}
    matches = compile_query("cost>0.2", "instance", NOW).matches
    assert [item.ref.uid for item in fleet.items("instance") if matches(item)] == ["i-2"]
