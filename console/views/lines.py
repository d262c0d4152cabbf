"""Rows as they were last drawn, so that a row which says the same again is not drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from console.item import Item
from console.views.kinds import ViewColumn
from providers.model import Ref
from widgets.cells import Cell, Line

_LIMIT = 4096
"""Lines kept: many screens, and small beside a fleet."""

_STAMPS = count(1)


class _Drawn:
    __slots__ = ("item", "line", "version")

    def __init__(self, item: Item, version: int, line: Line) -> None:
        self.item = item
        self.version = version
        self.line = line


class LineCache:
    """Makes lines. A line's version changes exactly when its text, a tone or its staleness does."""

    def __init__(self) -> None:
        self._columns: tuple[ViewColumn, ...] = ()
        self._ticking: tuple[int, ...] = ()
        self._drawn: dict[Ref, _Drawn] = {}

    def set_columns(self, columns: Sequence[ViewColumn]) -> None:
        """What lines are made of from now on."""
        self._columns = tuple(columns)
        self._ticking = tuple(index for index, column in enumerate(columns) if column.ticks)
        self._drawn.clear()

    def line(self, item: Item, now: float) -> Line:
        """The item's row at that time."""
        drawn = self._drawn.get(item.ref)
        if drawn is None or drawn.item is not item:
            return self._draw(item, now)
        drawn.line = self._again(drawn, now)
        drawn.version = item.version
        return drawn.line

    def differs(self, item: Item, now: float) -> bool:
        """Whether its row says something else than when it was last made; True where it never was."""
        drawn = self._drawn.get(item.ref)
        if drawn is None or drawn.item is not item:
            return True
        before = drawn.line
        return self.line(item, now) is not before

    def expire(self, sources: set[str]) -> None:
        """Facts of these sources changed: look at every cell of their rows again."""
        for drawn in self._drawn.values():
            if drawn.item.ref.source in sources:
                drawn.version = -1

    def drawn(self) -> list[Item]:
        """The items whose rows are kept."""
        return [drawn.item for drawn in self._drawn.values()]

    def forget(self, ref: Ref) -> None:
        """That row is gone."""
        self._drawn.pop(ref, None)

    def _draw(self, item: Item, now: float) -> Line:
        if len(self._drawn) >= _LIMIT:
            self._drawn.clear()
        line = Line(self._cells(item, now), next(_STAMPS), item.stale_since is not None)
        self._drawn[item.ref] = _Drawn(item, item.version, line)
        return line

    def _cells(self, item: Item, now: float) -> tuple[Cell, ...]:
        return tuple([column.cell(item, now) for column in self._columns])

    def _again(self, drawn: _Drawn, now: float) -> Line:
        """The line as it is now: the same object when nothing in it changed."""
        item, line = drawn.item, drawn.line
        stale = item.stale_since is not None
        known = drawn.version == item.version
        cells = self._tick(item, line.cells, now) if known else self._cells(item, now)
        if cells == line.cells and stale == line.stale:
            return line
        return Line(cells, next(_STAMPS), stale)

    def _tick(self, item: Item, cells: tuple[Cell, ...], now: float) -> tuple[Cell, ...]:
        fresh = [(index, self._columns[index].cell(item, now)) for index in self._ticking]
        if all(cells[index] == cell for index, cell in fresh):
            return cells
        changed = list(cells)
        for index, cell in fresh:
            changed[index] = cell
        return tuple(changed)
