"""The rows of a pane: the items of a kind that are asked for, in order, kept so as they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, Protocol

from console.fleet import Changes, Fleet, Item
from console.views.kinds import KindView, ViewColumn
from console.views.lines import LineCache
from console.views.order import Order
from console.views.ranks import Entry, Ranks
from console.views.scope import EVERYTHING, Scope
from providers.model import Ref
from widgets.cells import ColumnSpec, Line

_ONE_BY_ONE = 256
"""Up to so many changes rows are moved one by one (10 µs at 100,000 rows); above, all are sorted once."""

_TIMED_SECONDS = 5.0
"""How often a filter on ages looks at the clock again."""

_NONE: frozenset[Ref] = frozenset()


class Matcher(Protocol):
    """A filter, such as the query language makes."""

    @property
    def text(self) -> str: ...
    @property
    def timed(self) -> bool:
        """Whether the answer changes as time passes."""

    def matches(self, item: Item) -> bool: ...
    def refines(self, other: Any) -> bool:
        """Whether it certainly matches nothing that the other does not."""


class ListingChange(NamedTuple):
    """What a pane has to draw again."""

    structure: bool
    """Rows came, went or moved, or all look different: draw every visible line."""
    dirty: set[Ref]
    """Rows that stayed in place and say something else now."""
    columns: bool = False
    """The columns are others."""

    def __bool__(self) -> bool:
        return self.structure or bool(self.dirty) or self.columns


UNCHANGED = ListingChange(False, set())


class Listing:
    """Implements widgets.cells.Rows: sorted and filtered rows of one kind, keyed by Ref.

    Updating costs in proportion to what changed; finding a row takes logarithmic time.
    """

    def __init__(self, fleet: Fleet, view: KindView, now: Callable[[], float]) -> None:
        self.fleet = fleet
        self.view = view
        self.now = now
        self.query: Matcher | None = None
        self.scope: Scope = EVERYTHING
        self.faults_only = False
        self._order = Order(view, view.default_sort)
        self._rows = Ranks()
        self._hidden: set[Ref] = set()
        self._evaluated_at = 0.0
        self._columns: tuple[ViewColumn, ...] | None = None
        self._specs: tuple[ColumnSpec, ...] = ()
        self._lines = LineCache()
        self._outdated = True
        self._choose_columns()

    # ---- what a grid asks ------------------------------------------------------------------------

    @property
    def columns(self) -> Sequence[ColumnSpec]:
        """Those that tell anything: an origin that is the same for every row is left out."""
        return self._specs

    def __len__(self) -> int:
        return len(self._settled())

    def key_at(self, index: int) -> Ref:
        """The identity of the row at that place. Raises IndexError when there is none."""
        return self._settled()[index].ref

    def item_at(self, index: int) -> Item:
        """The item at that place. Raises IndexError when there is none."""
        return self._settled()[index]

    def index_of(self, key: Hashable) -> int | None:
        """Where that object is now, None when it is not among the rows."""
        return self._settled().place(key) if isinstance(key, Ref) else None

    def line_at(self, index: int) -> Line:
        """The row at that place, as it is now."""
        return self._lines.line(self._settled()[index], self.now())

    # ---- what a title says -----------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """Rows that are asked for."""
        return len(self)

    @property
    def total(self) -> int:
        """Rows there would be without the filter, in what it is narrowed to."""
        return len(self) + len(self._hidden)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many of the shown rows there are of each trouble, those there are any of."""
        counts = self._settled().counts
        return [(word, counts[word]) for word in self.view.counted if counts[word]]

    def summary(self) -> str:
        """`412 · 3 not ready · 5 cordoned`; `12 of 412 · …` when filtered."""
        number = f"{self.shown:,}" if self.shown == self.total else f"{self.shown:,} of {self.total:,}"
        return " · ".join([number, *(f"{count:,} {word}" for word, count in self.counts)])

    @property
    def narrowings(self) -> list[str]:
        """What narrows the rows, in words."""
        return self.scope.words(self.fleet, self.view.kind)

    @property
    def sort_key(self) -> str:
        """The key of the column that the rows are sorted by."""
        return self._order.key

    @property
    def descending(self) -> bool:
        """Whether the last comes first."""
        return self._order.descending

    # ---- what a person asks ----------------------------------------------------------------------

    def set_query(self, query: Matcher | None) -> None:
        """Show only what it matches; None shows everything."""
        if query == self.query:
            return
        before, self.query = self.query, query
        if query is None or self._outdated or not (before is None or query.refines(before)):
            self._outdated = True
        else:
            self._narrow(query)

    def set_sort(self, key: str, descending: bool = False) -> None:
        """Sort by that column. Raises KeyError when the kind has none of that key."""
        order = Order(self.view, key, descending)
        if (order.key, order.descending) != (self._order.key, self._order.descending):
            self._order = order
            self._outdated = True

    def set_scope(self, scope: Scope) -> None:
        """Narrow to that part of the fleet."""
        if scope != self.scope:
            self.scope = scope
            self._outdated = True

    def set_faults_only(self, on: bool) -> None:
        """Show only what is not well."""
        if on != self.faults_only:
            self.faults_only = on
            self._outdated = True

    # ---- keeping up ------------------------------------------------------------------------------

    def _settled(self) -> Ranks:
        """The rows; built now where something else is asked for since: once, however much was."""
        if self._outdated:
            self._rebuild()
        return self._rows

    def _rebuild(self) -> None:
        """Everything again, from the fleet."""
        self._outdated = False
        self._rows = Ranks()
        self._hidden.clear()
        self._evaluated_at = self.now()
        self._load(self.scope.candidates(self.fleet, self.view.kind))

    def update(self, changes: Changes) -> ListingChange:
        """Follow what changed in the fleet."""
        columns = bool(changes.sources) and self._choose_columns()
        gone = changes.gone.get(self.view.kind, _NONE)
        changed = changes.changed.get(self.view.kind, _NONE)
        structure = columns or bool(changes.restyled) or self._outdated
        total = len(self._rows) + len(self._hidden)
        for ref in gone:
            self._lines.forget(ref)
        if self._outdated:
            self._rebuild()
        elif len(gone) + len(changed) > _ONE_BY_ONE:
            structure |= self._follow_many(gone, changed)
        else:
            for ref in gone:
                structure |= self._hide(ref, False)
            for ref in changed:
                structure |= self._follow(ref)
        dirty = self._dirty(changed, changes.sources)
        if self.total != total:
            dirty |= changed | gone  # none of them may be a row, but the title counts them
        return ListingChange(structure, dirty, columns)

    def tick(self) -> ListingChange:
        """Let time pass: a filter on ages is asked again, every five seconds at most."""
        timed = self.query is not None and self.query.timed
        if not timed or self.now() - self._evaluated_at < _TIMED_SECONDS:
            return UNCHANGED
        before = self._rows.items()
        self._rebuild()
        return UNCHANGED if before == self._rows.items() else ListingChange(True, set())

    def _dirty(self, changed: Iterable[Ref], sources: set[str]) -> set[Ref]:
        now = self.now()
        rows = [item for item in map(self._rows.get, changed) if item is not None]
        if sources:
            self._lines.expire(sources)
            drawn = [item for item in self._lines.drawn() if item.ref.source in sources]
            rows.extend(item for item in drawn if self._rows.get(item.ref) is item)
        return {item.ref for item in rows if self._lines.differs(item, now)}

    def _choose_columns(self) -> bool:
        """Whether they are others than before."""
        infos = [
            source.info
            for source in self.fleet.sources.values()
            if self.view.kind in source.items or self.view.kind in source.info.kinds
        ]
        columns = tuple(
            column
            for column in self.view.columns
            if column.origin is None or len({column.origin(info) for info in infos}) > 1
        )
        if columns == self._columns:
            return False
        self._columns = columns
        self._specs = tuple(column.spec for column in columns)
        self._lines.set_columns(columns)
        return True

    # ---- rows ------------------------------------------------------------------------------------

    def _wanted(self, item: Item) -> bool:
        if self.faults_only and not self.view.trouble(item).severity:
            return False
        return self.query is None or self.query.matches(item)

    def _entry(self, item: Item) -> Entry:
        return (*self._order.keys(item), item, self.view.trouble(item).counted)

    def _load(self, items: Iterable[Item]) -> None:
        """Take in many that are not among the rows."""
        within = [item for item in items if self.scope.includes(item)]
        wanted = [item for item in within if self._wanted(item)]
        self._rows.put_many([self._entry(item) for item in wanted])
        if len(wanted) < len(within):
            self._hidden.update(item.ref for item in within if self._rows.get(item.ref) is None)

    def _narrow(self, query: Matcher) -> None:
        """Leave only what it matches of the rows there are: nothing is sorted again."""
        self._evaluated_at = self.now()
        self._hidden.update(item.ref for item in self._rows.keep(query.matches))

    def _follow_many(self, gone: AbstractSet[Ref], changed: AbstractSet[Ref]) -> bool:
        before = self._rows.items()
        affected = gone | changed
        self._rows.drop_many(affected)
        self._hidden -= affected
        self._load([item for item in map(self.fleet.item, changed) if item is not None])
        return before != self._rows.items()

    def _follow(self, ref: Ref) -> bool:
        """One row as it is now. True when rows came, went or moved."""
        item = self.fleet.item(ref)
        if item is None or not self.scope.includes(item):
            return self._hide(ref, False)
        if not self._wanted(item):
            return self._hide(ref, True)
        self._hidden.discard(ref)
        return self._rows.put(self._entry(item))

    def _hide(self, ref: Ref, counted: bool) -> bool:
        """Show no row of it; `counted` when a filter is why. True when there was one."""
        if counted:
            self._hidden.add(ref)
        else:
            self._hidden.discard(ref)
        return self._rows.drop(ref)
