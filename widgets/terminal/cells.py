"""A line cell by cell in characters that the screen counts as the emulator does."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import get_character_cell_size

_MARKS_ON_A_CELL = 2


def drawn(cells: Sequence[str]) -> Sequence[str]:
    """What is drawn for each cell: "" is the right half of what is before it."""
    if isinstance(cells, str):
        return cells if cells.isascii() else [_drawn(char, 1) for char in cells]
    return [
        _drawn(cell, 2 if cells[place : place + 1] == ("",) else 1) if cell else ""
        for place, cell in enumerate(cells, 1)
    ]


@lru_cache(4096)
def _drawn(cluster: str, width: int) -> str:
    """A cluster by its first character and the marks on it.

    What joins several characters to one picture is not sent on: terminals disagree about how wide
    that is, and those that draw it apart would push the rest of the line to the right.
    """
    base = cluster[0]
    marks = [mark for mark in cluster[1:] if unicodedata.combining(mark)][:_MARKS_ON_A_CELL]
    cells = get_character_cell_size(base)
    if not 0 < cells <= width:
        return "\N{REPLACEMENT CHARACTER}".ljust(width)
    return "".join((base, *marks)) + " " * (width - cells)
