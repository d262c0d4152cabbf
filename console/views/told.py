"""What is told of each group of a kind: its columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from console.prices.cost import dollars
from console.views.dimension import EMPTY, Dimension, Group, missing
from console.views.kinds import KindView, SortValue
from console.views.tally import Tally
from providers.model import Kind
from widgets.cells import Cell, ColumnSpec

_WELL = Cell("● well", "good")


class GroupColumn(NamedTuple):
    """One column of groups."""

    spec: ColumnSpec
    cell: Callable[[Tally, Tally], Cell]
    """A group, and all of them together → its cell."""
    sort: Callable[[Tally], SortValue]
    """What it is sorted by: the most and the worst before the least."""
    needs: Kind = ""
    """Shown only when some source of the fleet has objects of this other kind."""


def group_columns(view: KindView, by: Dimension) -> list[GroupColumn]:
    """Those that tell anything of that kind."""
    columns = [
        GroupColumn(
            ColumnSpec("name", by.name.upper(), 20, flexible=True, min_width=12),
            lambda tally, whole: value_cell(tally.group),
            lambda tally: tally.group.value,
        ),
        GroupColumn(
            ColumnSpec("count", "COUNT", 7, right=True),
            lambda tally, whole: Cell(f"{tally.count:,}"),
            lambda tally: -tally.count,
        ),
        GroupColumn(
            ColumnSpec("share", "SHARE", 5, right=True, priority=2),
            lambda tally, whole: Cell(_percent(tally.count, whole.count), "dim"),
            lambda tally: -tally.count,
        ),
    ]
    if view.counted:
        columns.append(_troubles(view))
    if pods := view.column("pods"):
        columns.append(
            GroupColumn(
                ColumnSpec("pods", "PODS", 12, right=True, priority=2, flexible=True, min_width=12),
                lambda tally, whole: _pods_cell(tally),
                lambda tally: -tally.pods if tally.pods_unknown < tally.count else None,
                pods.needs,
            )
        )
    if cost := view.column("cost"):
        columns.append(
            GroupColumn(
                ColumnSpec("cost", "$/H", 14, right=True, priority=2, flexible=True, min_width=14),
                lambda tally, whole: _cost_cell(tally),
                lambda tally: -tally.cost.known if tally.cost.known or not tally.cost.unknown else None,
                cost.needs,
            )
        )
    return columns


def value_cell(group: Group) -> Cell:
    """The value. One that is not there can't be taken for a value that says the same words."""
    if group.value is None:
        return Cell(f"– {missing(group.by)}", "dim")
    return Cell(group.value or EMPTY)


def trouble_words(tally: Tally, view: KindView) -> list[str]:
    """`3 not ready`, `1 cordoned`: what there is any of, the worst first."""
    counts = [(tally.under(word), word) for word in view.counted]
    return [f"{count:,} {word}" for count, word in counts if count]


def _troubles(view: KindView) -> GroupColumn:
    def cell(tally: Tally, whole: Tally) -> Cell:
        worst, words = tally.worst, trouble_words(tally, view)
        stale = tally.stale(view.kind)
        if stale:
            words.append(f"{stale:,} stale")
        return Cell(f"{worst.glyph} {', '.join(words)}", worst.tone) if words else _WELL

    # Under the key that the worst objects are sorted by, so that the same key of the keyboard does it.
    key = next((key for key in ("status", "state") if view.column(key)), "status")
    spec = ColumnSpec(key, "TROUBLE", 24, flexible=True, min_width=14)
    return GroupColumn(spec, cell, lambda tally: -tally.badness)


def _pods_cell(tally: Tally) -> Cell:
    some = tally.pods_unknown < tally.count
    return _sum_cell(f"{tally.pods:,}" if some else "", tally.pods_unknown)


def _cost_cell(tally: Tally) -> Cell:
    known, unknown = tally.cost.known, tally.cost.unknown
    return _sum_cell(dollars(known) if known or not unknown else "", unknown)


def _sum_cell(known: str, unknown: int) -> Cell:
    """`259`, `≥ 259 +4?` with four of which nobody knows, `– +4?` where nothing is known."""
    if not unknown:
        return Cell(known)
    return Cell(f"{f'≥ {known}' if known else '–'} +{unknown:,}?", "dim")


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return "<1%" if share < 1 else ">99%" if 99 < share < 100 else f"{share:.0f}%"
