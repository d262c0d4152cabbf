"""The terminal: bytes of a program in, lines and a cursor out, and what must be sent back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from widgets.emulator import editing, motion
from widgets.emulator.actions import Numbers
from widgets.emulator.colours import select
from widgets.emulator.commands import Commands, Permissions
from widgets.emulator.history import History
from widgets.emulator.line import Line
from widgets.emulator.modes import Modes, ModeSwitch, Shape
from widgets.emulator.parser import Parser
from widgets.emulator.printing import write
from widgets.emulator.reports import Reports
from widgets.emulator.resizing import resize
from widgets.emulator.screen import Screen
from widgets.emulator.whole_lines import takes_lines, write_lines


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is, both from 0, and what it looks like."""

    row: int
    column: int
    visible: bool
    shape: Shape
    blinking: bool


class Terminal:
    """A screen of `columns` × `rows` (1 × 1 at least) with `scrollback` lines above it."""

    def __init__(
        self, columns: int, rows: int, *, scrollback: int = 10_000, permissions: Permissions | None = None
    ) -> None:
        self._history = History(scrollback)
        self._screen = screen = Screen(max(1, columns), max(1, rows), self._history)
        self.modes = Modes()
        self.bells = 0
        """How often it rang."""
        self._commands = Commands(screen, permissions or Permissions())
        self._switch = ModeSwitch(screen, self.modes)
        self._reports = Reports(screen, self._switch)
        self._parser = Parser(self)
        reports = self._reports.sequences()
        self.sequences: Mapping[bytes, Callable[[Numbers], None]] = {
            **motion.sequences(screen),
            **editing.sequences(screen),
            **self._switch.sequences(),
            **reports,
            b"t": self._both(reports[b"t"], self._commands.window),
            b"!p": self._soft_reset,
        }
        self.escapes: Mapping[bytes, Callable[[], None]] = {
            **motion.escapes(screen),
            **self._switch.escapes(),
            b"c": self._reset,
            b"#8": lambda: editing.alignment(screen),
        }
        self.controls: Mapping[bytes, Callable[[], None]] = motion.controls(screen, self._ring)
        self.text: Callable[[str], None] = partial(write, screen)

    # What the program writes

    def feed(self, data: bytes, seconds: float | None = None) -> int:
        """Show what the program wrote; how many bytes were, after at most about `seconds` of work."""
        return self._parser.feed(data, None if seconds is None else time.perf_counter() + seconds)

    def replies(self) -> bytes:
        """What the program asked for and must be sent; once."""
        return self._reports.take()

    def lines(self, lines: list[str]) -> bool:
        """For the parser: whole lines of narrow characters, if nothing is in the way of them."""
        return takes_lines(self._screen) and write_lines(self._screen, lines)

    def style(self, parameters: bytes) -> None:
        """For the parser: SGR."""
        screen = self._screen
        pen = screen.pen
        screen.pen = pen.after.get(parameters) or screen.pens.step(
            pen, parameters, select(pen.style, parameters)
        )

    def string(self, kind: str, body: bytes) -> None:
        """For the parser: OSC, and of device control strings the one that wants an answer."""
        if kind == "]":
            self._commands.run(body)
        elif body.startswith(b"$q"):
            self._reports.setting()

    def _both(
        self, one: Callable[[Numbers], None], other: Callable[[Numbers], None]
    ) -> Callable[[Numbers], None]:
        def act(numbers: Numbers) -> None:
            one(numbers)
            other(numbers)

        return act

    def _ring(self) -> None:
        self.bells += 1

    def _reset(self) -> None:
        self._screen.reset()
        self._commands.reset()
        self._switch.modes = self.modes = Modes()

    def _soft_reset(self, _: Numbers) -> None:
        self._screen.soft_reset()
        self.modes.application_cursor = self.modes.application_keypad = False
        self.modes.cursor_visible = True

    # What is to be seen

    def resize(self, columns: int, rows: int) -> None:
        """Another size. Wrapped lines of the main screen flow anew; the alternate screen is cut."""
        resize(self._screen, max(1, columns), max(1, rows))

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return self._screen.columns

    @property
    def rows(self) -> int:
        """Rows of the screen."""
        return self._screen.height

    @property
    def cursor(self) -> Cursor:
        """Where it is and how it looks."""
        modes, screen = self.modes, self._screen
        return Cursor(
            screen.row, screen.column, modes.cursor_visible, modes.cursor_shape, modes.cursor_blinking
        )

    @property
    def title(self) -> str:
        """As the program named itself, cleaned; "" when it did not, or may not."""
        return self._commands.title

    @property
    def clipboard(self) -> str | None:
        """What the program last put on the clipboard, cleaned; None when nothing, or it may not."""
        return self._commands.clipboard

    @property
    def history(self) -> int:
        """Lines in the scrollback."""
        return len(self._history)

    @property
    def scrolled(self) -> int:
        """Lines ever pushed into the scrollback: what keeps a view of it in place."""
        return self._history.scrolled

    def line(self, row: int) -> Line:
        """A row of the screen from 0, or of the scrollback: -1 its newest line, -history its oldest."""
        if row < 0:
            return self._history[row]
        shown = self._screen.rows[row]
        return Line(shown.kept(), shown.wrapped)

    def damage(self) -> set[int] | None:
        """Rows of the screen that changed since it was last asked, None for all of them."""
        screen = self._screen
        changed = None if screen.all_changed else screen.changed
        screen.all_changed, screen.changed = False, set()
        return changed
