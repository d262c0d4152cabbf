"""Rows stay sorted and filtered as the fleet changes, and only what changed costs anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet, Item
from console.provider_ids import machine_key
from console.query import compile_query
from console.views import VIEWS
from console.views.kinds import KindView, ViewColumn
from console.views.listing import Listing
from console.views.order import Order, descending
from console.views.scope import EVERYTHING, Scope
from providers.model import About, Health, Owner, Ref, SourceInfo
from providers.stream import Frame
from tests.fleet.worlds import delete, frames, node, pod, upsert

NOW = 1000.0


def listing_of(fleet: Fleet, kind: str = "pod", view: KindView | None = None) -> Listing:
    return Listing(fleet, view or VIEWS[kind], lambda: NOW)


class NameHas:
    """A filter by hand, so that the order is tested without the language."""

    timed = False

    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, item: Item) -> bool:
        return self.text in item.name

    def refines(self, other: NameHas) -> bool:
        return other.text in self.text


def within(listing: Listing) -> list[Item]:
    """What is asked for, but for a declaration of a machine that is there itself."""
    asked = [item for item in listing.fleet.items(listing.view.kind) if listing.scope.includes(item)]
    if listing.view.kind != "instance":
        return asked
    running = {machine_key(item.obj.provider_id) for item in asked if item.obj.observed} - {None}
    return [item for item in asked if item.obj.observed or machine_key(item.obj.provider_id) not in running]


def from_scratch(listing: Listing) -> list[Ref]:
    order = Order(listing.view, listing.sort_key, listing.descending)
    wanted = [
        item
        for item in within(listing)
        if (not listing.faults_only or listing.view.trouble(item).severity)
        and (listing.query is None or listing.query.matches(item))
    ]
    return [item.ref for item in sorted(wanted, key=order.keys)]


def rows(listing: Listing) -> list[Ref]:
    return [listing.key_at(index) for index in range(len(listing))]


def check(listing: Listing) -> None:
    found = rows(listing)
    assert found == from_scratch(listing)
    assert [listing.index_of(ref) for ref in found] == list(range(len(found)))
    counted: dict[str, int] = {}
    for ref in found:
        item = listing.fleet.item(ref)
        assert item is not None
        for word in listing.view.trouble(item).counted:
            counted[word] = counted.get(word, 0) + 1
    assert dict(listing.counts) == counted
    assert (listing.shown, listing.total) == (len(found), len(within(listing)))


setups = st.tuples(
    st.sampled_from(["pod", "node", "instance", "source"]),
    st.sampled_from(
        [
            EVERYTHING,
            Scope(sources=frozenset({"east"})),
            Scope(node=Ref("east", "node", "u1")),
            Scope(namespaces=frozenset({"web"})),
            Scope(owner=Owner("ReplicaSet", "api", "rs1")),
            Scope(sources=frozenset({"west"}), namespaces=frozenset({"db"})),
        ]
    ),
    st.sampled_from([None, NameHas("1"), NameHas("zzz")]),
    st.booleans(),
    st.integers(0, 20),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(frames, max_size=4), max_size=10), setups, st.booleans())
def test_rows_are_what_sorting_and_filtering_from_scratch_gives(
    batches: list[list[Frame]], setup: tuple[str, Scope, NameHas | None, bool, int, bool], in_bulk: bool
) -> None:
    kind, scope, query, faults_only, column, backwards = setup
    fleet = Fleet()
    listing = listing_of(fleet, kind)
    columns = listing.view.columns
    listing.set_scope(scope)
    listing.set_query(query)
    listing.set_faults_only(faults_only)
    listing.set_sort(columns[column % len(columns)].spec.key, backwards)
    with pytest.MonkeyPatch.context() as patch:
        if in_bulk:
            patch.setattr("console.views.membership.ONE_BY_ONE", 0)
        for batch in batches:
            for frame in batch:
                fleet.apply(frame)
            drawn = {listing.key_at(i): listing.line_at(i) for i in range(len(listing))}
            before = rows(listing)
            change = listing.update(fleet.take())
            check(listing)
            after = rows(listing)
            assert change.structure or before == after
            for index, ref in enumerate(after):
                same = drawn.get(ref) == listing.line_at(index)
                assert same or change.structure or ref in change.dirty


# Without NUL: it is cleaned away where texts enter, and backwards its place is that of a text's end.
@settings(deadline=None)
@given(st.lists(st.text(st.characters(min_codepoint=1), max_size=3), max_size=20))
def test_texts_backwards_are_the_reverse_of_texts_forwards(texts: list[str]) -> None:
    assert sorted(texts, key=descending) == sorted(texts, reverse=True)


def _counted(view: KindView, calls: list[str]) -> KindView:
    """The view with every call of a column's cell and sort noted."""

    def noting(what: str, function: Callable[..., object]) -> Callable[..., object]:
        def noted(*arguments: object) -> object:
            calls.append(what)
            return function(*arguments)

        return noted

    def column(old: ViewColumn) -> ViewColumn:
        return replace(old, cell=noting("cell", old.cell), sort=noting("sort", old.sort))  # type: ignore[arg-type]

    return replace(view, columns=tuple(column(old) for old in view.columns))


