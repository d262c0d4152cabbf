"""How long ago, in kubectl's words."""

from __future__ import annotations

from collections.abc import Callable

from console.item import Item
from console.query.field import Field
from console.views.kinds import ViewColumn
from widgets.cells import Cell, ColumnSpec

UNKNOWN = Cell("–", "dim")
"""Not known: neither zero nor forbidden."""

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400


def duration(seconds: float) -> str:
    """As kubectl prints an age: `90s`, `5m12s`, `3h4m`, `2d3h`, `12d`, `3y45d`. Below zero is `0s`."""
    total = max(0, int(seconds))
    if total < 2 * _MINUTE:
        return f"{total}s"
    if total < 10 * _MINUTE:
        return _two(total, _MINUTE, "m", 1, "s")
    if total < 3 * _HOUR:
        return f"{total // _MINUTE}m"
    if total < 8 * _HOUR:
        return _two(total, _HOUR, "h", _MINUTE, "m")
    if total < 2 * _DAY:
        return f"{total // _HOUR}h"
    if total < 8 * _DAY:
        return _two(total, _DAY, "d", _HOUR, "h")
    if total < 2 * _YEAR:
        return f"{total // _DAY}d"
    if total < 8 * _YEAR:
        return _two(total, _YEAR, "y", _DAY, "d")
    return f"{total // _YEAR}y"


def _two(total: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    rest = total % large // small
    return f"{total // large}{large_unit}{rest}{small_unit}" if rest else f"{total // large}{large_unit}"


def clock_of(item: Item, now: float) -> float:
    """The time that its ages are told at: now, or when its source was last current."""
    stale = item.stale_since
    return now if stale is None else min(now, stale)


def age(item: Item, since: float | None, now: float) -> str:
    """How long ago `since` was for that item, "" when it is not known."""
    return "" if since is None else duration(clock_of(item, now) - since)


def age_cell(item: Item, since: float | None, now: float) -> Cell:
    """An age as a cell."""
    return UNKNOWN if since is None else Cell(age(item, since, now), "dim")


def age_column(
    since: Callable[[Item], float | None], *, key: str = "age", title: str = "AGE", priority: int = 1
) -> ViewColumn:
    """A column of ages, the youngest first when it ascends."""

    def sort(item: Item) -> float | None:
        at = since(item)
        return None if at is None else -at

    return ViewColumn(
        spec=ColumnSpec(key, title, 6, right=True, priority=priority),
        cell=lambda item, now: age_cell(item, since(item), now),
        sort=sort,
        field=Field(key, since, "seconds"),
        ticks=True,
    )
