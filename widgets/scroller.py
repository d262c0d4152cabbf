"""Lines of a read-only text, scrolled: what the facts pane and the document view have in common."""

from __future__ import annotations

from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from widgets.bare import Bare
from widgets.tones import base_style

WHEEL_LINES = 3
_KEYS = {
    "down": "down", "j": "down", "up": "up", "k": "up", "home": "home", "g": "home", "end": "end", "G": "end",
    "pagedown": "page_down", "ctrl+f": "page_down", "space": "page_down", "pageup": "page_up",
    "ctrl+b": "page_up", "left": "left", "h": "left", "right": "right", "l": "right",
}  # fmt: skip


class Scroller(Bare, can_focus=True):
    """Draws the lines in view, one at a time, and moves over them by key and wheel.

    Scrolling is its own: nothing is laid out anew when the text changes.
    """

    DEFAULT_CSS = """
    Scroller { overflow: hidden hidden; scrollbar-size: 0 0; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.top = 0
        """Number of the first line in view."""
        self.left = 0
        """Cells scrolled to the right."""
        self.lines_rendered = 0
        """Lines drawn so far; tests count with it."""

    # ---- to be given by the text -----------------------------------------------------------------

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line_width(self) -> int:
        """Cells of the widest line; 0 when lines never run out of the widget."""
        return 0

    def draw(self, number: int) -> Strip:
        """The strip of that line, exactly as wide as the widget."""
        raise NotImplementedError

    # ---- moving ----------------------------------------------------------------------------------

    def move(self, direction: str) -> None:
        """down, up, page_down, page_up, home, end, left or right."""
        page = max(1, self.size.height - 1)
        steps = {"down": 1, "up": -1, "page_down": page, "page_up": -page}
        if direction in ("left", "right"):
            self._move_to(self.top, self.left + (8 if direction == "right" else -8))
        elif direction in ("home", "end"):
            self._move_to(0 if direction == "home" else self.line_count(), self.left)
        else:
            self._move_to(self.top + steps[direction], self.left)

    def bring(self, number: int) -> None:
        """Scroll until that line is in view, with some lines above it."""
        if not self.top <= number < self.top + self.size.height:
            self._move_to(number - self.size.height // 3, self.left)

    def clamp_view(self) -> None:
        """After the text became shorter: no empty screen below its end."""
        self._move_to(self.top, self.left)

    def _move_to(self, top: int, left: int) -> None:
        top = max(0, min(top, self.line_count() - self.size.height))
        left = max(0, min(left, self.line_width() - self.size.width))
        if (top, left) != (self.top, self.left):
            self.top, self.left = top, left
            self.refresh()

    # ---- Textual ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        self.lines_rendered += 1
        number = self.top + y
        if number < self.line_count():
            return self.draw(number)
        return Strip.blank(self.size.width, base_style(self))

    def refresh_number(self, number: int) -> None:
        """Draw that line anew, if it is in view."""
        y = number - self.top
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """With `height: auto`: all lines."""
        return self.line_count()

    def on_key(self, event: events.Key) -> None:
        direction = _KEYS.get(event.key)
        if direction is not None:
            event.stop()
            self.move(direction)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move_to(self.top + WHEEL_LINES, self.left)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move_to(self.top - WHEEL_LINES, self.left)
