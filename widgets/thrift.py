"""An app that sends the terminal only what it does not show already, and nothing that could drive it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.driver import Driver
from textual.geometry import Offset
from textual.screen import Screen

from widgets.shadow import Shadow, Span

_SYNC_ABOVE_BYTES = 1024
"""A small update arrives in one piece anyway; the marks around a synchronised one are 16 bytes."""


class ThriftyApp(App[ReturnType]):
    """Stands between Textual's compositor and its driver.

    Textual sends every line in the dirty regions whole, each segment with its style and a reset, and
    a cursor position after each update. Here an update is held against a model of the terminal first:
    an unchanged screen is no bytes, one changed cell a few dozen.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bytes_sent = 0
        """Bytes of updates sent to the terminal so far."""
        self._shadow = Shadow(0, 0, None)

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, with its pen put down when the terminal is given back."""
        driver = super().get_driver_class()
        return type(f"Thrifty{driver.__name__}", (_TidyDriver, driver), {})

    def redraw(self) -> None:
        """Send the whole screen again: something else may have written to the terminal."""
        self.forget_terminal()
        self.screen.refresh()

    def forget_terminal(self) -> None:
        """What the terminal shows is unknown from here on: its colours and erasing are looked up anew."""
        colors = None if self.no_color else self.console._color_system
        self._shadow = Shadow(*self.size, colors, erases=_erases_with_background())

    def on_resize(self, event: events.Resize) -> None:
        """A terminal does as it likes with its contents when its size changes."""
        self.forget_terminal()
        # Textual waits by a timer that never fires when the process is held up for 8 ms as it is set; then no
        # other size is ever taken again.
        self.call_later(self._check_resize)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            driver is None
            or self.is_headless
            or driver.is_inline
            or sys.platform == "win32"
            or not isinstance(renderable, LayoutUpdate | ChopsUpdate)
        ):
            super()._display(screen, renderable)
            return
        try:
            if self._running and not self._closed and not self._batch_count:
                self._send(driver, screen, renderable)
        finally:
            self.post_display_hook()

    def _send(self, driver: Driver, screen: Screen[Any], update: LayoutUpdate | ChopsUpdate) -> None:
        try:
            width, height = screen._compositor.size
            if (width, height) != (self._shadow.width, self._shadow.height):
                self.forget_terminal()
                self._shadow.resize(width, height)
            text = self._shadow.paint(spans_of(update))
        except Exception as error:
            self._handle_exception(error)
            return
        if not text:
            return
        if self.cursor_position != Offset(0, 0):
            # An input method opens its window at the terminal's cursor.
            x, y = screen.outer_size.clamp_offset(self.cursor_position)
            text += f"\x1b[{y + 1};{x + 1}H"
        self.bytes_sent += len(text) if text.isascii() else len(text.encode())
        if len(text) > _SYNC_ABOVE_BYTES:
            self._begin_update()
            driver.write(text)
            self._end_update()
        else:
            driver.write(text)
        driver.flush()


class _TidyDriver(Driver):
    """Leaves the terminal with its own colours, and knows nothing of it when it comes back."""

    def start_application_mode(self) -> None:
        if isinstance(self._app, ThriftyApp):
            self._app.forget_terminal()
        super().start_application_mode()  # type: ignore[safe-super]

    def stop_application_mode(self) -> None:
        self.write("\x1b[m")
        super().stop_application_mode()  # type: ignore[safe-super]


def spans_of(update: CompositorUpdate) -> Iterator[Span]:
    """What an update of Textual's compositor wants shown, from top to bottom."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            segments = [segment for strip in strips for segment in strip]
            yield x, y, segments
    elif isinstance(update, ChopsUpdate):
        for y, x1, x2 in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x <= x2 and end > x1:
                    yield x, y, strip


def _erases_with_background() -> bool:
    """Whether erasing leaves the background colour behind, as the terminal's description says."""
    try:
        import curses

        curses.setupterm(os.environ.get("TERM", "dumb"), 1)
        return bool(curses.tigetflag("bce") > 0 and curses.tigetstr("ech") and curses.tigetstr("el"))
    except Exception:
        # No curses on this platform, or a terminal that is not described: blanks are written out.
        return False
