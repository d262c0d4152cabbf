"""The scrollback: lines that left the screen at its top, plain ones as strings; capped by number and size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from widgets.emulator.line import Line
from widgets.emulator.row import Part, Row
from widgets.emulator.style import DEFAULT

MOST_BYTES = 32_000_000
_EACH, _EACH_PART = 64, 100

Kept = str | Line
"""A line of default style that ended by itself is its text; 10,000 of 80 columns are 1.3 MB."""


class History:
    """Lines from the oldest to the newest."""

    def __init__(self, most_lines: int, most_bytes: int = MOST_BYTES) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._lines: deque[Kept] = deque()
        self._sizes: deque[int] = deque()
        """Of each line, about, in bytes: counted again at its end they took a tenth of a flood of colours."""
        self._bytes = 0
        self.scrolled = 0
        """Lines ever pushed."""

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> Line:
        """0 the oldest, -1 the newest."""
        kept = self._lines[index]
        return Line(((kept, DEFAULT),) if kept else ()) if isinstance(kept, str) else kept

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._lines)

    def add(self, kept: Kept) -> None:
        """Keep one line that leaves the screen."""
        self.scrolled += 1
        self._lines.append(kept)
        size = len(kept) + _EACH if isinstance(kept, str) else _size(kept)
        self._sizes.append(size)
        self._bytes += size
        if len(self._lines) > self._most_lines or self._bytes > self._most_bytes:
            self._trim()

    def push(self, lines: Sequence[Kept]) -> None:
        """Keep lines that leave the screen, without the blanks at their ends."""
        self.scrolled += len(lines)
        lines = lines[-self._most_lines :] if self._most_lines else ()
        if len(lines) == self._most_lines:
            self.clear()
        self._extend(lines)

    def replace(self, lines: Sequence[Kept]) -> None:
        """Hold other lines instead: the same, flowed anew."""
        self.clear()
        self._extend(lines)

    def _extend(self, lines: Sequence[Kept]) -> None:
        sizes = list(map(_size, lines))
        self._lines.extend(lines)
        self._sizes.extend(sizes)
        self._bytes += sum(sizes)
        self._trim()

    def clear(self) -> None:
        """Forget all; `scrolled` goes on."""
        self._lines.clear()
        self._sizes.clear()
        self._bytes = 0

    def _trim(self) -> None:
        lines = self._lines
        while len(lines) > self._most_lines or (self._bytes > self._most_bytes and lines):
            lines.popleft()
            self._bytes -= self._sizes.popleft()


def kept_of(parts: tuple[Part, ...], wrapped: bool) -> Kept:
    """A line in its smallest form."""
    if not parts:
        return Line((), True) if wrapped else ""
    cells, style = parts[0]
    if len(parts) == 1 and style is DEFAULT and not wrapped and isinstance(cells, str):
        return cells
    return Line(parts, wrapped)


def row_of(kept: Kept) -> Row:
    """A row of the screen that shows a kept line."""
    if isinstance(kept, str):
        return Row.of(((kept, DEFAULT),) if kept else ())
    return Row.of(kept.parts, kept.wrapped)


def _size(kept: Kept) -> int:
    if isinstance(kept, str):
        return len(kept) + _EACH
    size = _EACH
    for cells, _ in kept.parts:
        size += _EACH_PART + (len(cells) if isinstance(cells, str) else 16 * len(cells))
    return size
