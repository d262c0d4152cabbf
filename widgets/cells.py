"""What a grid shows: columns, and cells as text with a tone. No Textual: rows can be made without it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple, Protocol

Tone = Literal["", "good", "warn", "bad", "dim", "accent", "info"]
"""How a cell feels; the theme decides how that looks. Never the only sign: a word or glyph goes with it."""


class Cell(NamedTuple):
    """One cell: clean text, without markup."""

    text: str
    tone: Tone = ""


class ColumnSpec(NamedTuple):
    """One column of a grid."""

    key: str
    """Stable name, used for sorting and in the configuration."""
    title: str
    width: int
    """Cells it would like; a flexible column takes what is left."""
    right: bool = False
    priority: int = 1
    """1 is always shown, higher numbers go first when there is no room."""
    flexible: bool = False
    min_width: int = 4
    tail: int = 0
    """Cells of the end that stay where there is no room, when the end is what tells rows apart."""


class Line(NamedTuple):
    """One row as it is now."""

    cells: tuple[Cell, ...]
    """One for each column of the rows, in their order."""
    version: int
    """Grows whenever the object changes: a line of a known version may come from a cache."""
    stale: bool = False
    """Its source is not live: drawn dimmed."""


class Rows(Protocol):
    """What a grid draws from: an ordered sequence of keyed rows that changes underneath it."""

    @property
    def columns(self) -> Sequence[ColumnSpec]: ...
    def __len__(self) -> int: ...
    def key_at(self, index: int) -> Hashable: ...
    def index_of(self, key: Hashable) -> int | None:
        """Where that object is now, None when it is not among the rows."""

    def knows(self, key: Hashable) -> bool:
        """Whether that object is there, be it among the rows or hidden from them."""

    def line_at(self, index: int) -> Line: ...
