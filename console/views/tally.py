"""What a group adds up to, an object at a time: how many, what troubles them, pods, dollars."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from console.prices.cost import NOTHING, Cost
from console.source import SourceState
from console.views.dimension import Group
from console.views.kinds import Trouble
from providers.model import Kind


class Portion(NamedTuple):
    """What one object adds to its group."""

    group: Group
    trouble: Trouble
    source: SourceState
    pods: int | None
    """None where it is not known how many it has."""
    cost: Cost


class Tally:
    """The sum of some portions: what is taken out again leaves no trace."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.count = 0
        self.pods = 0
        """Of the objects whose number of pods is known."""
        self.pods_unknown = 0
        """How many objects there are whose number of pods is not."""
        self.cost = NOTHING
        self._troubles: Counter[Trouble] = Counter()
        self._sources: Counter[SourceState] = Counter()

    def add(self, portion: Portion, times: int) -> None:
        """Add so many objects that bring the same; below zero takes them out."""
        self.count += times
        self.pods += times * (portion.pods or 0)
        self.pods_unknown += times * (portion.pods is None)
        cost = portion.cost
        self.cost = Cost(self.cost.known + times * cost.known, self.cost.unknown + times * cost.unknown)
        self._troubles[portion.trouble] += times
        self._sources[portion.source] += times

    @property
    def worst(self) -> Trouble:
        """How the worst of them is; where all are well, as most of them are."""
        there = [how for how, count in self._troubles.items() if count]
        return max(there, key=lambda how: (how.severity, self._troubles[how], how))

    @property
    def badness(self) -> int:
        """Grows with how bad the worst are, then with how many those are."""
        severity = self.worst.severity
        as_bad = sum(count for how, count in self._troubles.items() if how.severity == severity)
        return severity * 10**9 + as_bad if severity else 0

    def under(self, word: str) -> int:
        """How many are counted under that word of a trouble."""
        return sum(count for how, count in self._troubles.items() if word in how.counted)

    def stale(self, kind: Kind) -> int:
        """How many are of a source that is not heard from: they count as they last were."""
        return sum(n for source, n in self._sources.items() if source.stale_since_of(kind) is not None)
