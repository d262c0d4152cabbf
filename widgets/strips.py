"""How a grid's lines are drawn: cells to a strip with as few segments as possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from widgets.cells import Cell, ColumnSpec, Tone
from widgets.columns import Layout
from widgets.measure import fit

_CACHED_STRIPS = 1024


class Glyphs(NamedTuple):
    """The signs that carry meaning without colour."""

    cursor: str = "▌"
    mark: str = "✓"
    ascending: str = "▴"
    descending: str = "▾"
    thumb: str = "▐"
    more_left: str = "‹"
    more_right: str = "›"


ASCII_GLYPHS = Glyphs(">", "*", "^", "v", "|", "<", ">")
"""For terminals that are not UTF-8."""


class Palette(NamedTuple):
    """The styles of a grid, as the theme has them. Layers hold only what they add to the base."""

    base: Style
    header: Style
    sorted: Style
    cursor: Style
    blurred: Style
    glyph: Style
    mark: Style
    flash: Style
    stale: Style
    thumb: Style
    tones: Mapping[Tone, Style]


class Look(NamedTuple):
    """Everything a drawn row depends on, layout and palette apart: two equal looks are one strip."""

    cells: tuple[Cell, ...]
    stale: bool = False
    cursor: int = 0
    """0 not under the cursor, 1 under it, 2 under it in the focused grid."""
    marked: bool = False
    flash: frozenset[int] = frozenset()
    """Indexes of cells that just changed."""
    thumb: bool = False
    """Whether the scroll mark is on this line."""


class Painter:
    """Draws looks for one layout and one palette; what it drew once comes from a bounded cache."""

    def __init__(
        self, columns: Sequence[ColumnSpec], layout: Layout, width: int, palette: Palette, glyphs: Glyphs
    ) -> None:
        self.columns = tuple(columns)
        self.layout = layout
        self.width = width
        self.palette = palette
        self._glyphs = glyphs
        self._strips: LRUCache[Look, Strip] = LRUCache(_CACHED_STRIPS)
        self._styles: dict[tuple[Tone, bool, int, bool], Style] = {}

    def row(self, look: Look) -> Strip:
        """The strip of a row, exactly as wide as the grid."""
        strip = self._strips.get(look)
        if strip is None:
            strip = self._strips[look] = self._row(look)
        return strip

    def header(self, sorted_by: tuple[str, bool] | None) -> Strip:
        """The column titles; `sorted_by` is the key of the sorted column and whether it descends."""
        palette, glyphs = self.palette, self._glyphs
        plain = palette.base + palette.header
        pen = _Pen(plain)
        pen.put(f" {glyphs.more_left}" if self.layout.more_left else "  ", plain)
        for place in self.layout.places:
            column = self.columns[place.column]
            pen.pad_to(place.x, plain)
            style, title = plain, column.title
            if sorted_by is not None and column.key == sorted_by[0]:
                style = plain + palette.sorted
                title = fit(title, min(len(title), place.width - 2)) + " " if place.width > 2 else ""
                title += glyphs.descending if sorted_by[1] else glyphs.ascending
            pen.put(fit(title, place.width, right=column.right), style)
        strip = pen.strip(self.width, plain)
        if self.layout.more_right and self.width > 1:
            return Strip.join([strip.crop(0, self.width - 1), Strip([Segment(glyphs.more_right, plain)], 1)])
        return strip

    def _row(self, look: Look) -> Strip:
        glyphs, plain = self._glyphs, self._style("", look)
        pen = _Pen(plain)
        pen.put(glyphs.cursor if look.cursor else " ", plain + self.palette.glyph if look.cursor else plain)
        pen.put(glyphs.mark if look.marked else " ", plain + self.palette.mark if look.marked else plain)
        for place in self.layout.places:
            if place.column >= len(look.cells):
                break
            text, tone = look.cells[place.column]
            pen.pad_to(place.x, plain)
            style = self._style(tone, look, place.column in look.flash)
            column = self.columns[place.column]
            pen.put(fit(text, place.width, right=column.right, tail=column.tail), style)
        strip = pen.strip(self.width, plain)
        if look.thumb and self.width > 1:
            thumb = Strip([Segment(glyphs.thumb, plain + self.palette.thumb)], 1)
            return Strip.join([strip.crop(0, self.width - 1), thumb])
        return strip

    def _style(self, tone: Tone, look: Look, flash: bool = False) -> Style:
        key = (tone, look.stale, look.cursor, flash)
        style = self._styles.get(key)
        if style is None:
            palette = self.palette
            style = palette.base
            if tone:
                style += palette.tones[tone]
            if look.stale:
                style += palette.stale
            if look.cursor:
                style += palette.cursor if look.cursor == 2 else palette.blurred
            if flash:
                style += palette.flash
            self._styles[key] = style
        return style


class _Pen:
    """Collects text, merging neighbours of one style; blanks take the style that saves a change."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._text: list[str] = []
        self._segments: list[Segment] = []
        self.x = 0

    def put(self, text: str, style: Style) -> None:
        """Write text of known cells after what is there."""
        if style is not self._style and style != self._style:
            self._flush()
            self._style = style
        self._text.append(text)
        self.x += len(text) if text.isascii() else Segment(text).cell_length

    def pad_to(self, x: int, style: Style) -> None:
        """Blanks up to cell x."""
        if x > self.x:
            self.put(" " * (x - self.x), style)

    def strip(self, width: int, style: Style) -> Strip:
        """What was written, in exactly `width` cells."""
        self.pad_to(width, style)
        self._flush()
        strip = Strip(self._segments, self.x)
        return strip if self.x == width else strip.crop(0, width)

    def _flush(self) -> None:
        if self._text:
            self._segments.append(Segment("".join(self._text), self._style))
            self._text = []
