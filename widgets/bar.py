"""One line of cells: a header, a title, a row of keys."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from widgets.bare import Bare
from widgets.cells import Cell
from widgets.tones import base_style, tone_style


class Bar(Bare):
    """Cells from the left and from the right; where there is no room the left gives way."""

    DEFAULT_CSS = """
    Bar { height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._left: tuple[Cell, ...] = ()
        self._right: tuple[Cell, ...] = ()

    def show(self, left: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        """Show these cells; nothing is drawn when they are the ones already there."""
        cells = (tuple(left), tuple(right))
        if cells != (self._left, self._right):
            self._left, self._right = cells
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
        right = self._strip(self._right).crop(0, width)
        room = max(0, width - right.cell_length)
        left = self._strip(self._left)
        if left.cell_length > room > 2:
            left = Strip.join([left.crop(0, room - 2), Strip([Segment("… ")])])
        left = left.adjust_cell_length(room, base)
        return Strip.join([left, right]).simplify().apply_style(base)

    def _strip(self, cells: tuple[Cell, ...]) -> Strip:
        return Strip([Segment(cell.text, tone_style(self, cell.tone)) for cell in cells if cell.text])
