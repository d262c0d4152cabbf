"""The mouse on a terminal: what the program asks for goes to it, the rest selects and scrolls."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from widgets.bare import Bare
from widgets.emulator import Terminal
from widgets.terminal.keys import encode as encode_key
from widgets.terminal.mouse import RELEASED, WHEEL, Touch, encode, wanted
from widgets.terminal.outlook import Outlook
from widgets.terminal.selection import Place, Selection, word_at

WHEEL_LINES = 3


class Pointing(Bare):
    """With shift held the program hears nothing: one can always select."""

    ALLOW_SELECT = False
    """Textual's own selection knows nothing of what is scrolled away."""
    terminal: Terminal
    outlook: Outlook

    def __init__(
        self, send: Callable[[bytes], object], *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.send = send
        self._anchor: Place | None = None
        self._held: int | None = None
        """The button that the program was told is down."""
        self._last: Touch | None = None

    # ---- to be given by the terminal -------------------------------------------------------------

    def select(self, selection: Selection | None) -> None:
        """Select that, or nothing."""
        raise NotImplementedError

    def copy_selection(self) -> None:
        """Hand out the text of what is selected."""
        raise NotImplementedError

    def move(self, direction: str) -> None:
        """Look elsewhere: up, down, page_up, page_down, home or end."""
        raise NotImplementedError

    # ---- buttons ---------------------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        touch = self._touch(event, event.button - 1)
        if self._tell(event, touch):
            self._held = touch.button
            self.capture_mouse()
        elif event.button == 1:
            self._anchor = self._place(event)
            self.select(None)
            self.capture_mouse()
        elif event.button == 3:
            self.copy_selection()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        event.stop()
        if self._anchor is None:
            touch = self._touch(event, event.button - 1 if event.button else RELEASED)._replace(moved=True)
            self._tell(event, touch)
            return
        if not 0 <= event.y < self.size.height:
            self.move("up" if event.y < 0 else "down")
        place = self._place(event)
        if place != self._anchor:
            self.select(Selection(self._anchor, place))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        event.stop()
        if self._held is not None:
            self._tell(event, self._touch(event, self._held)._replace(pressed=False))
        self._anchor = self._held = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.button != 1 or not (event.shift or self.terminal.modes.mouse is None):
            return
        place = self._place(event)
        if event.chain == 2:
            self.select(word_at(self.terminal, place))
        elif event.chain == 3:
            self.select(Selection(place, place, whole_lines=True))

    # ---- wheel -----------------------------------------------------------------------------------

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, "up")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, "down")

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        self._wheel(event, "left")

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        self._wheel(event, "right")

    def _wheel(self, event: events.MouseEvent, direction: str) -> None:
        event.stop()
        event.prevent_default()
        if self._tell(event, self._touch(event, WHEEL[direction])) or direction in ("left", "right"):
            return
        modes = self.terminal.modes
        if modes.alternate:
            # Nothing is scrolled away here: a pager is turned by its arrow keys, as terminals do it.
            self.send(encode_key(direction, None, modes) * WHEEL_LINES)
            return
        for _ in range(WHEEL_LINES):
            self.move(direction)

    # ---- telling the program ---------------------------------------------------------------------

    def _tell(self, event: events.MouseEvent, touch: Touch) -> bool:
        """Tell the program when it asked for that; whether it did."""
        if event.shift or not wanted(touch, self.terminal.modes.mouse):
            return False
        if not touch.moved or touch != self._last:
            self._send_touch(touch)
        return True

    def _send_touch(self, touch: Touch) -> None:
        self._last = touch
        data = encode(touch, self.terminal.modes.mouse_encoding)
        if data:
            self.send(data)

    def _place(self, event: events.MouseEvent) -> Place:
        x, y = self._cell(event)
        return Place(self.outlook.top + y, x)

    def _touch(self, event: events.MouseEvent, button: int) -> Touch:
        return Touch(button, *self._cell(event), shift=event.shift, alt=event.meta, ctrl=event.ctrl)

    def _cell(self, event: events.MouseEvent) -> tuple[int, int]:
        """Of the terminal: a button that is held may leave the pane."""
        return _within(event.x, self.terminal.columns), _within(event.y, self.terminal.rows)


def _within(at: int, size: int) -> int:
    return max(0, min(at, size - 1))
