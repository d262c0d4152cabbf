"""A terminal on the screen: draws an emulator's lines and turns what a person does into bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable

from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip

from widgets.emulator import Terminal
from widgets.palette import glyphs_of
from widgets.strips import ASCII_GLYPHS
from widgets.terminal import alt
from widgets.terminal.copying import CopyMode
from widgets.terminal.intake import Intake
from widgets.terminal.keys import encode, pasted
from widgets.terminal.outlook import Outlook
from widgets.terminal.paint import Overlay, Palette, marked, strip_of
from widgets.terminal.pointing import Pointing
from widgets.terminal.search import Search
from widgets.terminal.selection import Place, Selection

LEAVE = "ctrl+right_square_bracket"
FRAME_SECONDS = 0.016
"""Two paints are at least so far apart while there is a flood, and four times as far as the last one took:
the rest is for parsing, and for everybody else."""

LONGEST_FRAME_SECONDS = 0.1
"""So long at most a program that announced a frame may take until it has written all of it."""


class TerminalView(Pointing, can_focus=True):
    """Shows a terminal and types into it. With the focus every key but `leave` goes to the program."""

    DEFAULT_CSS = """
    TerminalView { width: 1fr; height: 1fr; overflow: hidden hidden; }
    """

    class Left(Message):
        """The leave key was pressed."""

    class Copied(Message):
        """Text that is to go to the clipboard, without control characters but tabs and line ends."""

        def __init__(self, text: str, *, by_program: bool = False) -> None:
            super().__init__()
            self.text = text
            self.by_program = by_program
            """The program asked for it, and was permitted to."""

    class Rang(Message):
        """The program rang the bell."""

    class Titled(Message):
        """The program gave itself another title, cleaned by the emulator."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    class SearchWanted(Message):
        """`/` was pressed in copy mode: ask for a text and call `search()`."""

    def __init__(
        self,
        terminal: Terminal,
        send: Callable[[bytes], object],
        resized: Callable[[int, int], object],
        *,
        taken: Callable[[int], object] = lambda count: None,
        leave: str = LEAVE,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`send` gets what is for the program, `resized` columns and rows, `taken` bytes that were parsed."""
        super().__init__(send, id=id, classes=classes)
        self.terminal = terminal
        self.outlook = Outlook(terminal)
        self.leave = leave
        self.paints = 0
        """Times that anything was drawn; tests count with it."""
        self._resized = resized
        self._intake = Intake(terminal, taken, self._parsed, self._beside)
        self._palette: Palette | None = None
        self._broadcasting = False
        self._copying: CopyMode | None = None
        self._selection: Selection | None = None
        self._search: Search | None = None
        self._bells, self._title, self._clipboard = terminal.bells, "", terminal.clipboard
        self._alternate = terminal.modes.alternate
        self._focus_told = False
        self._cursor_y = 0
        self._echo_due = False
        """Whether a key was sent that nothing was drawn after: what comes next is drawn at once."""
        self._next_paint = 0.0
        self._paint_due: asyncio.TimerHandle | None = None

    # ---- what the program writes -----------------------------------------------------------------

    def note(self, data: bytes) -> None:
        """The program wrote this. A flood is parsed in slices beside everything else; `taken` counts."""
        self._intake.put(data)

    @property
    def waiting(self) -> int:
        """Bytes that were noted and not parsed yet."""
        return self._intake.waiting

    def _beside(self, work: Coroutine[None, None, None]) -> object:
        return self.run_worker(work, group="terminal")

    def _parsed(self) -> None:
        terminal = self.terminal
        replies = terminal.replies()
        if replies:
            self.send(replies)
        if terminal.bells != self._bells:
            self._bells = terminal.bells
            self.post_message(self.Rang())
        if terminal.title != self._title:
            self._title = terminal.title
            self.post_message(self.Titled(self._title))
        if terminal.clipboard != self._clipboard:
            self._clipboard = terminal.clipboard
            self.post_message(self.Copied(self._clipboard or "", by_program=True))
        if terminal.modes.alternate != self._alternate:
            self._alternate = terminal.modes.alternate
            self._look_at_screen()
        self._paint_when_due()

    # ---- drawing ---------------------------------------------------------------------------------

    def _paint_when_due(self) -> None:
        now = time.monotonic()
        frame = self.terminal.modes.synchronized
        if not frame and (self._echo_due or now >= self._next_paint):
            self._paint()
        elif self._paint_due is None:
            wait = LONGEST_FRAME_SECONDS if frame else self._next_paint - now
            self._paint_due = asyncio.get_running_loop().call_later(wait, self._paint)

    def _paint(self) -> None:
        """Draw what changed, now: Textual's own clock would add up to 16 ms to the echo of a key."""
        begin = time.monotonic()
        if self._paint_due is not None:
            self._paint_due.cancel()
            self._paint_due = None
        self._echo_due = False
        self._mark_damage()
        if self.is_attached:
            self._show()
        now = time.monotonic()
        self._next_paint = now + max(FRAME_SECONDS, 4 * (now - begin))

    def _mark_damage(self) -> None:
        rows = self.terminal.damage()
        moved = self.outlook.follow()
        width, height = self.size
        back = self.outlook.back
        cursor = self.terminal.cursor
        cursors = {self._cursor_y, cursor.row + back}
        self._cursor_y = cursor.row + back
        if self.has_focus:
            # An input method opens its window there.
            self.app.cursor_position = self.region.offset + Offset(cursor.column, self._cursor_y)
        if rows is None or moved:
            self._set_dirty()
            return
        lines = {row + back for row in rows} | cursors | ({0} if back else set())
        self._set_dirty(*(Region(0, y, width, 1) for y in lines if y < height))

    def _show(self) -> None:
        screen = self.screen
        if self.app.screen is not screen or screen._layout_required or self.app._batch_count:
            # Laid out anew, or below another screen: drawn when that is.
            self._repaint_required = True
            self.check_idle()
        elif self in screen._compositor.visible_widgets:
            self.paints += 1
            screen._compositor.update_widgets({self})  # the others have time
            screen._compositor_refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        palette = self._palette = self._palette or Palette(self, loud=self._broadcasting)
        row = y - self.outlook.back
        if row >= self.terminal.rows:
            return Strip.blank(self.size.width, palette.base)
        overlays = list(self._overlays(row, palette))
        strip = strip_of(self.terminal.line(row), self.size.width, palette, overlays)
        return marked(strip, self._marks(palette)) if y == 0 else strip

    def _overlays(self, row: int, palette: Palette) -> Iterable[Overlay]:
        number = row + self.terminal.scrolled
        if self.terminal.modes.reverse:
            yield Overlay(0, self.size.width, None)
        if self._search is not None:
            for span in self._search.on(number):
                current = span.begins == self._search.current
                yield Overlay(span.start, span.stop, palette.current if current else palette.match)
        selected = self.selection and self.selection.span(number, self.size.width)
        if selected:
            yield Overlay(*selected, None)
        if self._copying is not None:
            if number == self._copying.head.line:
                yield palette.cursor(self._copying.head.column, "block", focused=True)
            return
        cursor = self.terminal.cursor
        if row == cursor.row and cursor.visible:
            yield palette.cursor(cursor.column, cursor.shape, focused=self.has_focus)

    def _marks(self, palette: Palette) -> Iterable[tuple[str, RichStyle]]:
        """What is said over the right end of the first line."""
        if self._copying is not None:
            yield "COPY", palette.mark
        if self._search is not None and self._search.current is None:
            yield f"no {self._search.needle}", palette.mark
        if self.outlook.back:
            up = "^" if glyphs_of(self) is ASCII_GLYPHS else "↑"
            yield f"{up} {self.outlook.back:,}", palette.mark
        if self._broadcasting:
            yield "BROADCAST", palette.alarm

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._palette = None

    # ---- looking back ----------------------------------------------------------------------------

    def move(self, direction: str) -> None:
        """Look elsewhere: up, down, page_up, page_down, home (the oldest line) or end (the screen)."""
        was = self.outlook.back
        self.outlook.move(direction)
        if self.outlook.back != was:
            self.refresh()

    def search(self, needle: str) -> bool:
        """Light that text wherever it is in view and go to the match nearest above; whether there is one.

        With capitals in it case matters. "" ends the search.
        """
        self._search = Search(self.terminal, needle) if needle else None
        return self.find_next() if needle else False

    def find_next(self, *, older: bool = True) -> bool:
        """Go to the next match upwards, or downwards; round at the ends."""
        if self._search is None:
            return False
        start = self._copying.head if self._copying else Place(self.outlook.top + self.terminal.rows, 0)
        place = self._search.step(older=older, start=start)
        self._go_to(place)
        return place is not None

    def _go_to(self, place: Place | None) -> None:
        """Have that match in view; None where there is none."""
        if place is not None:
            self.outlook.bring(place.line)
            if self._copying is not None:
                self._copying.move_to(place)
        self.refresh()

    def _look_at_screen(self) -> None:
        """Where the program writes, and nothing selected or searched."""
        self._selection = self._search = self._copying = None
        self.outlook.held = False
        self.outlook.look(0)
        self.refresh()

    # ---- selecting and copying -------------------------------------------------------------------

    @property
    def copying(self) -> bool:
        """Whether keys go to the copy mode and not to the program."""
        return self._copying is not None

    @property
    def selection(self) -> Selection | None:
        """What is selected by keys or mouse."""
        return self._copying.selection if self._copying else self._selection

    def select(self, selection: Selection | None) -> None:
        """Select that, or nothing; ends the copy mode."""
        self._copying = None
        self._selection = selection
        self.refresh()

    def begin_copying(self) -> None:
        """Copy mode: keys move a cursor and select, `y` copies, `q` ends it; the view stands still."""
        cursor = self.terminal.cursor
        head = Place(self.terminal.scrolled + cursor.row, cursor.column)
        self._copying = CopyMode(self.terminal, head, self._selection)
        self.outlook.held = True
        self.outlook.reveal(self._copying.head.line)
        self.refresh()

    def copy_selection(self) -> None:
        """Hand out what is selected, and go back to the screen."""
        if self.selection is not None:
            self.post_message(self.Copied(self.selection.text(self.terminal)))
            self._look_at_screen()

    def _copy_key(self, key: str) -> None:
        """A key in copy mode."""
        copying = self._copying
        if key in ("y", "enter"):
            self.copy_selection()
        elif key in ("q", "escape"):
            self._look_at_screen()
        elif key == "slash":
            self.post_message(self.SearchWanted())
        elif key in ("n", "N"):
            self.find_next(older=key == "n")
        elif copying is not None and copying.press(key):
            self.outlook.reveal(copying.head.line)
            self.refresh()

    # ---- typing ----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key == self.leave:
            self.post_message(self.Left())
        elif self.copying:
            self._copy_key(event.key)
        else:
            self._type(encode(event.key, event.character, self.terminal.modes))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._type(pasted(event.text, self.terminal.modes))

    def _type(self, data: bytes) -> None:
        if not data:
            return
        if self.outlook.back or self.selection or self._search:
            self._look_at_screen()
        self._echo_due = True
        self.send(data)

    @property
    def broadcasting(self) -> bool:
        """Whether what is typed here goes to other terminals too: it looks alarming."""
        return self._broadcasting

    @broadcasting.setter
    def broadcasting(self, broadcasting: bool) -> None:
        self._broadcasting = broadcasting
        self._palette = None
        self.refresh()

    # ---- size and focus --------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        columns, rows = event.size
        if columns and rows and (columns, rows) != (self.terminal.columns, self.terminal.rows):
            search = self._search
            later = search.later if search is not None else 0
            self.terminal.resize(columns, rows)
            # Lines are broken otherwise now: what was selected is elsewhere.
            self._look_at_screen()
            if search is not None:
                self._search = search
                self._go_to(search.stand(later))
            self._resized(columns, rows)

    def on_focus(self) -> None:
        alt.listen(self)
        self._tell_focus(True)

    def on_blur(self) -> None:
        alt.ignore(self)
        self.app.cursor_position = Offset(0, 0)
        self._tell_focus(False)

    def on_unmount(self) -> None:
        alt.ignore(self)

    def _tell_focus(self, focused: bool) -> None:
        if self.terminal.modes.focus_events and focused != self._focus_told:
            self.send(b"\x1b[I" if focused else b"\x1b[O")
        self._focus_told = focused
