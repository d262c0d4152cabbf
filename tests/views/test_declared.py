"""What a file declares and what runs of it are one machine: one row, counted once."""

from __future__ import annotations

from typing import Any

from console.fleet import Fleet
from console.query import compile_query
from console.views import VIEWS
from console.views.dimension import dimension
from console.views.grouping import Grouping
from console.views.listing import Listing
from console.views.scope import Scope
from providers.model import Complete, Deletes, Instance, Ref
from providers.stream import Frame
from tests.fleet.worlds import node, pod, upsert

NOW = 1000.0
RUNS, DECLARED = Ref("aws", "instance", "i-1"), Ref("state", "instance", "i-1")


def machine(uid: str = "i-1", **facts: Any) -> Instance:
    return Instance(uid=uid, **{"state": "running", "provider_id": f"aws:///a/{uid}", "zone": "a", **facts})


def declaration(uid: str = "i-1", **facts: Any) -> Instance:
    return machine(uid, state="", observed=False, resource=f"aws_instance.{uid}", **facts)


def listing_of(fleet: Fleet) -> Listing:
    return Listing(fleet, VIEWS["instance"], lambda: NOW)


def rows(listing: Listing) -> list[Ref]:
    return [listing.key_at(index) for index in range(len(listing))]


def test_the_running_one_stands_for_both_in_any_order_of_arrival_and_leaving() -> None:
    for frames in (
        ([machine(), "aws"], [declaration(), "state"]),
        ([declaration(), "state"], [machine(), "aws"]),
    ):
        fleet = Fleet()
        listing = listing_of(fleet)
        assert rows(listing) == []
        for obj, source in frames:
            fleet.apply(upsert(str(source), obj))
            listing.update(fleet.take())
        assert (rows(listing), listing.summary()) == ([RUNS], "1")
        fleet.apply(Frame(2.0, "aws", Deletes("instance", ("i-1",))))
        listing.update(fleet.take())
        assert (rows(listing), listing.summary()) == ([DECLARED], "1 · 1 declared")
        fleet.apply(upsert("aws", machine()))
        listing.update(fleet.take())
        assert rows(listing) == [RUNS]


def test_it_is_hidden_by_no_filter_and_counted_by_none() -> None:
    fleet = Fleet()
    fleet.apply(upsert("aws", machine(), machine("i-2")))
    fleet.apply(upsert("state", declaration(), declaration("i-3")))
    listing = listing_of(fleet)
    listing.set_query(compile_query("zone:b", "instance", NOW))
    assert (listing.shown, listing.total, listing.hidden) == (0, 3, 3)
    listing.set_query(compile_query("declared:no", "instance", NOW))
    assert [ref.uid for ref in rows(listing)] == ["i-2"]
    listing.set_query(compile_query("declared:yes observed:yes", "instance", NOW))
    assert rows(listing) == [RUNS]
    listing.set_query(compile_query("observed:no", "instance", NOW))
    assert [ref.uid for ref in rows(listing)] == ["i-3"]


def test_narrowed_to_the_file_it_is_what_the_file_says() -> None:
    fleet = Fleet()
    fleet.apply(upsert("aws", machine()))
    fleet.apply(upsert("state", declaration()))
    listing = listing_of(fleet)
    for names, found in ({"state"}, [DECLARED]), ({"aws"}, [RUNS]), ({"aws", "state"}, [RUNS]):
        listing.set_scope(Scope(sources=frozenset(names)))
        assert rows(listing) == found


def test_groups_count_machines_and_their_pods_once() -> None:
    fleet = Fleet()
    view = VIEWS["instance"]
    by_zone = Grouping(fleet, view, dimension(view, "zone"), lambda: NOW)
    fleet.apply(upsert("prod", node("n", "n1", provider_id="aws:///a/i-1")))
    fleet.apply(upsert("prod", pod("p1", node="n1"), pod("p2", node="n1")))
    fleet.apply(Frame(1.0, "prod", Complete("pod")))
    fleet.apply(upsert("state", declaration()))
    by_zone.update(fleet.take())
    fleet.apply(upsert("aws", machine()))
    by_zone.update(fleet.take())
    assert (len(by_zone), by_zone.summary()) == (1, "1 zone · 1")
    told = dict(zip([c.key for c in by_zone.columns], by_zone.line_at(0).cells, strict=True))
    assert (told["count"].text, told["pods"].text) == ("1", "2")
