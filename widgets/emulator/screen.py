"""The screen: its rows, the cursor, the pen and the scroll region, and the scrollback above it."""

from __future__ import annotations

from dataclasses import dataclass, field

from widgets.emulator.charsets import Charsets
from widgets.emulator.history import History, kept_of
from widgets.emulator.row import Row
from widgets.emulator.style import Pen, Pens, Style
from widgets.emulator.tabs import Tabs


@dataclass(slots=True)
class Saved:
    """What DECSC keeps and DECRC gives back."""

    pen: Pen
    row: int = 0
    column: int = 0
    full: bool = False
    origin: bool = False
    charsets: Charsets = field(default_factory=Charsets)


class Screen:
    """What the sequences work on. Rows and columns count from 0; `top` and `bottom` are inside the region."""

    def __init__(self, columns: int, height: int, history: History) -> None:
        self.columns = columns
        self.height = height
        self.history = history
        self.pens = Pens()
        self.changed: set[int] = set()
        """Rows that changed since they were last asked for."""
        self.all_changed = True
        self.rows = [Row() for _ in range(height)]
        self.reset()

    def reset(self) -> None:
        """As it is at the start, but for the scrollback."""
        self.alternate = False
        self._other: list[Row] | None = None
        self._other_saved: Saved | None = None
        self.row = self.column = 0
        self.pen = self.pens.plain
        self.soft_reset()
        self.autowrap = True
        self.newline = False
        self.tabs = Tabs(self.columns)
        self.clear()

    def soft_reset(self) -> None:
        """DECSTR: modes and margins as at the start; text and cursor stay. Autowrap too, as in xterm."""
        self.pen = self.pens.plain
        self.full = False
        """Whether the last column was written to, so that the next character goes to the next row."""
        self.top, self.bottom = 0, self.height - 1
        self.inserting = self.origin = False
        self.charsets = Charsets()
        self.plain_charset = True
        self.saved = Saved(self.pen)
        self.joining: tuple[int, int] | None = None
        """Where a joiner came that waits for an emoji."""
        self.last = ""
        """The character that REP repeats."""

    def clear(self) -> None:
        """Blank rows everywhere, in the pen's background."""
        self.rows = [Row(self.pen.blank, self.columns) for _ in range(self.height)]
        self.all_changed = True

    # The cursor

    def move(self, row: int, column: int) -> None:
        """Put the cursor there, or as near as the screen (in origin mode: the region) allows."""
        first, last = (self.top, self.bottom) if self.origin else (0, self.height - 1)
        row += first
        self.row = first if row < first else min(row, last)
        self.column = max(0, min(column, self.columns - 1))
        self.full = False

    def save(self) -> None:
        """DECSC."""
        self.saved = Saved(self.pen, self.row, self.column, self.full, self.origin, self.charsets.copy())

    def restore(self) -> None:
        """DECRC; home, where nothing was saved."""
        saved = self.saved
        self.pen = saved.pen
        self.origin = saved.origin
        self.charsets = saved.charsets.copy()
        self.plain_charset = self.charsets.plain
        self.row = min(saved.row, self.height - 1)
        self.column = min(saved.column, self.columns - 1)
        self.full = saved.full

    # Lines

    def linefeed(self, blank: Style | None = None) -> None:
        """IND: down, and at the region's end the region scrolls."""
        self.full = False
        if self.row == self.bottom:
            self.scroll_up(1, blank)
        elif self.row < self.height - 1:
            self.row += 1

    def reverse_linefeed(self) -> None:
        """RI: up, and at the region's begin the region scrolls down."""
        self.full = False
        if self.row == self.top:
            self.scroll_down(self.top, 1)
        elif self.row > 0:
            self.row -= 1

    def scroll_up(self, count: int, blank: Style | None = None) -> None:
        """Lines leave the region at its top, into the scrollback when that is the screen's top."""
        top, rows = self.top, self.rows
        if count == 1 and top == 0 and self.bottom == self.height - 1:
            row = rows.pop(0)
            if not self.alternate:
                self.history.add(kept_of(row.kept(), row.wrapped))
            rows.append(Row(blank or self.pen.blank, self.columns))
            self.all_changed = True
            return
        count = min(count, self.bottom - top + 1)
        if top == 0 and not self.alternate:
            for row in rows[:count]:
                self.history.add(kept_of(row.kept(), row.wrapped))
        self._shift(top, count, blank or self.pen.blank)

    def lift(self, count: int) -> None:
        """DL at the cursor: lines go, none of them into the scrollback."""
        self._shift(self.row, min(count, self.bottom - self.row + 1), self.pen.blank)

    def _shift(self, top: int, count: int, blank: Style) -> None:
        columns = self.columns
        rows = self.rows
        del rows[top : top + count]
        after = self.bottom + 1 - count
        rows[after:after] = [Row(blank, columns) for _ in range(count)]
        self._region_changed(top)

    def scroll_down(self, top: int, count: int) -> None:
        """Blank lines come in at that row, the region's last ones go: SD, RI, IL."""
        blank, columns = self.pen.blank, self.columns
        count = min(count, self.bottom - top + 1)
        rows = self.rows
        del rows[self.bottom + 1 - count : self.bottom + 1]
        rows[top:top] = [Row(blank, columns) for _ in range(count)]
        self._region_changed(top)

    def _region_changed(self, top: int) -> None:
        if top == 0 and self.bottom == self.height - 1:
            self.all_changed = True
        else:
            self.changed.update(range(top, self.bottom + 1))

    def margins(self, top: int, bottom: int) -> None:
        """DECSTBM; a region of one line or none is no region. The cursor goes home."""
        bottom = min(bottom, self.height - 1)
        if top < bottom:
            self.top, self.bottom = top, bottom
            self.move(0, 0)

    # The alternate screen

    def enter_alternate(self, *, clear: bool) -> None:
        """Show the other screen, whose rows have no scrollback."""
        if not self.alternate:
            self._swap()
            if clear:
                self.rows = [Row() for _ in range(self.height)]

    def leave_alternate(self, *, clear: bool = False) -> None:
        """Back to the main screen as it was left."""
        if self.alternate:
            if clear:
                self.clear()
            self._swap()

    def _swap(self) -> None:
        other = self._other or [Row() for _ in range(self.height)]
        self._other, self.rows = self.rows, other
        self._other_saved, self.saved = self.saved, self._other_saved or Saved(self.pens.plain)
        self.alternate = not self.alternate
        self.all_changed = True

    def erase(self, row: int, start: int, end: int) -> None:
        """Blanks in those cells of a row."""
        self.rows[row].erase(start, end, self.pen.blank, self.columns)
        self.changed.add(row)

    def erase_rows(self, first: int, end: int) -> None:
        """Blanks in those rows."""
        blank = self.pen.blank
        for row in range(first, end):
            self.rows[row] = Row(blank, self.columns)
        self.changed.update(range(first, end))

    # Sizes

    def inactive(self) -> tuple[list[Row] | None, Saved | None]:
        """Rows and saved cursor of the screen that is not shown."""
        return self._other, self._other_saved

    def keep_inactive(self, rows: list[Row]) -> None:
        """The rows that are not shown, of another size."""
        self._other = rows
