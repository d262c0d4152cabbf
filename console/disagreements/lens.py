"""The disagreements of a fleet, kept as it changes: what changed is judged again, and who depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import chain
from math import inf
from typing import TYPE_CHECKING

from console.disagreements.claim import Disagreement, ref_of, row_of
from console.disagreements.coverage import HOME
from console.disagreements.gaps import Gaps
from console.disagreements.rules import RULES_OF
from console.disagreements.standings import FILE
from console.disagreements.world import World
from console.item import Item
from console.source import SourceState
from providers.model import Ref

if TYPE_CHECKING:
    from console.fleet import Changes, Fleet

Verdict = tuple[Ref, Disagreement | None]
"""A row's identity and what it says now, None when there is no such row any more."""

_COMPARED = ("node", "instance")
_NO_ROWS: dict[Ref, Disagreement] = {}
Standpoint = tuple[object, ...]


class Lens:
    """Judges objects by the rules. Costs as much as what changed, whatever the fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._world = World(fleet)
        self.gaps = Gaps()
        self._rows: dict[Ref, dict[Ref, Disagreement]] = {}
        """Of each object that there is something to say of."""
        self._standpoints: dict[str, Standpoint] = {}
        self._due: list[tuple[float, Ref]] = []
        self._due_of: dict[Ref, float] = {}

    def begin(self) -> list[Verdict]:
        """Everything that is to be said of the fleet as it is."""
        self._standpoints = {name: _standpoint(state) for name, state in self._fleet.sources.items()}
        return self._judge_all({item.ref for kind in _COMPARED for item in self._fleet.items(kind)})

    def of(self, item: Item) -> list[Disagreement]:
        """What is said of an object, in the order of the rules."""
        return list(self._rows.get(item.ref, _NO_ROWS).values())

    def follow(self, changes: Changes) -> list[Verdict]:
        """What is to be said otherwise after those changes, and now that it is later."""
        affected = set(chain.from_iterable(changes.changed.get(kind, ()) for kind in _COMPARED))
        affected.update(chain.from_iterable(changes.gone.get(kind, ()) for kind in _COMPARED))
        affected.update(self._cordoned_under(changes.changed.get("pod", ())))
        for name in changes.sources:
            if self._stands_otherwise(name):
                affected.update(self._depending_on(name))
        return self._judge_all(affected)

    # ---- who is to be judged -----------------------------------------------------------------------

    def _judge_all(self, affected: set[Ref]) -> list[Verdict]:
        self._world.begin_round()
        affected.update(self._now_due())
        for ref in list(affected):
            affected.update(FILE[ref.kind](self._world, ref, self._fleet.item(ref)))
        affected.update(self._world.generations.settle())
        return [verdict for ref in affected for verdict in self._judge(ref)]

    def _cordoned_under(self, pods: Iterable[Ref]) -> Iterator[Ref]:
        """Pods matter only where somebody might be draining."""
        for ref in pods:
            pod = self._fleet.item(ref)
            if pod is not None and pod.node is not None and pod.node.obj.unschedulable:
                yield pod.node.ref

    def _stands_otherwise(self, name: str) -> bool:
        state = self._fleet.sources.get(name)
        now = _standpoint(state) if state is not None else ()
        before = self._standpoints.get(name, ())
        self._standpoints[name] = now
        return now != before

    def _depending_on(self, name: str) -> Iterator[Ref]:
        """What a source brought, what is joined to that, and what may have its counterpart there."""
        state = self._fleet.sources.get(name)
        for kind in _COMPARED:
            for item in state.items.get(kind, {}).values() if state is not None else ():
                yield item.ref
                yield from (other.ref for other in (item.node, item.instance) if other is not None)
        yield from self._world.siblings.vouching_for(name)
        yield from self._world.siblings.asking_of(name)
        yield from self._world.siblings.asking_by(HOME)

    def _now_due(self) -> Iterator[Ref]:
        while self._due and self._due[0][0] <= self._world.now:
            at, ref = heappop(self._due)
            if self._due_of.get(ref) == at:
                del self._due_of[ref]
                yield ref

    # ---- one object --------------------------------------------------------------------------------

    def _judge(self, ref: Ref) -> Iterator[Verdict]:
        item = self._fleet.item(ref)
        self.gaps.put(ref, item, self._world)
        rows = self._rows_of(item) if item is not None else _NO_ROWS
        before = self._rows.pop(ref, _NO_ROWS)
        if rows:
            self._rows[ref] = rows
        for row_ref in before:
            if row_ref not in rows:
                yield row_ref, None
        for row_ref, row in rows.items():
            # A source that went and came again in one round took its rows with it.
            if before.get(row_ref) != row or self._fleet.item(row_ref) is None:
                yield row_ref, row

    def _rows_of(self, item: Item) -> dict[Ref, Disagreement]:
        rows = _NO_ROWS
        for rule in RULES_OF[item.ref.kind]:
            claim = rule.judge(item, self._world)
            if claim is not None:
                rows = {**rows, ref_of(rule, item.ref): row_of(rule, item, claim)}
                if claim.until is not None:
                    self._judge_again(item.ref, claim.until)
        return rows

    def _judge_again(self, ref: Ref, at: float) -> None:
        if at < self._due_of.get(ref, inf):
            self._due_of[ref] = at
            heappush(self._due, (at, ref))


def judged_alone(item: Item, fleet: Fleet) -> list[Disagreement]:
    """What is to be said of one object without a look at its siblings: as cheap as a row."""
    world = World(fleet)
    rules = (rule for rule in RULES_OF.get(item.ref.kind, ()) if not rule.siblings)
    claims = ((rule, rule.judge(item, world)) for rule in rules)
    return [row_of(rule, item, claim) for rule, claim in claims if claim is not None]


def _standpoint(state: SourceState) -> Standpoint:
    """What the judgement of others depends on of a source: what it knows, and where it is."""
    info = state.info
    known = [state.knows(kind) for kind in ("node", "instance", "pod")]
    return (*known, info.provider, info.kinds, info.cluster, info.account, info.region, info.namespaces)
