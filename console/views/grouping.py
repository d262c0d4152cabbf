"""The objects of a pane by what they have in common: a row for each value, counted as they change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from operator import attrgetter
from typing import Any

from console.fleet import Changes, Fleet, Item
from console.prices.cost import cost_of
from console.views.dimension import Dimension, Group
from console.views.kinds import KindView
from console.views.membership import ONE_BY_ONE, UNCHANGED, Membership, RowsChange
from console.views.order import descending
from console.views.ranks import Entry, Ranks
from console.views.tally import Portion, Tally
from console.views.told import GroupColumn, group_columns, trouble_words
from providers.model import Ref
from widgets.cells import ColumnSpec, Line

_LINES = 1024
"""Lines kept as they were last drawn: many screens."""
_STAMPS = count(1)


def _no_groups() -> Ranks[Group, Tally]:
    return Ranks(attrgetter("group"))


class Grouping(Membership):
    """Implements widgets.cells.Rows: a row for each value, keyed by Group; of the unknown ones one, last.

    Updating costs in proportion to what changed: what an object added is taken out again when it goes.
    """

    def __init__(self, fleet: Fleet, view: KindView, by: Dimension, now: Callable[[], float]) -> None:
        super().__init__(fleet, view, now)
        self.by = by
        self._columns = {column.spec.key: column for column in group_columns(view, by)}
        self._shown = self._choose_columns()
        self.sort_key = self.default_sort
        self.descending = False
        self._pods = view.fields["pods"].value if "pods" in view.fields else lambda item: 0
        self._nobody = Group(by.name, None)
        self._portions: dict[Ref, Portion] = {}
        self._tallies: dict[Group, Tally] = {}
        self._touched: set[Group] = set()
        self._all = Tally(self._nobody)
        self._ranks = _no_groups()
        self._lines: dict[Group, Line] = {}

    # ---- what a grid asks ------------------------------------------------------------------------

    @property
    def columns(self) -> Sequence[ColumnSpec]:
        """What is told of each group."""
        return [column.spec for column in self._shown]

    def __len__(self) -> int:
        return len(self._settled())

    def key_at(self, index: int) -> Group:
        """The group at that place. Raises IndexError when there is none."""
        return self._settled()[index].group

    def index_of(self, key: Hashable) -> int | None:
        """Where that group is now, None when nothing is in it."""
        return self._settled().place(key) if isinstance(key, Group) else None

    def line_at(self, index: int) -> Line:
        """The row at that place, as it is now: the same object when nothing in it changed."""
        tally = self._settled()[index]
        cells = tuple([column.cell(tally, self._all) for column in self._shown])
        stale = tally.stale(self.view.kind) == tally.count
        line = self._lines.get(tally.group)
        if line is None or line.cells != cells or line.stale != stale:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            line = self._lines[tally.group] = Line(cells, next(_STAMPS), stale)
        return line

    # ---- what a title says -----------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """Objects that are in one of the groups."""
        self._settle()
        return self._all.count

    @property
    def total(self) -> int:
        """Objects there would be without the filter."""
        return self.shown + self.hidden

    def summary(self) -> str:
        """`3 zones · 412 · 3 impaired`; `3 zones and unknown · ≥ 12 of 412 · 1 source not known`."""
        ranks = self._settled()
        incomplete = ranks.get(self._nobody) is not None
        groups = self.by.counted(len(ranks) - incomplete, incomplete)
        number = f"{self.shown:,}" if self.shown == self.total else f"{self.shown:,} of {self.total:,}"
        silent = len(self._unheard())
        if silent:
            number = f"≥ {number} · {silent:,} source{'s' * (silent > 1)} not known"
        return " · ".join([groups, number, *trouble_words(self._all, self.view)])

    def _unheard(self) -> list[str]:
        """Sources in the scope that have objects of this kind and never told all of them."""
        kind, chosen = self.view.kind, self.scope.sources
        return [
            name
            for name, source in self.fleet.sources.items()
            if kind in source.info.kinds and kind not in source.complete and (not chosen or name in chosen)
        ]

    # ---- what a person asks ----------------------------------------------------------------------

    @property
    def default_sort(self) -> str:
        """The worst first where there is trouble to tell of, else the largest."""
        return next((key for key in ("status", "state") if key in self._columns), "count")

    def can_sort(self, key: str) -> bool:
        """Whether there is a column of that key."""
        return key in self._columns

    def set_sort(self, key: str, descending: bool = False) -> None:
        """Sort by that column. Raises KeyError when there is none of that key."""
        if key not in self._columns:
            raise KeyError(f"groups have no column {key!r}; there are {', '.join(self._columns)}")
        if (key, descending) != (self.sort_key, self.descending):
            self.sort_key, self.descending = key, descending
            self._rank_touched()
            self._sort_again()

    # ---- keeping up ------------------------------------------------------------------------------

    def update(self, changes: Changes) -> RowsChange:
        """Follow what changed in the fleet."""
        before_columns, self._shown = self._shown, self._choose_columns()
        others = self._shown != before_columns
        before = (self._all.count, len(self._hidden))
        structure = self._follow(changes) or others
        dirty: set[Any] = set(self._touched)
        if (self._all.count, len(self._hidden)) != before:
            dirty |= {*self._lines, self._nobody}  # every share is another, and so is the title
        return RowsChange(self._rank_touched() or structure or bool(changes.restyled), dirty, others)

    def tick(self) -> RowsChange:
        """Let time pass: a filter on ages is asked again, every five seconds at most."""
        if not self._due():
            return UNCHANGED
        self._rebuild()
        return RowsChange(True, frozenset())

    def _choose_columns(self) -> list[GroupColumn]:
        """Those that tell anything in this fleet."""
        return [column for column in self._columns.values() if not column.needs or self._infos(column.needs)]

    def _settled(self) -> Ranks[Group, Tally]:
        self._settle()
        if self._touched:
            self._rank_touched()
        return self._ranks

    def _rank_touched(self) -> bool:
        """Put the groups that changed where they belong. True when groups came, went or moved."""
        touched, self._touched = self._touched, set()
        empty = {group for group in touched if not self._tallies[group].count}
        for group in empty:
            del self._tallies[group]
        if len(touched) > ONE_BY_ONE:
            self._sort_again()
            return True
        moved = [self._ranks.drop(group) for group in empty]
        moved += [self._ranks.put(self._entry(self._tallies[group])) for group in touched - empty]
        return any(moved)

    def _sort_again(self) -> None:
        self._ranks = _no_groups()
        self._ranks.put_many([self._entry(tally) for tally in self._tallies.values()])

    def _entry(self, tally: Tally) -> Entry:
        """The unknown last either way, then by the column; ties by how many and then by the value."""
        value = self._columns[self.sort_key].sort(tally)
        name = tally.group.value
        if value is not None and self.descending:
            value = descending(value)
        last = 2 if name is None else 1 if value is None else 0
        return (last, 0 if last else value, -tally.count, name or "", tally, ())

    # ---- adding up -------------------------------------------------------------------------------

    def _portion(self, item: Item) -> Portion:
        return Portion(
            self.by.group(item), self.view.trouble(item), item.source, self._pods(item), cost_of(item)
        )

    def _add(self, portion: Portion, times: int) -> None:
        group = portion.group
        tally = self._tallies.get(group)
        if tally is None:
            tally = self._tallies[group] = Tally(group)
        tally.add(portion, times)
        self._all.add(portion, times)
        self._touched.add(group)

    def _clear(self) -> None:
        self._portions.clear()
        self._tallies.clear()
        self._touched.clear()
        self._all = Tally(self._nobody)
        self._ranks = _no_groups()

    def _put(self, item: Item) -> bool:
        portion, old = self._portion(item), self._portions.get(item.ref)
        if portion != old:
            self._drop(item.ref)
            self._portions[item.ref] = portion
            self._add(portion, 1)
        return False  # told when the groups that were touched are ranked

    def _drop(self, ref: Ref) -> bool:
        old = self._portions.pop(ref, None)
        if old is not None:
            self._add(old, -1)
        return False

    def _put_many(self, items: Iterable[Item]) -> None:
        portions = {item.ref: self._portion(item) for item in items}
        self._portions.update(portions)
        for portion, times in Counter(portions.values()).items():
            self._add(portion, times)

    def _drop_many(self, refs: AbstractSet[Ref]) -> None:
        for ref in refs:
            self._drop(ref)

    def _keep(self, wanted: Callable[[Item], bool]) -> list[Item]:
        found = [item for item in map(self.fleet.item, self._portions) if item is not None]
        dropped = [item for item in found if not wanted(item)]
        self._drop_many({item.ref for item in dropped})
        return dropped