def big(count: int) -> Fleet:
    fleet = Fleet()
    fleet.apply(
        upsert(
            "east", *(pod(f"u{n:05}", f"pod-{n:05}", status="Running", created=10.0) for n in range(count))
        )
    )
    fleet.take()
    return fleet


def test_one_changed_pod_of_many_costs_one_key_and_one_line() -> None:
    fleet, calls = big(5000), list[str]()
    listing = listing_of(fleet, view=_counted(VIEWS["pod"], calls))
    for index in range(40):
        listing.line_at(index)
    calls.clear()
    fleet.apply(upsert("east", pod("u00007", "pod-00007", status="Error", created=10.0)))
    change = listing.update(fleet.take())
    assert change.dirty == {Ref("east", "pod", "u00007")}
    assert not change.structure
    assert calls.count("sort") == 1
    assert calls.count("cell") == len(listing.columns)


def test_loading_many_asks_each_for_its_key_once() -> None:
    fleet, calls = Fleet(), list[str]()
    listing = listing_of(fleet, view=_counted(VIEWS["pod"], calls))
    fleet.apply(upsert("east", *(pod(f"u{n}", f"pod-{n}") for n in range(3000))))
    listing.update(fleet.take())
    assert (len(listing), calls.count("sort"), calls.count("cell")) == (3000, 3000, 0)


def test_a_change_that_nobody_can_see_draws_nothing() -> None:
    fleet = big(10)
    listing = listing_of(fleet)
    before = [listing.line_at(index) for index in range(10)]
    fleet.apply(upsert("east", pod("u00003", "pod-00003", status="Running", created=10.0, rv="77")))
    assert not listing.update(fleet.take())
    assert [listing.line_at(index).version for index in range(10)] == [line.version for line in before]


def test_unknown_comes_last_both_ways() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("a", "a", cpu=4.0), node("b", "b"), node("c", "c", cpu=8.0)))
    listing = listing_of(fleet, "node")
    listing.set_sort("cpu")
    assert [ref.uid for ref in rows(listing)] == ["a", "c", "b"]
    listing.set_sort("cpu", descending=True)
    assert [ref.uid for ref in rows(listing)] == ["c", "a", "b"]


def test_a_pod_made_again_with_a_new_uid_is_another_row() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("old", "db-0")))
    listing = listing_of(fleet)
    fleet.apply(delete("east", "pod", "old"))
    fleet.apply(upsert("east", pod("new", "db-0")))
    listing.update(fleet.take())
    assert listing.index_of(Ref("east", "pod", "old")) is None
    assert listing.index_of(Ref("east", "pod", "new")) == 0


def test_origin_columns_come_when_there_is_more_than_one() -> None:
    fleet = Fleet()
    listing = listing_of(fleet)
    fleet.apply(upsert("east", pod("a", "a")))
    listing.update(fleet.take())
    assert "cluster" not in [column.key for column in listing.columns]
    fleet.apply(upsert("west", pod("b", "b")))
    change = listing.update(fleet.take())
    assert change.columns
    assert listing.columns[0].key == "cluster"
    assert {listing.line_at(i).cells[0].text for i in range(2)} == {"east", "west"}


def test_L17_rows_of_a_source_that_is_lost_are_stale_and_their_ages_stop() -> None:
    fleet = Fleet()
    clock = [100.0]
    fleet.apply(upsert("east", pod("a", "a", created=40.0)))
    fleet.apply(Frame(90.0, "east", Health(state="live", since=90.0)))
    listing = Listing(fleet, VIEWS["pod"], lambda: clock[0])
    age = [column.key for column in listing.columns].index("age")
    assert (listing.line_at(0).stale, listing.line_at(0).cells[age].text) == (False, "60s")
    fleet.apply(Frame(101.0, "east", Health(state="lost", since=101.0)))
    clock[0] = 500.0
    assert listing.update(fleet.take()).structure
    assert (listing.line_at(0).stale, listing.line_at(0).cells[age].text) == (True, "61s")
    fleet.apply(Frame(500.0, "east", Health(state="live", since=500.0)))
    listing.update(fleet.take())
    assert (listing.line_at(0).stale, listing.line_at(0).cells[age].text) == (False, "7m40s")


