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


def node(number: int) -> Node:
    """Of one cluster, naming its machine."""
    return Node(
        uid=f"{number:08d}-0000-4000-8000-000000000000",
        name=f"ip-{_ip(number).replace('.', '-')}.eu-west-1.compute.internal",
        created=1e9 + number,
        internal_ip=_ip(number),
        provider_id=f"aws:///eu-west-1{'abc'[number % 3]}/i-{number:017x}",
    )


def instance(number: int) -> Instance:
    """That machine, in a group of a hundred."""
    return Instance(
        uid=f"i-{number:017x}",
        state="running",
        private_ip=_ip(number),
        network="vpc-0a1b2c3d",
        group=f"workers-{number // 100}",
        provider_id=f"aws:///eu-west-1{'abc'[number % 3]}/i-{number:017x}",
    )


def arrivals(order: str, count: int = COUNT) -> list[Item]:
    """Items of both, made in the order in which they arrive, as a decoder makes them."""
    kinds = [("node", number) for number in range(count)] + [("instance", number) for number in range(count)]
    if order == "instances first":
        kinds = kinds[count:] + kinds[:count]
    elif order == "interleaved":
        kinds.sort(key=lambda each: each[1])
    elif order == "shuffled":
        random.Random(7).shuffle(kinds)
    cluster, account = SourceState("prod-eu", 0.0), SourceState("aws-prod-eu-west-1", 0.0)
    return [
        _item(node(number), cluster) if kind == "node" else _item(instance(number), account)
        for kind, number in kinds
    ]


def cost(order: str) -> tuple[float, float]:
    """CPU seconds until all are joined, and until all are gone, telling the fleet of every change."""
    items = arrivals(order)
    joins = Joins(Fleet()._touch)
    gc.collect()
    started = time.process_time()
    for item in items:
        joins.add(item)
    joined = time.process_time()
    assert all(item.node or item.instance for item in items)
    for item in items:
        joins.remove(item)
    return joined - started, time.process_time() - joined


def table() -> dict[str, str]:
    """The best of nine of each order: others who use the processor only ever add."""
    best = {
        order: [min(times) for times in zip(*(cost(order) for _ in range(9)), strict=True)]
        for order in ORDERS
    }
    return {order: f"{joined * 1e3:.0f} / {gone * 1e3:.0f} ms" for order, (joined, gone) in best.items()}


def _item(obj: Node | Instance, source: SourceState) -> Item:
    kind = "node" if isinstance(obj, Node) else "instance"
    return Item(Ref(source.name, kind, obj.uid), obj, source, 1)


def _ip(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def report() -> None:
    """Print it."""
    print(f"\n{COUNT:,} nodes × {COUNT:,} instances, CPU to join / to forget")
    for order, spent in table().items():
        print(f"{order:<44}{spent:>24}")


if __name__ == "__main__":
    report()
