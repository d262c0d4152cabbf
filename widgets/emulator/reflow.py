"""Lines flowed into another width: what was wrapped is joined, what is too long is wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from widgets.emulator.history import Kept, kept_of
from widgets.emulator.line import Line
from widgets.emulator.row import Cells, Part, Row
from widgets.emulator.style import DEFAULT


@dataclass(slots=True)
class Flowed:
    """Lines of the new width, and where lines of the old one begin in them."""

    lines: list[Kept] = field(default_factory=list)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Line and column of each cell that was asked for, by its number in the question."""


def reflow(lines: Iterable[Kept], columns: int, marks: Sequence[tuple[int, int]]) -> Flowed:
    """The lines in that many columns. `marks` are cells to find again: line and column."""
    flowed = Flowed()
    joined: list[Part] = []
    width = 0
    pending: dict[int, int] = {}
    for number, kept in enumerate(lines):
        for index, (line_of, column) in enumerate(marks):
            if line_of == number:
                pending[index] = width + column
        if isinstance(kept, str) and not joined and len(kept) <= columns:
            _found(flowed, pending, columns)
            flowed.lines.append(kept)
            continue
        line = Line(((kept, DEFAULT),), False) if isinstance(kept, str) else kept
        joined.extend(line.parts)
        width += sum(len(cells) for cells, _ in line.parts)
        if not line.wrapped:
            _end(flowed, joined, columns, pending)
            joined, width = [], 0
    if joined or pending:
        _end(flowed, joined, columns, pending)
    return flowed


def _found(flowed: Flowed, pending: dict[int, int], columns: int) -> None:
    for number, offset in pending.items():
        flowed.places[number] = (len(flowed.lines), min(offset, columns - 1))
    pending.clear()


def _end(flowed: Flowed, joined: list[Part], columns: int, pending: dict[int, int]) -> None:
    """Cut a joined line into rows, and find in them what was asked for."""
    first = len(flowed.lines)
    starts: list[int] = []
    for start, parts, more in _cut(joined, columns):
        starts.append(start)
        flowed.lines.append(kept_of(Row.of(parts).kept() if not more else parts, more))
    for number, offset in pending.items():
        index = max(i for i, start in enumerate(starts) if start <= offset)
        flowed.places[number] = (first + index, min(offset - starts[index], columns - 1))
    pending.clear()


def _without_wide(cells: Cells) -> Cells:
    """Cells for a single column, where no wide character fits."""
    if isinstance(cells, str):
        return cells
    wide = [at + 1 < len(cells) and cells[at + 1] == "" for at in range(len(cells))]
    return tuple(cell for cell, gone in zip(cells, wide, strict=True) if cell and not gone)


def _cut(parts: list[Part], columns: int) -> Iterator[tuple[int, tuple[Part, ...], bool]]:
    """Rows of a joined line: where each starts in it, its parts, and whether another follows."""
    row: list[Part] = []
    start = used = 0
    for whole, style in parts:
        cells = _without_wide(whole) if columns == 1 else whole
        while cells:
            room = columns - used
            if len(cells) <= room:
                row.append((cells, style))
                used += len(cells)
                break
            if cells[room] == "":
                # A wide character does not straddle the edge.
                room -= 1
            if room:
                row.append((cells[:room], style))
            used += room
            cells = cells[room:]
            yield start, tuple(row), True
            start += used
            row, used = [], 0
    yield start, tuple(row), False
