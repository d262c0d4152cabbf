"""How a viewport is moved through by actions and by the mouse wheel."""

from __future__ import annotations

from textual import events
from textual.scroll_view import ScrollView

from widgets.bare import Bare
from widgets.viewport import Viewport

WHEEL_LINES = 3
_ACTIONS = {
    "down": "cursor_down", "up": "cursor_up", "page_down": "page_down", "page_up": "page_up",
    "home": "cursor_home", "end": "cursor_end", "left": "column_left", "right": "column_right",
}  # fmt: skip


class Steering(ScrollView, Bare, inherit_bindings=False):
    """The moving part of a grid. It binds no keys: the owner does, to `move()` or the actions."""

    def __init__(self, port: Viewport, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._port = port

    def follow(self) -> None:
        """Called after the viewport moved."""
        raise NotImplementedError

    def move(self, direction: str) -> None:
        """down, up, page_down, page_up, home, end, left or right."""
        getattr(self, f"action_{_ACTIONS[direction]}")()

    def action_cursor_down(self) -> None:
        """Move the cursor a line down."""
        self._port.move_by(1)
        self.follow()

    def action_cursor_up(self) -> None:
        """Move the cursor a line up."""
        self._port.move_by(-1)
        self.follow()

    def action_page_down(self) -> None:
        """Move a screenful down."""
        self._port.page_by(1)
        self.follow()

    def action_page_up(self) -> None:
        """Move a screenful up."""
        self._port.page_by(-1)
        self.follow()

    def action_cursor_home(self) -> None:
        """Move the cursor to the first row, and stay at the top whatever comes."""
        self._port.move_to(0)
        self._port.touched = False
        self.follow()

    def action_cursor_end(self) -> None:
        """Move the cursor to the last row."""
        self._port.move_to(max(0, self._port.count - 1))
        self.follow()

    def wheel(self, lines: int) -> None:
        """Scroll; the cursor stays on its object."""
        self._port.scroll_to(self._port.top + lines)
        self.follow()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Something of Textual's own scrolled: go along."""
        if round(new_value) != self._port.top:
            self._port.scroll_to(round(new_value))
            self.follow()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.wheel(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.wheel(-WHEEL_LINES)
