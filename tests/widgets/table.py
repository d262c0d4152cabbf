"""Rows that a test can change, and a small app with a grid over them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from textual.app import App, ComposeResult

from widgets.cells import Cell, ColumnSpec, Line, Tone
from widgets.grid import Grid

COLUMNS = (
    ColumnSpec("name", "NAME", 24, flexible=True, min_width=8),
    ColumnSpec("status", "STATUS", 16),
    ColumnSpec("zone", "ZONE", 12, priority=3),
    ColumnSpec("restarts", "RESTARTS", 8, right=True, priority=2),
    ColumnSpec("age", "AGE", 5, right=True),
)


class Table:
    """Implements widgets.cells.Rows over a dict, in a list's order."""

    def __init__(self, keys: Sequence[Hashable] = (), columns: Sequence[ColumnSpec] = COLUMNS) -> None:
        self.columns: Sequence[ColumnSpec] = columns
        self.order: list[Hashable] = list(keys)
        self.lines: dict[Hashable, Line] = {key: _line(str(key)) for key in keys}
        self.hidden: set[Hashable] = set()
        """There, and not among the rows."""
        self.asked = 0

    def __len__(self) -> int:
        return len(self.order)

    def key_at(self, index: int) -> Hashable:
        return self.order[index]

    def index_of(self, key: Hashable) -> int | None:
        return self.order.index(key) if key in self.lines else None

    def knows(self, key: Hashable) -> bool:
        return key in self.lines or key in self.hidden

    def line_at(self, index: int) -> Line:
        self.asked += 1
        return self.lines[self.order[index]]

    def insert(self, index: int, key: Hashable) -> None:
        self.order.insert(index, key)
        self.lines[key] = _line(str(key))

    def delete(self, key: Hashable) -> None:
        self.order.remove(key)
        del self.lines[key]

    def write(
        self, key: Hashable, column: int, text: str, tone: Tone = "", *, version: int | None = None
    ) -> None:
        """Change one cell; the version grows unless one is given."""
        line = self.lines[key]
        cells = list(line.cells)
        cells[column] = Cell(text, tone)
        self.lines[key] = Line(tuple(cells), line.version + 1 if version is None else version, line.stale)


def _line(name: str) -> Line:
    cells = (Cell(name), Cell("● Running", "good"), Cell("eu-west-1b"), Cell("0"), Cell("3d", "dim"))
    return Line(cells, 1)


class GridApp(App[None]):
    """One grid, and what it said."""

    def __init__(self, table: Table | None, *, flash: bool = False) -> None:
        super().__init__()
        self.now = 0.0
        self.grid = Grid(table, flash=flash, clock=lambda: self.now)
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    def on_grid_cursor_moved(self, message: Grid.CursorMoved) -> None:
        self.said.append(message.key)

    def on_grid_chosen(self, message: Grid.Chosen) -> None:
        self.said.append(("chosen", message.key))

    def on_grid_sort_wanted(self, message: Grid.SortWanted) -> None:
        self.said.append(("sort", message.column_key))

    def on_grid_marks_changed(self) -> None:
        self.said.append(("marks", self.grid.marks))

    def lines(self) -> list[str]:
        """The screen as text."""
        return [
            "".join(segment.text for segment in strip).rstrip()
            for strip in self.screen._compositor.render_strips()
        ]
