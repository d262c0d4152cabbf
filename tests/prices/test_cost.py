"""What things cost, one by one and together."""

from __future__ import annotations

from typing import Any

import pytest

from console.fleet import Fleet, Item
from console.prices.cost import NOTHING, UNKNOWN, Cost, cost_of, dollars, total
from providers.model import About, Instance, Node, Pod, Ref, SourceInfo
from providers.stream import Frame
from tests.fleet.worlds import upsert

FACTS: dict[str, Any] = {
    "uid": "i-1",
    "state": "running",
    "type": "m5.large",
    "zone": "eu-west-1b",
    "lifecycle": "on-demand",
    "provider_id": "aws:///eu-west-1b/i-1",
    "platform": "linux",
}


def placed(*objects: Any) -> Fleet:
    fleet = Fleet()
    info = SourceInfo(name="aws", provider="aws", account="123", region="eu-west-1")
    fleet.apply(Frame(1.0, "aws", About(info)))
    fleet.apply(upsert("aws", *objects))
    return fleet


def found(fleet: Fleet, kind: str, uid: str) -> Item:
    item = fleet.item(Ref("aws", kind, uid))
    assert item is not None
    return item


def instance_cost(**facts: Any) -> Cost:
    return cost_of(found(placed(Instance(**{**FACTS, **facts})), "instance", "i-1"))


@pytest.mark.parametrize(
    ("facts", "cost"),
    [
        ({}, Cost(107_000)),
        ({"platform": ""}, Cost(107_000)),
        ({"platform": "windows"}, Cost(199_000)),
        ({"platform": "red hat enterprise linux"}, UNKNOWN),
        ({"state": "rebooting"}, Cost(107_000)),
        # A spot machine costs what its provider says, never the on-demand price.
        ({"lifecycle": "spot"}, UNKNOWN),
        ({"lifecycle": "spot", "hourly": 0.0412}, Cost(41_200)),
        ({"lifecycle": ""}, UNKNOWN),
        ({"hourly": 0.05}, Cost(50_000)),
        # No compute is charged for.
        ({"state": "stopped"}, NOTHING),
        ({"state": "terminated", "lifecycle": "spot"}, NOTHING),
        ({"state": "shutting-down"}, NOTHING),
        ({"state": ""}, UNKNOWN),
        ({"state": "lost"}, UNKNOWN),
        ({"type": "m99.large"}, UNKNOWN),
        ({"type": ""}, UNKNOWN),
        # A local zone has prices of its own.
        ({"zone": "eu-west-1-xyz-1a"}, UNKNOWN),
        ({"observed": False, "state": ""}, UNKNOWN),
    ],
)
def test_an_instance(facts: dict[str, Any], cost: Cost) -> None:
    assert instance_cost(**facts) == cost


@pytest.mark.parametrize(
    ("provider", "provider_id", "cost"),
    [
        ("aws", "", Cost(107_000)),
        ("demo", "aws:///eu-west-1b/i-1", Cost(107_000)),
        # Another cloud's machine in a place of the same name.
        ("alibaba", "", UNKNOWN),
        ("alibaba", "eu-west-1.i-1", UNKNOWN),
    ],
)
def test_only_machines_at_aws_are_priced(provider: str, provider_id: str, cost: Cost) -> None:
    fleet = placed(Instance(**{**FACTS, "provider_id": provider_id}))
    info = SourceInfo(name="aws", provider=provider, region="eu-west-1")
    fleet.apply(Frame(2.0, "aws", About(info)))
    assert cost_of(found(fleet, "instance", "i-1")) == cost


def test_a_local_zone_s_machine_is_priced_there() -> None:
    fleet = Fleet()
    fleet.apply(Frame(1.0, "aws", About(SourceInfo(name="aws", provider="aws", region="us-west-2"))))
    fleet.apply(upsert("aws", Instance(**{**FACTS, "type": "t3.medium", "zone": "us-west-2-lax-1a"})))
    assert cost_of(found(fleet, "instance", "i-1")) == Cost(49_900)


def test_a_node_costs_what_its_machine_does() -> None:
    node = Node(uid="n", name="n", provider_id="aws:///eu-west-1b/i-1")
    bare = Node(uid="m", name="m", provider_id="aws:///eu-west-1b/1a2b/fargate-ip-10-0-0-1")
    fleet = placed(node, bare, Instance(**FACTS), Pod(uid="p", name="p", namespace="web", node="n"))
    assert cost_of(found(fleet, "node", "n")) == Cost(107_000)
    assert cost_of(found(fleet, "node", "m")) == UNKNOWN
    assert cost_of(found(fleet, "pod", "p")) == NOTHING
    assert total(fleet.items("node")) == Cost(107_000, 1)


def test_two_nodes_on_one_machine_cost_it_once() -> None:
    nodes = [Node(uid=uid, name=uid, provider_id="aws:///eu-west-1b/i-1") for uid in ("n", "m")]
    fleet = placed(Instance(**FACTS), *nodes, Node(uid="o", name="o"), Node(uid="p", name="p"))
    assert total(fleet.items("node")) == Cost(107_000, 2)


def test_what_is_declared_and_runs_is_counted_once() -> None:
    fleet = placed(Instance(**FACTS))
    fleet.apply(upsert("state", Instance(**{**FACTS, "observed": False, "state": ""})))
    assert total(fleet.items("instance")) == Cost(107_000)


@pytest.mark.parametrize(
    ("cost", "words", "hourly"),
    [
        (Cost(12_400_000), "$12.40/h", 12.4),
        (Cost(12_400_000, 3), "≥ $12.40/h, 3 unknown", None),
        (Cost(0, 3), "unknown (3)", None),
        (Cost(0, 1_500), "unknown (1,500)", None),
        (NOTHING, "$0.000/h", 0.0),
        (Cost(192_000), "$0.192/h", 0.192),
        (Cost(100_000) + Cost(200_000) + UNKNOWN, "≥ $0.300/h, 1 unknown", None),
    ],
)
def test_sums_keep_the_unknown_apart(cost: Cost, words: str, hourly: float | None) -> None:
    assert (cost.words(), cost.hourly) == (words, hourly)


@pytest.mark.parametrize(
    ("millionths", "shown"),
    [
        (0, "$0.000"),
        (4_200, "$0.004"),
        (10_400, "$0.010"),
        (999_999, "$1.000"),
        (9_999_499, "$9.999"),
        (12_405_000, "$12.41"),
        (1_204_500_000, "$1,204.50"),
    ],
)
def test_dollars(millionths: int, shown: str) -> None:
    assert dollars(millionths) == shown
