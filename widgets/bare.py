"""Widgets that draw every cell of their lines themselves."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.color import TRANSPARENT
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Bare(Widget):
    """Its lines are shown as it draws them, in its own width and with its own background.

    With a border or a padding Textual's long way is taken.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_cache = _BareLines()


class _BareLines(StylesCache):
    """Keeps drawn lines until they are dirty, without styling each again, which costs 0.3 ms a line."""

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        if widget.styles.gutter:
            return super().render_widget(widget, crop)
        width = widget.size.width
        if width != self._width:
            self.clear()
            self._width = width
        strips = [self._line(widget, y) for y in crop.line_range]
        self._dirty_lines.difference_update(crop.line_range)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _line(self, widget: Widget, y: int) -> Strip:
        strip = None if y in self._dirty_lines else self._cache.get(y)
        if strip is None:
            strip = widget.render_line(y)
            below = widget.visual_style.background or TRANSPARENT
            for line_filter in widget.get_line_filters():
                strip = strip.apply_filter(line_filter, below)
            self._cache[y] = strip
        return strip
