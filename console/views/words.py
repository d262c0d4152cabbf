"""Columns and facts that are plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

from console.item import Item
from console.query.field import Field, Match
from console.views.ages import UNKNOWN
from console.views.kinds import SortValue, ViewColumn
from widgets.cells import Cell, ColumnSpec, Tone

_NUMBER = re.compile(r"[0-9]+")
_DIGITS = 15


def word_cell(text: str, tone: Tone = "") -> Cell:
    """The word, or the sign of what is not known."""
    return Cell(text, tone) if text else UNKNOWN


def numbered(name: str) -> str:
    """What sorts as people count: web-2 before web-10. Names of an equal one are the same but for zeros."""
    return _NUMBER.sub(lambda found: found[0].zfill(_DIGITS), name)


def word_column(
    spec: ColumnSpec,
    value: Callable[[Item], str],
    *,
    aliases: tuple[str, ...] = (),
    word: bool = True,
    match: Match = "contains",
    tone: Tone = "",
    ordered: Callable[[str], str] = lambda text: text,
) -> ViewColumn:
    """A column that shows a word, sorts by what `ordered` makes of it, and can be asked for it by its key."""

    def sort(item: Item) -> SortValue:
        return ordered(value(item)) or None

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
