"""Which columns fit, where each begins and how wide it is: a pure function of specs and width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from widgets.cells import ColumnSpec

_EXTRA = 3
"""Columns of this priority number and above are not worth squeezing a name for."""
GUTTER = 2
"""Cells at the left for the cursor's and the mark's glyph."""


class Place(NamedTuple):
    """One column on the screen."""

    column: int
    """Its index in the rows' columns."""
    x: int
    """First cell, counted from the left edge of the grid, gutter included."""
    width: int
    """Cells of text; the gap after it is not part of it."""


class Layout(NamedTuple):
    """The columns that are drawn, left to right."""

    places: tuple[Place, ...]
    hidden: tuple[int, ...]
    """Columns without room, or scrolled away."""
    more_left: bool = False
    more_right: bool = False

    def at(self, x: int) -> int | None:
        """The index of the column drawn at cell x (the gap belongs to the column before it), or None."""
        found = None
        for place in self.places:
            if place.x > x:
                break
            found = place.column
        return found


def lay_out(columns: Sequence[ColumnSpec], width: int, *, wide: bool = False, first: int = 0) -> Layout:
    """Columns for `width` cells.

    Columns of a high priority number go first, the rightmost of equals first: extra ones when the
    flexible ones would be narrower than they like, the others when even the narrowest widths do not
    fit. Then what is left widens columns up to the width they would like, and the flexible ones
    beyond it. With `wide` nothing is dropped: columns keep their width from column `first` on, and
    those that run off the right edge can be scrolled to.
    """
    gap = 2 if width >= 100 else 1
    room = max(0, width - GUTTER)
    if wide:
        return _scrolled(columns, room, gap, min(max(first, 0), max(0, len(columns) - 1)))
    shown = _fitting(columns, room, gap)
    widths = _widened(columns, shown, room, gap)
    hidden = tuple(i for i in range(len(columns)) if i not in widths)
    return Layout(_placed(shown, widths, gap, room), hidden)


def _narrowest(column: ColumnSpec) -> int:
    return min(column.width, column.min_width) if column.flexible else column.width


def _fitting(columns: Sequence[ColumnSpec], room: int, gap: int) -> list[int]:
    shown = list(range(len(columns)))

    def needed(worst: int) -> int:
        squeezed = worst < _EXTRA
        widths = (_narrowest(columns[i]) if squeezed else columns[i].width for i in shown)
        return sum(width + gap for width in widths) - gap

    while len(shown) > 1:
        worst = max(columns[i].priority for i in shown)
        if needed(worst) <= room or worst == min(columns[i].priority for i in shown):
            break
        shown.remove(next(i for i in reversed(shown) if columns[i].priority == worst))
    return shown


def _widened(columns: Sequence[ColumnSpec], shown: list[int], room: int, gap: int) -> dict[int, int]:
    widths = {i: _narrowest(columns[i]) for i in shown}
    spare = room - sum(widths.values()) - gap * max(0, len(shown) - 1)
    for i in shown:
        more = max(0, min(spare, columns[i].width - widths[i]))
        widths[i] += more
        spare -= more
    flexible = [i for i in shown if columns[i].flexible]
    for place, i in enumerate(flexible):
        more = max(0, spare) // (len(flexible) - place)
        widths[i] += more
        spare -= more
    return widths


def _placed(shown: list[int], widths: dict[int, int], gap: int, room: int) -> tuple[Place, ...]:
    places: list[Place] = []
    x = 0
    for i in shown:
        width = min(widths[i], room - x)
        if width <= 0:
            break
        places.append(Place(i, GUTTER + x, width))
        x += width + gap
    return tuple(places)


def _scrolled(columns: Sequence[ColumnSpec], room: int, gap: int, first: int) -> Layout:
    shown = list(range(first, len(columns)))
    widths = {i: columns[i].width for i in shown}
    total = sum(widths.values()) + gap * max(0, len(shown) - 1)
    spare = room - total
    flexible = [i for i in shown if columns[i].flexible]
    if spare > 0 and flexible:
        widths[flexible[0]] += spare
    places = _placed(shown, widths, gap, room)
    drawn = {place.column for place in places}
    hidden = tuple(i for i in range(len(columns)) if i not in drawn)
    return Layout(places, hidden, more_left=first > 0, more_right=total > room)
