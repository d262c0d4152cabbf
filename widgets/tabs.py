"""A line of tabs: numbered, named, with a sign of their state; it scrolls when there are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.bare import Bare
from widgets.cells import Tone
from widgets.measure import fit
from widgets.palette import glyphs_of
from widgets.strips import ASCII_GLYPHS
from widgets.tones import Hue, base_style, front, ground, tone_style

_ROOMY_NAME = 24
_SHORT_NAME = 12
"""Cells of a name where all tabs have room, and where not."""
_MORE = 5
"""Cells at each end that say how many tabs are beyond it."""


class Tab(NamedTuple):
    """One tab: clean text."""

    name: str
    glyph: str = ""
    """Its state as a sign; `tone` is how that looks."""
    tone: Tone = ""
    broadcast: bool = False
    """What is typed goes to it too."""
    rang: bool = False
    """Its bell rang: it stands out."""


class Tabs(Bare):
    """Draws tabs and says which was clicked. The selected one is always in view."""

    DEFAULT_CSS = """
    Tabs { height: 1; width: 1fr; }
    """
    ALLOW_SELECT = False

    class Chosen(Message):
        """A tab was clicked, by its index; or the one beyond an end, by the mark there."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tabs: tuple[Tab, ...] = ()
        self._selected: int | None = None
        self._first = 0
        self._edges: list[tuple[int, int | None]] = []
        """Where each thing that is drawn ends, and the tab that a click on it means."""

    def show(self, tabs: Sequence[Tab], selected: int | None) -> None:
        """Show these, one of them selected or none; nothing is drawn when they are there already."""
        if (tuple(tabs), selected) != (self._tabs, self._selected):
            self._tabs, self._selected = tuple(tabs), selected
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line, exactly as wide as the widget."""
        width, base = self.size.width, base_style(self)
        labels = self._labels(width)
        self._first, last = _window(
            [label.cell_length for label in labels], self._selected, self._first, width
        )
        shown = labels[self._first : last]
        numbers: list[int | None] = list(range(self._first, last))
        if self._first:
            shown, numbers = [self._more("‹", self._first), *shown], [self._first - 1, *numbers]
        if last < len(labels):
            more = self._more("›", len(labels) - last)
            gap = width - more.cell_length - sum(label.cell_length for label in shown)
            shown, numbers = [*shown, Strip.blank(max(0, gap)), more], [*numbers, None, last]
        self._edges, end = [], 0
        for label, number in zip(shown, numbers, strict=True):
            end += label.cell_length
            self._edges.append((end, number))
        return Strip.join(shown).adjust_cell_length(width, base).apply_style(base)

    def _labels(self, width: int) -> list[Strip]:
        roomy = [self._label(number, _ROOMY_NAME) for number in range(len(self._tabs))]
        if sum(label.cell_length for label in roomy) <= width:
            return roomy
        return [self._label(number, _SHORT_NAME) for number in range(len(self._tabs))]

    def _label(self, number: int, cells: int) -> Strip:
        tab = self._tabs[number]
        name = (
            tab.name if len(fit(tab.name, cells).rstrip()) >= len(tab.name) else fit(tab.name, cells, tail=4)
        )
        under = self._under(tab, selected=number == self._selected)
        loud = _loud(self)
        sign = ">" if glyphs_of(self) is ASCII_GLYPHS else "»"
        parts = [
            (f" {number + 1} ", under),
            (f"{sign} " if tab.broadcast else "", under + loud),
            (f"{tab.glyph} " if tab.glyph else "", under + (tone_style(self, tab.tone) or Style())),
            (f"{name} ", under + loud if tab.broadcast else under),
        ]
        return Strip([Segment(text, style) for text, style in parts if text])

    def _under(self, tab: Tab, *, selected: bool) -> Style:
        plain = self.app.no_color or self.app.console.color_system is None
        if tab.rang:
            return Style(reverse=True, bold=True)
        if selected:
            return Style(reverse=True) if plain else ground(self, Hue("primary", 35)) + Style(bold=True)
        return Style()

    def _more(self, sign: str, count: int) -> Strip:
        if glyphs_of(self) is ASCII_GLYPHS:
            sign = "<" if sign == "‹" else ">"
        text = f"{sign}{count} " if sign in "‹<" else f" {count}{sign}"
        return Strip([Segment(fit(text, _MORE, right=sign in "›>"), front(self, Hue("foreground", 60)))])

    def on_click(self, event: events.Click) -> None:
        event.stop()
        number = next((number for end, number in self._edges if event.x < end), None)
        if number is not None:
            self.post_message(self.Chosen(number))


def _loud(widget: Widget) -> Style:
    return front(widget, Hue("error", bold=True))


def _window(widths: Sequence[int], selected: int | None, first: int, room: int) -> tuple[int, int]:
    """Which tabs are in view, first and one past the last: as before, but with the selected one."""
    if sum(widths) <= room:
        return 0, len(widths)
    selected = min(selected or 0, len(widths) - 1)
    first = min(first, selected)
    while first < selected and sum(widths[first : selected + 1]) > _room(first, selected + 1, widths, room):
        first += 1
    last = selected + 1
    while last < len(widths) and sum(widths[first : last + 1]) <= _room(first, last + 1, widths, room):
        last += 1
    while first > 0 and sum(widths[first - 1 : last]) <= _room(first - 1, last, widths, room):
        first -= 1
    return first, last


def _room(first: int, last: int, widths: Sequence[int], room: int) -> int:
    """Cells for tabs first to last, without what says that there are others."""
    return room - (_MORE if first else 0) - (_MORE if last < len(widths) else 0)
