"""Where the person is among rows that change: cursor, marks and the keys on screen. No Textual."""

from __future__ import annotations

from collections.abc import Hashable

from widgets.cells import Rows


class Viewport:
    """The window over some rows.

    Everything belongs to keys. What is on screen is `keys`, as of the last `sync()`; rows may change
    underneath it, and until the next `sync()` nothing moves.
    """

    def __init__(self) -> None:
        self.rows: Rows | None = None
        self.height = 0
        """Lines for rows."""
        self.top = 0
        """Row number of the first line, as of the last sync."""
        self.count = 0
        """Number of rows, as of the last sync."""
        self.keys: list[Hashable] = []
        """The objects on screen, top to bottom."""
        self.cursor: Hashable | None = None
        self.cursor_row = 0
        """Row number of the cursor, as of the last sync."""
        self.touched = False
        """Whether a person has moved: until then the view stays at the top."""
        self.settling = False
        """Whether rows are still being loaded: until a person moves, the cursor is on the first of them."""
        self.pending = False
        """Whether rows came, went or moved since the last sync."""
        self.syncs = 0
        """How often that was."""
        self.marks: set[Hashable] = set()
        self._last_mark: Hashable | None = None

    @property
    def cursor_line(self) -> int | None:
        """The screen line of the cursor, None when it is scrolled away or there is none."""
        line = self.cursor_row - self.top
        return line if self.cursor is not None and 0 <= line < len(self.keys) else None

    @property
    def full(self) -> bool:
        """Whether every line has a row."""
        return len(self.keys) >= self.height

    def show(self, rows: Rows | None) -> None:
        """Another set of rows, to be synced: the cursor stays on its object, or else goes to the top."""
        self.rows = rows
        if rows is None or self.cursor is None or rows.index_of(self.cursor) is None:
            self.touched = False
            self.top = 0
        self.pending = True

    def sync(self) -> None:
        """Take in what came, went and moved.

        The cursor's object stays under the cursor and on its screen line; if it is gone, the next one
        that was below it takes its place. With the cursor scrolled away, the top row stays put.
        """
        self.pending = False
        self.syncs += 1
        rows = self.rows
        self.count = 0 if rows is None else len(rows)
        if rows is None or not self.count:
            self.top = self.cursor_row = 0
            self.cursor, self.keys = None, []
            self.prune()
            return
        if not self._at_top(rows):
            self._anchor(rows)
        self._fill(rows)
        self.prune()

    def _at_top(self, rows: Rows) -> bool:
        """Stay at the top where nobody has moved; the cursor keeps its object even so, once rows are loaded:
        a key about to be pressed must not find another one under it."""
        if self.cursor is not None and self.touched:
            return False
        row = None if self.cursor is None or self.settling else rows.index_of(self.cursor)
        if row is not None and row >= max(1, self.height):
            return False
        self.top = 0
        self.cursor_row, self.cursor = (0, rows.key_at(0)) if row is None else (row, self.cursor)
        return True

    def resize(self, height: int) -> None:
        """Another number of lines: a cursor that was on screen stays on screen."""
        was_visible = self.cursor_line is not None
        self.height = max(0, height)
        self.sync()
        if was_visible:
            self._reveal()

    def scroll_to(self, top: int) -> None:
        """Put row number `top` on the first line; the cursor stays on its object."""
        if self.rows is None:
            return
        self.touched = True
        if self.pending:
            self.sync()
        self.top = top
        self._fill(self.rows)

    def move_by(self, lines: int) -> None:
        """Move the cursor by lines as they are on screen, scrolling as little as needed."""
        self.touched = True
        line = self.cursor_line
        rows = self.rows
        if rows is not None and self.pending:
            # What was below the cursor on screen is what a press of `down` means, wherever it is now.
            if line is not None and 0 <= line + lines < len(self.keys):
                target = self.keys[line + lines]
                if rows.index_of(target) is not None:
                    self.cursor, self.cursor_row = target, self.cursor_row + lines
                    self.sync()
                    return
            self.sync()
        self.move_to(self.cursor_row + lines)

    def page_by(self, pages: int) -> None:
        """Move by screenfuls, less one line; the cursor keeps its screen line where it can."""
        self.touched = True
        if self.pending:
            self.sync()
        step = max(1, self.height - 1) * pages
        self.top += step
        self.move_to(self.cursor_row + step)

    def move_to(self, row: int) -> None:
        """Put the cursor on a row number, the nearest one if there is no such row."""
        self.touched = True
        if self.pending:
            self.sync()
        if self.rows is None or not self.count:
            return
        self.cursor_row = min(max(row, 0), self.count - 1)
        self.cursor = self.rows.key_at(self.cursor_row)
        self._reveal()

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on that object; False when it is not among the rows."""
        if self.pending:
            self.sync()
        row = None if self.rows is None else self.rows.index_of(key)
        if row is None:
            return False
        self.move_to(row)
        return True

    def toggle_mark(self) -> None:
        """Mark the object under the cursor, or take its mark away."""
        if self.cursor is None:
            return
        if self.cursor in self.marks:
            self.marks.discard(self.cursor)
        else:
            self.marks.add(self.cursor)
            self._last_mark = self.cursor

    def mark_range(self) -> None:
        """Mark everything from the last mark to the cursor, both included."""
        if self.pending:
            self.sync()
        rows = self.rows
        if rows is None or self.cursor is None:
            return
        start = None if self._last_mark is None else rows.index_of(self._last_mark)
        low, high = sorted((self.cursor_row if start is None else start, self.cursor_row))
        self.marks.update(rows.key_at(row) for row in range(low, high + 1))
        self._last_mark = self.cursor

    def prune(self) -> None:
        """What is gone is not marked any more."""
        if self.marks:
            rows = self.rows
            self.marks = set() if rows is None else {key for key in self.marks if rows.knows(key)}

    @property
    def hidden_marks(self) -> int:
        """How many marked objects are not among the rows."""
        rows = self.rows
        return 0 if rows is None else sum(rows.index_of(key) is None for key in self.marks)

    def clear_marks(self) -> None:
        """No marks."""
        self.marks.clear()
        self._last_mark = None

    def _anchor(self, rows: Rows) -> None:
        line = self.cursor_line
        row = None if self.cursor is None else rows.index_of(self.cursor)
        if line is not None:
            if row is None:
                row = self._heir(rows, line)
            self.top = row - line
        else:
            if row is None:
                row = min(self.cursor_row, self.count - 1)
            self._anchor_top(rows)
        self.cursor_row, self.cursor = row, rows.key_at(row)

    def _anchor_top(self, rows: Rows) -> None:
        for line, key in enumerate(self.keys):
            row = rows.index_of(key)
            if row is not None:
                self.top = row - line
                return

    def _heir(self, rows: Rows, line: int) -> int:
        for key in (*self.keys[line + 1 :], *reversed(self.keys[:line])):
            row = rows.index_of(key)
            if row is not None:
                return row
        return min(self.cursor_row, self.count - 1)

    def _reveal(self) -> None:
        if self.rows is None:
            return
        if self.cursor_row < self.top:
            self.top = self.cursor_row
        elif self.height and self.cursor_row >= self.top + self.height:
            self.top = self.cursor_row - self.height + 1
        self._fill(self.rows)

    def _fill(self, rows: Rows) -> None:
        self.top = min(max(self.top, 0), max(0, self.count - self.height))
        last = min(self.count, self.top + self.height)
        self.keys = [rows.key_at(row) for row in range(self.top, last)]
