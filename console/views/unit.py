"""Failed units of systemd as rows."""

from __future__ import annotations

from dataclasses import replace

from console.item import Item
from console.query.field import Field
from console.views.kinds import KindView, Trouble, ViewColumn, worst_first
from console.views.origin import FROM
from console.views.record import record_view
from console.views.words import word_cell
from providers.model import Column, Ref, Schema
from widgets.cells import Cell, ColumnSpec

_FAILED = Trouble(2, "bad", "✕", ("failed",))
_OTHERWISE = Trouble(1, "info", "◐", ("changing",))
_STATE = 1
"""Which of its cells says how it is."""


def trouble(item: Item) -> Trouble:
    """Only what failed is shown, and what is on its way from there."""
    return _FAILED if _state(item) == "failed" else _OTHERWISE


def _state(item: Item) -> str:
    cells: tuple[str, ...] = item.obj.cells
    return cells[_STATE] if len(cells) > _STATE else ""


def _state_cell(item: Item, now: float) -> Cell:
    state, how = _state(item), trouble(item)
    return word_cell(state and f"{how.glyph} {state}", how.tone)


def _host(item: Item) -> Ref | None:
    owner = item.obj.owner
    hosts = item.source.items.get("host", {})
    return hosts[owner.uid].ref if owner is not None and owner.uid in hosts else None


_GIVEN = record_view(
    Schema(
        kind="unit",
        title="Units",
        columns=(
            Column("Host"),
            Column("State"),
            Column("Result"),
            Column("Exit", numeric=True),
            Column("Description"),
        ),
        namespaced=False,
    )
)
_OWN = ViewColumn(
    ColumnSpec("state", "STATE", 12),
    _state_cell,
    lambda item: worst_first(trouble(item), _state(item)),
    Field("state", _state, aliases=("status",), word=True, match="begins"),
)


def _shown(column: ViewColumn) -> ViewColumn:
    if column.spec.key == "description":
        return replace(column, spec=column.spec._replace(width=40, flexible=True, min_width=12))
    return _OWN if column.spec.key == "state" else column


VIEW: KindView = replace(
    _GIVEN,
    columns=(
        FROM,
        *(_shown(column) for column in _GIVEN.columns if not column.origin),
    ),
    aliases=("units",),
    trouble=trouble,
    default_sort="host",
    counted=("failed", "changing"),
    leads_to=_host,
)
