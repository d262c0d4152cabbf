"""A row of the screen while it can still change: parts as they were written, or cells once it is edited."""

from __future__ import annotations

from itertools import groupby

from widgets.emulator.style import DEFAULT, Style

Cells = str | tuple[str, ...]
"""One item a cell: a string of narrow characters, or strings of which "" is the right half of a wide one."""
Part = tuple[Cells, Style]


class Row:
    """Cells of a row. Most rows are only written from left to right: these stay `parts`, never cells."""

    __slots__ = ("chars", "parts", "pens", "used", "wrapped")

    chars: list[str]
    pens: list[Style]
    """Of each cell, once there are no parts any more."""

    def __init__(self, blank: Style = DEFAULT, columns: int = 0) -> None:
        self.parts: list[Part] | None = [] if blank is DEFAULT else [(" " * columns, blank)]
        self.used = 0 if blank is DEFAULT else columns
        """Cells in `parts`; what follows is blank."""
        self.wrapped = False
        """Whether the text goes on in the next row, because it did not fit."""

    @classmethod
    def of(cls, parts: tuple[Part, ...], wrapped: bool = False) -> Row:
        """A row of parts that fit."""
        row = cls()
        row.parts = list(parts)
        row.used = sum(len(cells) for cells, _ in parts)
        row.wrapped = wrapped
        return row

    def put(self, column: int, cells: Cells, pen: Style, columns: int) -> None:
        """Write cells from a column on; they fit."""
        size = len(cells)
        parts = self.parts
        if parts is not None:
            if column >= self.used or (column == 0 and size >= self.used):
                if column == 0:
                    parts.clear()
                elif column > self.used:
                    parts.append((" " * (column - self.used), DEFAULT))
                self._append(parts, cells, pen)
                self.used = column + size
                return
            self._spread(columns)
        chars = self.chars
        end = column + size
        if chars[column] == "":
            self._break(column - 1)
        if end < columns and chars[end] == "":
            self._break(end)
        chars[column:end] = cells
        self.pens[column:end] = [pen] * size

    def _break(self, column: int) -> None:
        """What is left of a wide character when its other half is overwritten."""
        self.chars[column] = " "
        self.pens[column] = DEFAULT

    def _append(self, parts: list[Part], cells: Cells, pen: Style) -> None:
        if parts and parts[-1][1] is pen:
            last = parts[-1][0]
            if isinstance(last, str) and isinstance(cells, str):
                parts[-1] = (last + cells, pen)
                return
            if isinstance(last, tuple) and isinstance(cells, tuple):
                parts[-1] = (last + cells, pen)
                return
        parts.append((cells, pen))

    def _spread(self, columns: int) -> None:
        """Become cells, of which each can be changed."""
        chars: list[str] = []
        pens: list[Style] = []
        for cells, pen in self.parts or ():
            chars.extend(cells)
            pens.extend([pen] * len(cells))
        rest = columns - len(chars)
        chars.extend([" "] * rest)
        pens.extend([DEFAULT] * rest)
        self.chars, self.pens, self.parts = chars, pens, None

    def erase(self, start: int, end: int, blank: Style, columns: int) -> None:
        """Leave blanks in those cells; a wide character that is cut leaves one too."""
        if start >= end:
            return
        if end >= columns:
            self.wrapped = False
        if start <= 0 and end >= columns:
            self.parts = []
            self.used = 0
        elif self.parts is not None and end >= self.used:
            self._cut(self.parts, start)
        if blank is not DEFAULT or self.parts is None or start < self.used:
            self.put(start, " " * (end - start), blank, columns)

    def _cut(self, parts: list[Part], column: int) -> None:
        while self.used > column:
            cells, pen = parts.pop()
            begin = self.used - len(cells)
            self.used = begin
            if begin < column:
                kept = cells[: column - begin]
                if isinstance(kept, tuple) and cells[column - begin] == "":
                    kept = (*kept[:-1], " ")
                parts.append((kept, pen))
                self.used = column

    def insert(self, column: int, count: int, blank: Style, columns: int) -> None:
        """Push what stands from that column on to the right, off the edge in the end."""
        if self.parts is not None:
            if column >= self.used and blank is DEFAULT:
                return
            self._spread(columns)
        count = min(count, columns - column)
        chars, pens = self.chars, self.pens
        if chars[column] == "":
            chars[column - 1] = chars[column] = " "
        chars[column:column] = [" "] * count
        pens[column:column] = [blank] * count
        if chars[columns] == "":
            chars[columns - 1] = " "
        del chars[columns:], pens[columns:]
        self.wrapped = False

    def delete(self, column: int, count: int, blank: Style, columns: int) -> None:
        """Pull what stands behind those cells to the left; blanks come in at the edge."""
        if self.parts is not None:
            self._spread(columns)
        end = column + min(count, columns - column)
        chars, pens = self.chars, self.pens
        if chars[column] == "":
            chars[column - 1] = " "
        if end < columns and chars[end] == "":
            chars[end] = " "
        chars[column:] = chars[end:] + [" "] * (end - column)
        pens[column:] = pens[end:] + [blank] * (end - column)
        self.wrapped = False

    def cell(self, column: int, columns: int) -> tuple[str, Style]:
        """What stands in a cell, to be joined by a mark: the row becomes cells by it."""
        if self.parts is not None:
            self._spread(columns)
        return self.chars[column], self.pens[column]

    def kept(self) -> tuple[Part, ...]:
        """The row's parts without the blanks at its end."""
        parts = list(self.parts) if self.parts is not None else self._gathered()
        if parts and parts[-1][1] is DEFAULT and parts[-1][0][-1] != " ":
            return tuple(parts)
        while parts and parts[-1][1] is DEFAULT:
            cells = parts.pop()[0]
            if isinstance(cells, str):
                cells = cells.rstrip(" ")
            else:
                end = len(cells)
                while end and cells[end - 1] == " ":
                    end -= 1
                cells = cells[:end]
            if cells:
                parts.append((cells, DEFAULT))
                break
        return tuple(parts)

    def _gathered(self) -> list[Part]:
        """Parts of cells: those of a style that stand side by side."""
        parts: list[Part] = []
        at = 0
        for pen, group in groupby(self.pens):
            end = at + sum(1 for _ in group)
            cells = self.chars[at:end]
            text = "".join(cells)
            # As many characters as cells, and not because a right half makes up for a mark.
            parts.append((text if len(text) == end - at and "" not in cells else tuple(cells), pen))
            at = end
        return parts

    def fit(self, columns: int) -> None:
        """Be that wide, by cutting what is too much."""
        if self.parts is None:
            self.parts = list(self.kept())
            self.used = sum(len(cells) for cells, _ in self.parts)
        self._cut(self.parts, columns)
