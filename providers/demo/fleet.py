"""The whole simulated fleet, from its options: clusters that grow when they are first looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from random import Random
from typing import Annotated

from msgspec import Meta, Struct

from providers.demo.clock import FROZEN_NOW, Clock, FrozenClock, WallClock
from providers.demo.growth import CHUNK, Sizes, grow_machines, grow_pods, split
from providers.demo.life import TICK, Life
from providers.demo.names import Place, places
from providers.demo.stories.days import Days
from providers.demo.world import Cluster
from providers.model import Pod

_PODS_ON_A_NODE = 20
_DENIED = 3
"""The cluster, counted from 0, whose pods may not be listed."""


class Options(Struct, frozen=True, kw_only=True):
    """What the fleet is like. The same options make the same fleet.

    A frozen fleet stands still at `now`, by default 2026-01-15 02:14:07 UTC (clock.FROZEN_NOW): ages are
    right on a screen whose clock stands at the same moment.
    """

    clusters: Annotated[int, Meta(ge=1, le=100)] = 3
    nodes: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """In all clusters together; 0 for one node to twenty pods."""
    pods: Annotated[int, Meta(ge=0, le=100_000)] = 1200
    """In all clusters together."""
    instances: Annotated[int, Meta(ge=0, le=20_000)] = 0
    """In all accounts together, at least one to each node; 0 for some more than nodes."""
    hosts: Annotated[int, Meta(ge=0, le=1000)] = 8
    """Plain Linux servers; 0 for none."""
    rate: Annotated[float, Meta(ge=0, le=10_000)] = 2.0
    """Changes a second, in the whole fleet; 0 for none."""
    seed: int = 1
    frozen: bool = False
    """Nothing moves, but for what a person does."""
    now: float | None = None
    """Seconds since the epoch at the start; None for the wall's time, or FROZEN_NOW when frozen."""
    steps: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """Tenths of a second that the fleet has lived through before it is first seen."""


class Home(Cluster):
    """A cluster with its life, grown as far as somebody has looked."""

    def __init__(
        self, place: Place, sizes: Sizes, options: Options, clock: Clock, *, number: int, rate: float
    ) -> None:
        birth = clock.now() - options.steps * TICK
        super().__init__(place, Random(f"{options.seed}/{place.cluster}"), lambda: birth)
        self.sizes = sizes
        self.denied = sizes.denied
        self.clock = clock
        self.life = Life(self, rate, birth)
        self.grown = False
        outages = number == min(1, options.clusters - 1)
        self._days = Days(self, self.life, number, outages=outages)
        self.frozen = options.frozen
        self._steps = options.steps
        self._with_machines = False
        self._growing: Iterator[tuple[Pod, ...]] | None = None

    def grow_machines(self) -> None:
        """Have its nodes and instances, as they are after what it has lived through already."""
        if not self._with_machines:
            self._with_machines = True
            grow_machines(self, self.sizes)
            if self._steps:
                for _ in self._rest():
                    pass

    def grow(self) -> Iterator[tuple[Pod, ...]]:
        """Its pods by the chunk: those there are, then the rest as they come into being."""
        self.grow_machines()
        said = 0
        for chunk in chain(_in_chunks(self.pods.values()), self._rest()):
            said += len(chunk)
            yield chunk
        if said < len(self.pods):  # two streams grew it in turns, and each saw a part
            yield from _in_chunks(self.pods.values())

    def advance(self) -> None:
        """Live up to now, once it is grown."""
        if self.grown and not self.frozen:
            self.life.advance(self.clock.now())

    def _rest(self) -> Iterator[tuple[Pod, ...]]:
        if self.grown:
            return
        if self._growing is None:
            self._growing = grow_pods(self, self.sizes)
        yield from self._growing
        if not self.grown:
            self._come_alive()

    def _come_alive(self) -> None:
        self.grown = True
        self.now = lambda: self.life.now
        self._days.begin()
        for _ in range(self._steps):
            self.life.tick()


def _in_chunks(pods: Iterable[Pod]) -> Iterator[tuple[Pod, ...]]:
    there = tuple(pods)
    return (there[start : start + CHUNK] for start in range(0, len(there), CHUNK))


class Fleet:
    """All clusters, and the clock they share."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or _clock(options)
        where = places(options.clusters)
        sizes = _sizes(options, where)
        weights = [size.pods for size in sizes]
        rates = [options.rate * weight / (sum(weights) or 1) for weight in weights]
        self.clusters = [
            Home(place, sizes[number], options, self.clock, number=number, rate=rates[number])
            for number, place in enumerate(where)
        ]


def _clock(options: Options) -> Clock:
    if options.frozen:
        return FrozenClock(FROZEN_NOW if options.now is None else options.now)
    return WallClock(options.now)


def _sizes(options: Options, where: list[Place]) -> list[Sizes]:
    weights = [place.weight for place in where]
    seen = [0 if number == _DENIED else weight for number, weight in enumerate(weights)]
    nodes = options.nodes or max(len(where), -(-options.pods // _PODS_ON_A_NODE))
    idle = max(0, options.instances - nodes) if options.instances else max(2 * len(where), nodes // 10)
    return [
        Sizes(
            nodes=node_count,
            pods=pod_count,
            idle=idle_count,
            lost_node=number == 0,
            cordoned_node=number == min(1, len(where) - 1),
            denied=number == _DENIED,
        )
        for number, (node_count, pod_count, idle_count) in enumerate(
            zip(split(nodes, weights), split(options.pods, seen), split(idle, weights), strict=True)
        )
    ]
