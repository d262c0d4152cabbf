"""Searching a terminal's lines: no more of them than a step needs, those in view when they are drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from widgets.emulator import Terminal
from widgets.terminal.selection import Place, bounds, cells_at


class Span(NamedTuple):
    """Part of a match on one line: a match goes on where the terminal broke its line."""

    line: int
    start: int
    stop: int
    begins: Place
    """Where the whole match begins."""


class Search:
    """A text looked for in a terminal; with capitals in it, case matters."""

    def __init__(self, terminal: Terminal, needle: str) -> None:
        self.needle = needle
        self.current: Place | None = None
        """Where the match begins that the search stands on."""
        self._terminal = terminal
        self._folds = needle == needle.lower()

    def on(self, line: int) -> list[Span]:
        """What is to be lit on that line."""
        return [span for span in self._spans(self._first(line)) if span.line == line]

    def step(self, *, older: bool, start: Place) -> Place | None:
        """Go to the next match upwards or downwards, round at the ends; None when there is none at all.

        The first step is from `start`.
        """
        here = self.current or start
        firsts = self._firsts()
        at = max(0, bisect_right(firsts, here.line) - 1)
        circle = [*firsts[at:], *firsts[: at + 1]]
        if older:
            circle = [*reversed(firsts[: at + 1]), *reversed(firsts[at:])]
        self.current = next(self._beyond(circle, here, older), None)
        return self.current

    @property
    def later(self) -> int:
        """Matches below the one that it stands on: so many they are in any width."""
        return sum(place > self.current for place in self._places()) if self.current is not None else 0

    def stand(self, later: int) -> Place | None:
        """Go to the match with so many below it, or else to the oldest; None when there is none at all."""
        places = self._places()
        self.current = places[-min(later + 1, len(places))] if places else None
        return self.current

    def _places(self) -> list[Place]:
        return sorted({span.begins for first in self._firsts() for span in self._spans(first)})

    def _beyond(self, circle: list[int], here: Place, older: bool) -> Iterator[Place]:
        """Matches in the order they are come by; of the line where it begins the ones beyond first."""
        for turn, first in enumerate(circle):
            places = sorted({span.begins for span in self._spans(first)}, reverse=older)
            yield from (p for p in places if turn or (p < here if older else p > here))

    def _firsts(self) -> list[int]:
        """Numbers of all lines but those that go on from the one above."""
        oldest, newest = bounds(self._terminal)
        return [n for n in range(oldest, newest + 1) if n == oldest or not self._wrapped(n - 1)]

    def _first(self, line: int) -> int:
        oldest, _ = bounds(self._terminal)
        while line > oldest and self._wrapped(line - 1):
            line -= 1
        return line

    def _wrapped(self, line: int) -> bool:
        return self._terminal.line(line - self._terminal.scrolled).wrapped

    def _spans(self, first: int) -> list[Span]:
        """All parts of all matches in the line that begins there, however many lines it is broken into."""
        line = self._terminal.line(first - self._terminal.scrolled)
        if not line.wrapped and self.needle not in self._folded(line.text):
            return []  # most lines, and without a look at their cells
        lines = self._cells(first)
        whole = self._folded("".join(map("".join, lines)))
        spans: list[Span] = []
        at = whole.find(self.needle)
        while at >= 0:
            spans += _parts(first, lines, at, at + len(self.needle))
            at = whole.find(self.needle, at + len(self.needle))
        return spans

    def _folded(self, text: str) -> str:
        lowered = text.lower() if self._folds else text
        # Lowering a letter can lengthen it (İ): such a line is searched as it is.
        return lowered if len(lowered) == len(text) else text

    def _cells(self, first: int) -> list[list[str]]:
        _, newest = bounds(self._terminal)
        lines = []
        for number in range(first, newest + 1):
            cells, goes_on = cells_at(self._terminal, number)
            lines.append(cells)
            if not goes_on:
                break
        return lines


def _parts(first: int, lines: list[list[str]], start: int, stop: int) -> list[Span]:
    """Characters start to stop of the joined lines as cells of each line."""
    found: list[tuple[int, int, int]] = []
    at = 0
    for number, cells in enumerate(lines, first):
        columns: list[int] = []
        for column, cell in enumerate(cells):
            if at < stop and at + len(cell) > start and (cell or columns):
                columns.append(column)
            at += len(cell)
        if columns:
            found.append((number, columns[0], columns[-1] + 1))
    begins = Place(*found[0][:2])
    return [Span(*part, begins) for part in found]
