"""The rows of a pane: the items of a kind that are asked for, in order, kept so as they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter

from console.fleet import Changes, Fleet, Item
from console.views.kinds import KindView, ViewColumn
from console.views.lines import LineCache
from console.views.membership import UNCHANGED, Membership, RowsChange
from console.views.order import Order
from console.views.ranks import Entry, Ranks
from providers.model import Ref
from widgets.cells import ColumnSpec, Line

_NONE: frozenset[Ref] = frozenset()


def _no_rows() -> Ranks[Ref, Item]:
    return Ranks(attrgetter("ref"))


class Listing(Membership):
    """Implements widgets.cells.Rows: sorted and filtered rows of one kind, keyed by Ref.

    Updating costs in proportion to what changed; finding a row takes logarithmic time.
    """

    def __init__(self, fleet: Fleet, view: KindView, now: Callable[[], float]) -> None:
        super().__init__(fleet, view, now)
        self._order = Order(view, view.default_sort)
        self._rows = _no_rows()
        self._columns: tuple[ViewColumn, ...] | None = None
        self._specs: tuple[ColumnSpec, ...] = ()
        self._lines = LineCache()
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
        return len(self) + self.hidden

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
    def sort_key(self) -> str:
        """The key of the column that the rows are sorted by."""
        return self._order.key

    @property
    def descending(self) -> bool:
        """Whether the last comes first."""
        return self._order.descending

    @property
    def default_sort(self) -> str:
        """The key of the column that rows are sorted by when nobody says."""
        return self.view.default_sort

    def can_sort(self, key: str) -> bool:
        """Whether there is a column of that key."""
        return self.view.column(key) is not None

    # ---- what a person asks ----------------------------------------------------------------------

    def set_sort(self, key: str, descending: bool = False) -> None:
        """Sort by that column. Raises KeyError when the kind has none of that key."""
        order = Order(self.view, key, descending)
        if (order.key, order.descending) != (self._order.key, self._order.descending):
            self._order = order
            self._outdated = True

    # ---- keeping up ------------------------------------------------------------------------------

    def _settled(self) -> Ranks[Ref, Item]:
        self._settle()
        return self._rows

    def update(self, changes: Changes) -> RowsChange:
        """Follow what changed in the fleet."""
        columns = bool(changes.sources) and self._choose_columns()
        gone = changes.gone.get(self.view.kind, _NONE)
        changed = changes.changed.get(self.view.kind, _NONE)
        total = len(self._rows) + len(self._hidden)
        for ref in gone:
            self._lines.forget(ref)
        structure = self._follow(changes) or columns or bool(changes.restyled)
        dirty = self._dirty(changed, changes.sources)
        if self.total != total:
            dirty |= changed | gone  # none of them may be a row, but the title counts them
        return RowsChange(structure, dirty, columns)

    def tick(self) -> RowsChange:
        """Let time pass: a filter on ages is asked again, every five seconds at most."""
        if not self._due():
            return UNCHANGED
        before = self._rows.items()
        self._rebuild()
        return UNCHANGED if before == self._rows.items() else RowsChange(True, set())

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
        infos = self._infos(self.view.kind)
        columns = tuple(
            column
            for column in self.view.columns
            if (column.origin is None or len({column.origin(info) for info in infos}) > 1)
            and (not column.needs or self._infos(column.needs))
        )
        if columns == self._columns:
            return False
        self._columns = columns
        self._specs = tuple(column.spec for column in columns)
        self._lines.set_columns(columns)
        return True

    # ---- rows ------------------------------------------------------------------------------------

    def _entry(self, item: Item) -> Entry:
        return (*self._order.keys(item), item, self.view.trouble(item).counted)

    def _clear(self) -> None:
        self._rows = _no_rows()

    def _put(self, item: Item) -> bool:
        return self._rows.put(self._entry(item))

    def _drop(self, ref: Ref) -> bool:
        return self._rows.drop(ref)

    def _put_many(self, items: Iterable[Item]) -> None:
        self._rows.put_many([self._entry(item) for item in items])

    def _drop_many(self, refs: AbstractSet[Ref]) -> None:
        self._rows.drop_many(refs)

    def _keep(self, wanted: Callable[[Item], bool]) -> list[Item]:
        return self._rows.keep(wanted)
