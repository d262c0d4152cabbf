"""The grid: a table of any number of rows that draws only the lines that are seen and differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from widgets.cells import Rows
from widgets.columns import Layout, lay_out
from widgets.looks import Looks
from widgets.palette import glyphs_of, palette_of
from widgets.steering import Steering
from widgets.strips import Glyphs, Look, Painter
from widgets.tones import base_style
from widgets.viewport import Viewport

HOLD_SECONDS = 0.5
"""While loading, rows move at most this often."""
HOLD_UNTOUCHED_SECONDS = 3.0
"""The same, as long as nobody has moved: the first screenful is being read."""


class Grid(Steering, can_focus=True, inherit_bindings=False):
    """A virtual table over `Rows`.

    The owner of the rows changes them and then calls `changed()`; cursor and marks belong to keys.
    No keys are bound here: the owner calls `move()` or the actions.
    """

    DEFAULT_CSS = "Grid { overflow: hidden hidden; scrollbar-size: 0 0; }"
    ALLOW_SELECT = False

    class CursorMoved(Message):
        """The cursor is on another object, or on none (key None)."""

        def __init__(self, grid: Grid, key: Hashable | None) -> None:
            super().__init__()
            self.grid = grid
            self.key = key

        @property
        def control(self) -> Grid:
            """The grid."""
            return self.grid

    class Chosen(CursorMoved):
        """An object was entered: `action_choose`, or a double click."""

    class SortWanted(Message):
        """A header was clicked."""

        def __init__(self, grid: Grid, column_key: str) -> None:
            super().__init__()
            self.grid = grid
            self.column_key = column_key

        @property
        def control(self) -> Grid:
            """The grid."""
            return self.grid

    class MarksChanged(Message):
        """Other objects are marked."""

        def __init__(self, grid: Grid) -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> Grid:
            """The grid."""
            return self.grid

    def __init__(
        self,
        rows: Rows | None = None,
        *,
        flash: bool = True,
        glyphs: Glyphs | None = None,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(Viewport(), id=id, classes=classes)
        self.flash = flash
        """Whether changed cells flash; better off on a slow link."""
        self.lines_rendered = 0
        """Rows and headers drawn so far; tests count with it."""
        self._clock = clock
        self._glyphs = glyphs
        self._port.rows = rows
        self._watch = Looks(self._port)
        self._painter: Painter | None = None
        self._looks: list[Look] = []
        self._fade_timer: Timer | None = None
        self._hold = False
        self._synced_at = float("-inf")
        self._sync_timer: Timer | None = None
        self._syncs = 0
        self._told: Hashable | None = None
        self._sorted_by: tuple[str, bool] | None = None
        self._cursor_shown = True
        self._wide = False
        self._first_column = 0
        self._placeholder: Text = Text()

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def rows(self) -> Rows | None:
        """What it draws from; replaced by show()."""
        return self._port.rows

    def show(self, rows: Rows | None) -> None:
        """Draw from these rows. The cursor stays on its object, or goes to the top when that is gone."""
        if rows is not self.rows:
            self._first_column = 0
        self._port.show(rows)
        self._settle()

    def changed(self, structure: bool = True, dirty: AbstractSet[Hashable] = frozenset()) -> None:
        """The rows changed.

        `structure`: rows came, went or moved, or the columns are others. `dirty`: keys of rows that
        stayed in place and say something else. Only visible lines that differ are drawn; with nothing
        to draw nothing is sent.
        """
        if structure:
            self._port.pending = True
            if not self._held():
                self._settle()
                return
        if not dirty.isdisjoint(self._port.marks):
            self._unmark_gone()
        if not dirty.isdisjoint(self._port.keys):
            self._repaint(dirty)

    def tick(self) -> None:
        """Time passed: ask the visible rows again and draw those that differ, without a flash."""
        if self._port.pending and not self._held():
            self._settle()
        else:
            self._repaint(None, flash=False)

    @property
    def hold(self) -> bool:
        """Whether the rows are still being loaded: once the first screenful is drawn, rows seldom move."""
        return self._hold

    @hold.setter
    def hold(self, hold: bool) -> None:
        was, self._hold = self._hold, hold
        self._port.settling = hold or was
        if was and not hold and self._port.pending:
            self._settle()
        self._port.settling = hold

    @property
    def placeholder(self) -> Text:
        """What to say when there are no rows. Strings are plain text."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, text: Text | str) -> None:
        text = Text(text) if isinstance(text, str) else text
        if text != self._placeholder:
            self._placeholder = text
            if not self._port.keys:
                self.refresh()

    @property
    def sorted_by(self) -> tuple[str, bool] | None:
        """Key of the sorted column, and whether it descends: drawn in the header, nothing more."""
        return self._sorted_by

    @sorted_by.setter
    def sorted_by(self, sorted_by: tuple[str, bool] | None) -> None:
        if sorted_by != self._sorted_by:
            self._sorted_by = sorted_by
            self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def cursor_shown(self) -> bool:
        """Whether the cursor is drawn."""
        return self._cursor_shown

    @cursor_shown.setter
    def cursor_shown(self, shown: bool) -> None:
        self._cursor_shown = shown
        self._repaint()

    @property
    def wide(self) -> bool:
        """Whether all columns are kept and can be scrolled to, in place of dropping those without room."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        if wide != self._wide:
            self._wide = wide
            self._first_column = 0
            self._restyle()

    # ---- cursor and marks ------------------------------------------------------------------------

    @property
    def cursor_key(self) -> Hashable | None:
        """The object under the cursor, None when there are no rows."""
        return self._port.cursor

    @property
    def marks(self) -> frozenset[Hashable]:
        """The marked objects, also those that are hidden. One that is gone is no longer marked."""
        return frozenset(self._port.marks)

    @property
    def hidden_marks(self) -> int:
        """How many of them are not among the rows."""
        return self._port.hidden_marks

    @property
    def window(self) -> tuple[Hashable, ...]:
        """The objects on screen, top to bottom."""
        return tuple(self._port.keys)

    @property
    def top(self) -> int:
        """Row number of the first line on screen."""
        return self._port.top

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on that object; False when it is not among the rows."""
        if key == self._port.cursor and not self._port.pending:
            return True
        found = self._port.go_to(key)
        self.follow()
        return found

    def action_column_left(self) -> None:
        """Scroll a column to the left; at the first one, back to the columns that fit."""
        if self._first_column:
            self._first_column -= 1
            self._restyle()
        else:
            self.wide = False

    def action_column_right(self) -> None:
        """Scroll a column to the right, when some have no room."""
        layout = self._layout()
        if layout.more_right:
            self._first_column += 1
            self._restyle()
        elif layout.hidden and not self._wide:
            self.wide = True

    def action_choose(self) -> None:
        """Enter the object under the cursor."""
        if self._port.cursor is not None:
            self.post_message(self.Chosen(self, self._port.cursor))

    def toggle_mark(self) -> None:
        """Mark the object under the cursor, or take its mark away."""
        self._port.toggle_mark()
        self._marked()

    def mark_range(self) -> None:
        """Mark everything from the last mark to the cursor."""
        self._port.mark_range()
        self._marked()

    def clear_marks(self) -> None:
        """No marks."""
        if self._port.marks:
            self._port.clear_marks()
            self._marked()

    def _marked(self) -> None:
        self._repaint()
        self.post_message(self.MarksChanged(self))

    # ---- following the rows ----------------------------------------------------------------------

    def _held(self) -> bool:
        """Whether structural changes wait; if so, a timer will take them in."""
        port = self._port
        if not self._hold or not port.full or not port.keys:
            return False
        if not port.touched and any(port.rows and port.rows.index_of(k) is None for k in port.keys):
            return False
        seconds = HOLD_SECONDS if port.touched else HOLD_UNTOUCHED_SECONDS
        wait = self._synced_at + seconds - self._clock()
        if wait <= 0:
            return False
        if self._sync_timer is None and self.is_mounted:
            self._sync_timer = self.set_timer(wait, self._sync_late)
        return True

    def _sync_late(self) -> None:
        self._sync_timer = None
        if self._port.pending:
            self._settle()

    def _settle(self) -> None:
        """Take in a changed structure: anchor, then draw the lines that differ."""
        port = self._port
        marks = len(port.marks)
        port.sync()
        self._synced_at = self._clock()
        columns = () if port.rows is None else tuple(port.rows.columns)
        if self._painter is not None and self._painter.columns != columns:
            self._restyle()
        self.follow()
        if len(port.marks) != marks:
            self.post_message(self.MarksChanged(self))

    def _unmark_gone(self) -> None:
        """Of what is hidden no row goes when it does."""
        marks = len(self._port.marks)
        self._port.prune()
        if len(self._port.marks) != marks:
            self.post_message(self.MarksChanged(self))

    def follow(self) -> None:
        """After the viewport moved: mirror it into Textual, draw what differs, tell of the cursor."""
        port = self._port
        size = Size(0, port.count + 1)
        if size != self.virtual_size:
            # Set past the reactive: it would lay the whole screen out anew (5–10 ms and a full paint),
            # and no scrollbar depends on it.
            self.set_reactive(Grid.virtual_size, size)
        if self.scroll_y != port.top:
            self.set_reactive(Grid.scroll_y, float(port.top))
            self.set_reactive(Grid.scroll_target_y, float(port.top))
        self._repaint(frozenset() if port.syncs == self._syncs else None)
        self._syncs = port.syncs
        if port.cursor != self._told:
            self._told = port.cursor
            self.post_message(self.CursorMoved(self, port.cursor))

    def _repaint(self, ask: AbstractSet[Hashable] | None = frozenset(), *, flash: bool = True) -> None:
        """Draw the lines that differ once the rows in `ask` (None: all that are visible) are asked anew."""
        if self._painter is None:
            return
        was, self._looks = self._looks, self._look(ask, flash=flash)
        if bool(was) != bool(self._looks):
            self.refresh()
            return
        width, height = self.size
        lines = [
            Region(0, y, width, 1)
            for y, (before, now) in enumerate(zip_longest(was, self._looks), 1)
            if before != now and y < height
        ]
        if lines:
            self.refresh(*lines)

    def _look(self, ask: AbstractSet[Hashable] | None, *, flash: bool = True) -> list[Look]:
        cursor = (2 if self.has_focus else 1) if self._cursor_shown else 0
        flash = flash and self.flash and not self._hold
        looks = self._watch.look(self._clock(), cursor=cursor, flash=flash, ask=ask)
        fades_at = self._watch.fades_at()
        if fades_at is not None and self._fade_timer is None:
            self._fade_timer = self.set_timer(max(0.05, fades_at - self._clock()), self._fade)
        return looks

    def _fade(self) -> None:
        self._fade_timer = None
        self._repaint()

    # ---- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the widget, as last looked at."""
        self.lines_rendered += 1
        painter = self._painter
        if painter is None:
            return Strip.blank(self.size.width, base_style(self))
        if y == 0:
            return painter.header(self._sorted_by)
        if y - 1 < len(self._looks):
            return painter.row(self._looks[y - 1])
        if not self._port.keys and y > 1:
            return self._placeholder_line(y - 2)
        return Strip.blank(self.size.width, base_style(self))

    def _placeholder_line(self, y: int) -> Strip:
        width, base = self.size.width, base_style(self)
        room = max(1, width - 3)
        lines = self._placeholder.wrap(self.app.console, room)
        if not self._placeholder or y >= len(lines):
            return Strip.blank(width, base)
        segments = [Segment("  ", base), *lines[y].render(self.app.console)]
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)

    def _layout(self) -> Layout:
        rows = self._port.rows
        columns = () if rows is None else rows.columns
        return lay_out(columns, self.size.width - 1, wide=self._wide, first=self._first_column)

    def _restyle(self) -> None:
        """Width, columns or theme are others: everything is drawn anew."""
        if not self.size.width or not self.is_attached:
            self._painter = None
            return
        rows = self._port.rows
        columns = () if rows is None else rows.columns
        glyphs = self._glyphs or glyphs_of(self)
        self._painter = Painter(columns, self._layout(), self.size.width, palette_of(self), glyphs)
        self._looks = self._look(None)
        self.refresh()

    # ---- events ----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._settle()

    def on_resize(self) -> None:
        self._port.resize(self.size.height - 1)
        self._restyle()
        self.follow()

    def notify_style_update(self) -> None:
        """The theme or a class changed."""
        super().notify_style_update()
        if self._painter is not None and self._painter.palette != palette_of(self):
            self._restyle()

    def on_focus(self) -> None:
        self._repaint()

    def on_blur(self) -> None:
        self._repaint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self._header_clicked(offset.x)
        elif offset.y <= len(self._port.keys):
            self.go_to(self._port.keys[offset.y - 1])
            if event.chain == 2:
                self.action_choose()

    def _header_clicked(self, x: int) -> None:
        column = self._layout().at(x)
        if column is not None and self.rows is not None:
            self.post_message(self.SortWanted(self, self.rows.columns[column].key))