def test_a_title_counts_what_is_wrong_and_what_a_filter_hides() -> None:
    fleet = Fleet()
    fleet.apply(
        upsert(
            "east",
            node("a", "n-a", ready=True, status="Ready"),
            node("b", "n-b", ready=False, status="NotReady"),
            node("c", "m-c", ready=True, unschedulable=True, status="Ready,SchedulingDisabled"),
        )
    )
    listing = listing_of(fleet, "node")
    assert listing.summary() == "3 · 1 not ready · 1 cordoned"
    listing.set_query(NameHas("n-"))
    assert listing.summary() == "2 of 3 · 1 not ready"
    listing.set_query(None)
    listing.set_faults_only(True)
    assert [ref.uid for ref in rows(listing)] == ["b", "c"]


def test_what_narrows_is_said_in_words() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("u", "n1")))
    listing = listing_of(fleet)
    listing.set_scope(Scope(frozenset({"east"}), Ref("east", "node", "u"), frozenset({"web"})))
    assert listing.narrowings == ["source east", "node n1", "namespace web"]
    fleet.apply(delete("east", "node", "u"))
    assert "node u (gone)" in listing.narrowings


def test_what_narrows_only_pods_is_neither_done_to_nodes_nor_said_of_them() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", node("u", "n1"), node("v", "n2")))
    owner = Owner("ReplicaSet", "api", "rs1")
    scope = Scope(node=Ref("east", "node", "u"), namespaces=frozenset({"web"}), owner=owner)
    assert scope.words(fleet, "node") == []
    assert scope.words(fleet, "pod") == ["node n1", "namespace web", "ReplicaSet api"]
    listing = listing_of(fleet, "node")
    listing.set_scope(scope)
    assert [ref.uid for ref in rows(listing)] == ["u", "v"]


def test_a_renamed_cluster_is_drawn_again() -> None:
    fleet = Fleet()
    fleet.apply(upsert("east", pod("a", "a")))
    fleet.apply(upsert("west", pod("b", "b")))
    listing = listing_of(fleet)
    listing.set_sort("cluster")
    fleet.take()
    assert [listing.line_at(index).cells[0].text for index in range(2)] == ["east", "west"]
    fleet.apply(Frame(1.0, "east", About(SourceInfo(name="east", provider="x", cluster="zoo"))))
    assert listing.update(fleet.take()) == (True, {Ref("east", "pod", "a")}, False)
    assert [listing.line_at(index).cells[0].text for index in range(2)] == ["west", "zoo"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["", "a", "ap", "api", "api-1", "1", "cron"]), max_size=6),
    st.lists(frames, max_size=8),
)
def test_a_filter_being_typed_gives_the_rows_it_gives_at_once(
    texts: list[str], sequence: list[Frame]
) -> None:
    fleet = Fleet()
    listing = listing_of(fleet)
    for index, text in enumerate(texts):
        for frame in sequence[index::6]:
            fleet.apply(frame)
        listing.update(fleet.take())
        listing.set_query(NameHas(text) if text else None)
        check(listing)


def test_typing_on_computes_no_key_again() -> None:
    fleet, calls = big(500), list[str]()
    listing = listing_of(fleet, view=_counted(VIEWS["pod"], calls))
    assert len(listing) == 500
    calls.clear()
    for text in ("0", "00", "000"):
        listing.set_query(NameHas(text))
    assert len(listing) == 100
    assert not calls


def test_a_hidden_row_that_comes_is_told_for_the_title() -> None:
    fleet = big(3)
    listing = listing_of(fleet)
    listing.set_query(NameHas("00001"))
    assert listing.summary() == "1 of 3"
    fleet.apply(upsert("east", pod("other", "other")))
    assert listing.update(fleet.take())
    assert listing.summary() == "1 of 4"


def test_a_filter_on_ages_lets_rows_through_as_time_passes() -> None:
    fleet, clock = Fleet(), [1000.0]
    fleet.apply(upsert("east", pod("old", "old", created=0.0), pod("new", "new", created=990.0)))
    listing = Listing(fleet, VIEWS["pod"], lambda: clock[0])
    listing.set_query(compile_query("age>1m", "pod", lambda: clock[0]))
    assert [ref.uid for ref in rows(listing)] == ["old"]
    clock[0] = 1004.0
    assert not listing.tick()
    clock[0] = 1060.0
    assert listing.tick().structure
    assert [ref.uid for ref in rows(listing)] == ["new", "old"]
    clock[0] = 1070.0
    assert not listing.tick()
