"""One line of cells: a header, a title, a row of keys."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from widgets.bare import Bare
from widgets.cells import Cell
from widgets.tones import base_style, tone_style


class Bar(Bare):
    """Cells from the left and from the right; where there is no room the end of the left gives way."""

    DEFAULT_CSS = """
    Bar { height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._left: tuple[Cell, ...] = ()
        self._right: tuple[Cell, ...] = ()
        self._kept = 0

    def show(self, left: Sequence[Cell], right: Sequence[Cell] = (), kept: int = 0) -> None:
        """Show these cells; nothing is drawn when they are the ones already there.

        The first `kept` of the left stay where there is no room: the right gives way, down to a quarter.
        """
        cells = (tuple(left), tuple(right), kept)
        if cells != (self._left, self._right, self._kept):
            self._left, self._right, self._kept = cells
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, the left and the right side."""
        return "".join(cell.text for cell in (*self._left, *self._right))

    def render_line(self, y: int) -> Strip:
        """The line, exactly as wide as the widget."""
        width = self.size.width
        base = base_style(self)
        if y:
            return Strip.blank(width, base)
        begins = self._strip(self._left[: self._kept]).cell_length
        kept = min(width * 3 // 4, begins + 2) if begins else 0
        right = _fitting(self._strip(self._right), width - kept)
        room = width - right.cell_length
        left = _fitting(self._strip(self._left), room).adjust_cell_length(room, base)
        return Strip.join([left, right]).simplify().apply_style(base)

    def _strip(self, cells: tuple[Cell, ...]) -> Strip:
        return Strip([Segment(cell.text, tone_style(self, cell.tone)) for cell in cells if cell.text])


def _fitting(strip: Strip, room: int) -> Strip:
    """As much of its beginning as there is room for."""
    if strip.cell_length <= room or room <= 2:
        return strip.crop(0, max(0, room))
    return Strip.join([strip.crop(0, room - 2), Strip([Segment("… ")])])
