"""A line of a terminal as a strip: its runs in the theme's colours, and what lies over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.emulator import Line
from widgets.emulator import Style as Ink
from widgets.terminal.cells import drawn
from widgets.tones import Hue, base_style, front, ground

_CACHED_STYLES = 4096
"""A program may use a new colour in each cell: what is kept of them is thrown away at so many."""
_BAR = "▏"


class Overlay(NamedTuple):
    """Cells start to stop look otherwise: with a style added, or reversed with None."""

    start: int
    stop: int
    style: Style | None
    blank: str = ""
    """What stands there instead of a blank."""


class Palette:
    """The styles of one terminal, as its theme, its state and the real terminal have them."""

    def __init__(self, widget: Widget, *, loud: bool = False) -> None:
        """`loud`: what is typed here goes to other terminals too."""
        self.plain = widget.app.no_color or widget.app.console.color_system is None
        tint = Style() if self.plain or not loud else ground(widget, Hue("error", 25))
        self.base = base_style(widget) + tint
        self.mark = self._over(widget, "primary")
        self.alarm = self._over(widget, "error") + Style(bold=True)
        self.match = Style(underline=True) if self.plain else ground(widget, Hue("accent", 40))
        self.current = self._over(widget, "accent")
        self._resting = Style(underline=True) if self.plain else ground(widget, Hue("foreground", 35))
        self._styles: dict[Ink, Style] = {}

    def _over(self, widget: Widget, variable: str) -> Style:
        if self.plain:
            return Style(reverse=True, bold=True)
        return self.base + ground(widget, Hue(variable)) + front(widget, Hue("background", bold=True))

    def style(self, ink: Ink) -> Style:
        """How text of that style looks. Links lead nowhere, and nothing blinks."""
        style = self._styles.get(ink)
        if style is None:
            if len(self._styles) >= _CACHED_STYLES:
                self._styles.clear()
            style = self._styles[ink] = self.base + _style(ink)
        return style

    def cursor(self, column: int, shape: str, *, focused: bool) -> Overlay:
        """The cursor in that cell: it does not blink, and without the focus it is dim."""
        if not focused:
            return Overlay(column, column + 1, self._resting)
        if shape == "underline":
            return Overlay(column, column + 1, Style(underline=True, bold=True))
        if shape == "bar":
            return Overlay(column, column + 1, Style(underline=True, bold=True), blank=_BAR)
        return Overlay(column, column + 1, None)


def strip_of(line: Line, width: int, palette: Palette, overlays: Sequence[Overlay] = ()) -> Strip:
    """The line in exactly `width` cells."""
    runs = [(_visible(cells, ink), palette.style(ink)) for cells, ink in line.parts]
    length = sum(len(cells) for cells, _ in runs)
    if length < width:
        runs.append((" " * (width - length), palette.base))
    texts = _overlaid(runs, overlays) if overlays else [("".join(cells), style) for cells, style in runs]
    strip = Strip([Segment(text, style) for text, style in texts], max(length, width))
    return strip if length <= width else strip.crop(0, width)


def marked(strip: Strip, marks: Iterable[tuple[str, Style]]) -> Strip:
    """The strip with marks over its right end, as far as there is room."""
    over = Strip([Segment(f" {text} ", style) for text, style in marks])
    width = strip.cell_length
    over = over.crop(max(0, over.cell_length - width), over.cell_length)
    return Strip.join([strip.crop(0, width - over.cell_length), over])


def _visible(cells: Sequence[str], ink: Ink) -> Sequence[str]:
    return " " * len(cells) if ink.hidden else drawn(cells)


def _overlaid(
    runs: Sequence[tuple[Sequence[str], Style]], overlays: Sequence[Overlay]
) -> list[tuple[str, Style]]:
    cells = [(cell, style) for texts, style in runs for cell in texts]
    for start, stop, style, blank in overlays:
        for place in range(max(0, start), min(stop, len(cells))):
            text, below = cells[place]
            above = Style(reverse=not below.reverse) if style is None else style
            cells[place] = (blank if blank and text == " " else text, below + above)
    return _merged(cells)


def _merged(cells: list[tuple[str, Style]]) -> list[tuple[str, Style]]:
    """Neighbours of one style together. The right half of a wide character looks as its left half does."""
    merged: list[tuple[list[str], Style]] = []
    for text, style in cells:
        if merged and (not text or merged[-1][1] == style):
            merged[-1][0].append(text)
        else:
            merged.append(([text], style))
    return [("".join(texts), style) for texts, style in merged]


def _style(ink: Ink) -> Style:
    return Style(
        color=_color(ink.foreground),
        bgcolor=_color(ink.background),
        bold=ink.bold or None,
        dim=ink.dim or None,
        italic=ink.italic or None,
        underline=bool(ink.underline) or None,
        reverse=ink.reverse or None,
        strike=ink.strike or None,
    )


def _color(value: int | tuple[int, int, int] | None) -> Color | None:
    # The first sixteen are the theme's: Textual puts them in, where the real terminal's own are not wanted.
    if value is None:
        return None
    return Color.from_ansi(value) if isinstance(value, int) else Color.from_rgb(*value)
