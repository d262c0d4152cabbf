"""Columns and facts that are plain words."""

from __future__ import annotations

from collections.abc import Callable

from console.item import Item
from console.query.field import Field, Match
from console.views.ages import UNKNOWN
from console.views.kinds import SortValue, ViewColumn
from widgets.cells import Cell, ColumnSpec, Tone


def word_cell(text: str, tone: Tone = "") -> Cell:
    """The word, or the sign of what is not known."""
    return Cell(text, tone) if text else UNKNOWN


def word_column(
    spec: ColumnSpec,
    value: Callable[[Item], str],
    *,
    aliases: tuple[str, ...] = (),
    word: bool = True,
    match: Match = "contains",
    tone: Tone = "",
) -> ViewColumn:
    """A column that shows a word, sorts by it and can be asked for it by the column's key."""

    def sort(item: Item) -> SortValue:
        return value(item) or None

    return ViewColumn(
        spec=spec,
        cell=lambda item, now: word_cell(value(item), tone),
        sort=sort,
        field=Field(spec.key, value, aliases=aliases, word=word, match=match),
    )


def labels(text: str) -> tuple[tuple[str, Cell], ...]:
    """A line for each label of a labels string."""
    pairs = [pair for pair in text.split(",") if pair]
    return tuple(("labels" if index == 0 else "", Cell(pair, "dim")) for index, pair in enumerate(pairs))
