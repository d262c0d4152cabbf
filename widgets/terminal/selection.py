"""What is selected of a terminal's lines, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from widgets.emulator import Terminal

_WORD = frozenset("_-./~:@%+=?&#")
"""What belongs to a word beside letters and digits: paths, addresses and options are selected whole."""


class Place(NamedTuple):
    """A cell: the line's number since the terminal began, which stays when others come, and the column."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Selection:
    """From one place to another, both included, in either order."""

    anchor: Place
    head: Place
    whole_lines: bool = False

    def span(self, line: int, width: int) -> tuple[int, int] | None:
        """First and one past the last cell that is selected on that line."""
        first, last = sorted((self.anchor, self.head))
        if not first.line <= line <= last.line:
            return None
        if self.whole_lines:
            return 0, width
        start = first.column if line == first.line else 0
        return start, last.column + 1 if line == last.line else width

    def text(self, terminal: Terminal) -> str:
        """What is selected: lines that the terminal broke are one again, without the blanks at the ends."""
        first, last = sorted((self.anchor, self.head))
        oldest, newest = bounds(terminal)
        parts: list[str] = []
        for number in range(max(first.line, oldest), min(last.line, newest) + 1):
            start, stop = self.span(number, terminal.columns) or (0, 0)
            cells, goes_on = cells_at(terminal, number)
            text = "".join(cells[start:stop])
            parts.append(text if goes_on and number < last.line else text.rstrip() + "\n")
        return "".join(parts).removesuffix("\n")


def bounds(terminal: Terminal) -> tuple[int, int]:
    """Numbers of the oldest and the newest line there is."""
    return terminal.scrolled - terminal.history, terminal.scrolled + terminal.rows - 1


def cells_at(terminal: Terminal, number: int) -> tuple[list[str], bool]:
    """The cells of that line, and whether its text goes on in the next: then with the blanks at its end."""
    line = terminal.line(number - terminal.scrolled)
    cells = line.cells()
    if line.wrapped:
        cells += [" "] * (terminal.columns - len(cells))
    return cells, line.wrapped


def word_at(terminal: Terminal, place: Place) -> Selection:
    """The word there; the cell alone when there is none."""
    cells, _ = cells_at(terminal, place.line)
    start = stop = place.column
    while start > 0 and _in_word(cells, start - 1) and _in_word(cells, place.column):
        start -= 1
    while _in_word(cells, stop + 1) and _in_word(cells, place.column):
        stop += 1
    return Selection(Place(place.line, start), Place(place.line, stop))


def _in_word(cells: list[str], column: int) -> bool:
    cell = cells[column] if column < len(cells) else " "
    return not cell or cell[0].isalnum() or cell in _WORD
