"""What it costs to join 10,000 nodes with 10,000 instances, in each order of arrival: CPU, not waiting."""

from __future__ import annotations

import gc
import random
import time

from console.fleet import Fleet
from console.item import Item
from console.joins import Joins
from console.source import SourceState
from providers.model import Instance, Node, Ref

COUNT = 10_000
ORDERS = ("nodes first", "instances first", "interleaved", "shuffled")


def nodes(count: int = COUNT) -> list[Node]:
    """Of one cluster, each naming its machine."""
    return [
        Node(
            uid=f"{number:08d}-0000-4000-8000-000000000000",
            name=f"ip-10-{number >> 16}-{number >> 8 & 255}-{number & 255}.eu-west-1.compute.internal",
            created=1e9 + number,
            internal_ip=_ip(number),
            provider_id=f"aws:///eu-west-1{'abc'[number % 3]}/i-{number:017x}",
        )
        for number in range(count)
    ]


def instances(count: int = COUNT) -> list[Instance]:
    """The machines of those nodes, in groups of a hundred."""
    return [
        Instance(
            uid=f"i-{number:017x}",
            state="running",
            private_ip=_ip(number),
            network="vpc-0a1b2c3d",
            group=f"workers-{number // 100}",
            provider_id=f"aws:///eu-west-1{'abc'[number % 3]}/i-{number:017x}",
        )
        for number in range(count)
    ]


def arrivals(order: str, count: int = COUNT) -> list[Item]:
    """Items of both, in that order."""
    cluster, account = SourceState("prod-eu", 0.0), SourceState("aws-prod-eu-west-1", 0.0)
    of_nodes = [Item(Ref("prod-eu", "node", node.uid), node, cluster, 1) for node in nodes(count)]
    of_instances = [
        Item(Ref("aws-prod-eu-west-1", "instance", instance.uid), instance, account, 1)
        for instance in instances(count)
    ]
    if order == "nodes first":
        return of_nodes + of_instances
    if order == "instances first":
        return of_instances + of_nodes
    both = [item for pair in zip(of_nodes, of_instances, strict=True) for item in pair]
    if order == "shuffled":
        random.Random(7).shuffle(both)
    return both


def cost(order: str) -> float:
    """CPU seconds until all are joined, with everything that the fleet does when it is told of a change."""
    items = arrivals(order)
    joins = Joins(Fleet()._touch)
    gc.collect()
    started = time.process_time()
    for item in items:
        joins.add(item)
    spent = time.process_time() - started
    assert all(item.node or item.instance for item in items)
    return spent


def table() -> dict[str, str]:
    """The best of five of each order, and that of forgetting them again."""
    return {order: f"{min(cost(order) for _ in range(5)) * 1e3:.0f} ms" for order in ORDERS}


def _ip(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


if __name__ == "__main__":
    for order, spent in table().items():
        print(f"{order:<20}{spent:>10}")
