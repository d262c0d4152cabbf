"""What things cost an hour, as a column and as a fact with the date of its price."""

from __future__ import annotations

from collections.abc import Iterable

from console.item import Item
from console.prices.cost import cost_of, dollars, from_table, place_of, total
from console.prices.table import date_of, dates
from console.query.field import Field
from console.source import SourceState
from console.views.ages import UNKNOWN
from console.views.kinds import ViewColumn
from widgets.cells import Cell, ColumnSpec


def hourly(item: Item) -> float | None:
    """US dollars an hour, None unknown: also of what is only declared, which has no cost of its own."""
    return cost_of(item).hourly if getattr(item.obj, "observed", True) else None


def _cell(item: Item, now: float) -> Cell:
    return UNKNOWN if hourly(item) is None else Cell(dollars(cost_of(item).known))


def cost_column(priority: int) -> ViewColumn:
    """US dollars an hour; unknown where any of it is."""
    return ViewColumn(
        ColumnSpec("cost", "$/H", 8, right=True, priority=priority),
        _cell,
        hourly,
        Field("cost", hourly, "dollars"),
        needs="instance",
    )


def cost_fact(machine: Item) -> Cell:
    """`$0.107/h · list price of 2025-05-28`, `$0.041/h · as its provider says`, `unknown`."""
    cost = cost_of(machine)
    if hourly(machine) is None:
        return Cell("unknown", "dim")
    if not cost.known:
        return Cell("$0.000/h · no compute while it is not running")
    told = f"list price of {date_of(place_of(machine))}" if from_table(machine) else "as its provider says"
    return Cell(f"{cost.words()} · {told}")


def total_words(machines: Iterable[Item]) -> str:
    """What they cost together: `≥ $12.40/h, 3 unknown`."""
    return total(machines).words()


def price_words() -> list[tuple[str, str]]:
    """Where prices come from and of when they are, for help."""
    oldest, newest = dates()
    return [
        ("$/H", "US dollars an hour of compute; what is not known never counts as zero"),
        ("on-demand", f"AWS's list price, by region, from a table: prices of {oldest} to {newest}"),
        ("spot", "what its provider says it costs now"),
    ]


def source_cost(source: SourceState) -> Cell | None:
    """What a whole source costs: its instances, else its nodes. None where it has neither."""
    for kind in ("instance", "node"):
        if items := source.items.get(kind):
            cost = total(items.values())
            if not cost.known:
                return Cell(cost.words(), "dim")
            day = date_of(source.info.region) or f"{dates()[0]} and newer"
            return Cell(f"{cost.words()} · prices of {day}")
    return None
