"""Any other kind as rows, with the columns that its server gives it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.views.ages import age_cell, age_column
from console.views.kinds import KindView, Section, SortValue, Trouble, ViewColumn
from console.views.members import member_sections
from console.views.origin import ACCOUNT, CLUSTER, OF_CLUSTER, REGION, SOURCE
from console.views.volumes import user_sections
from console.views.words import labels, word_cell, word_column
from providers.model import Column, Kind, Record, Ref, Schema
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet

_OURS = frozenset({"name", "namespace", "age", "cluster", "account", "region"})
"""Columns that every record has without its server's help."""
_FINE = Trouble(0, "", "")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def trouble(item: Item) -> Trouble:
    """Nothing is known of how a record feels."""
    return _FINE


def _key(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "column"


def _text(title: str) -> Callable[[Item], str]:
    def text(item: Item) -> str:
        schema = item.source.schemas.get(item.ref.kind)
        cells: tuple[str, ...] = item.obj.cells
        if schema is None:
            return ""
        # By title: clusters of different versions give a kind different columns.
        for column, cell in zip(schema.columns, cells, strict=False):
            if column.title == title:
                return cell
        return ""

    return text


def _number(text: Callable[[Item], str]) -> Callable[[Item], float | None]:
    def number(item: Item) -> float | None:
        found = _NUMBER.match(text(item))
        return float(found[0]) if found else None

    return number


def _column(column: Column) -> ViewColumn:
    text = _text(column.title)
    key = _key(column.title)
    width = max(len(column.title), 12 if not column.numeric else 6)
    spec = ColumnSpec(
        key, column.title.upper(), width, right=column.numeric, priority=6 if column.priority else 2
    )
    if not column.numeric:
        return word_column(spec, text)
    number = _number(text)

    def sort(item: Item) -> SortValue:
        return number(item)

    return ViewColumn(
        spec, lambda item, now: word_cell(text(item)), sort, Field(key, number, "number", word=False)
    )


def record_view(schema: Schema) -> KindView:
    """The view of a kind from what its server says of it."""
    given = [_column(column) for column in _given(schema)]
    origins = (CLUSTER,) if schema.namespaced else (OF_CLUSTER, ACCOUNT, REGION)
    namespace = word_column(
        ColumnSpec("namespace", "NAMESPACE", 12),
        lambda item: str(item.obj.namespace),
        aliases=("ns",),
        match="whole",
    )
    name = word_column(
        ColumnSpec("name", "NAME", 28, flexible=True, min_width=12), lambda item: str(item.obj.name)
    )
    return KindView(
        kind=schema.kind,
        title=schema.title,
        aliases=_aliases(schema),
        namespaced=schema.namespaced,
        columns=(
            *origins,
            *((namespace,) if schema.namespaced else ()),
            name,
            *given,
            age_column(lambda item: item.obj.created),
        ),
        extra_fields=(SOURCE, Field("label", lambda item: item.obj.labels, "pairs", ("l", "tag"))),
        trouble=trouble,
        details=details,
        default_sort="namespace" if schema.namespaced else "name",
        leads_to=_machine,
    )


def _machine(item: Item) -> Ref | None:
    """The instance that it belongs to, such as a volume's."""
    owner = item.obj.owner
    instances = item.source.items.get("instance", {})
    return instances[owner.uid].ref if owner is not None and owner.uid in instances else None


def _given(schema: Schema) -> list[Column]:
    """The columns that the server gives and we have not ourselves."""
    return [column for column in schema.columns if _key(column.title) not in _OURS]


def _origin(item: Item, now: float) -> tuple[tuple[str, Cell], ...]:
    """The account and region of what a cloud has, the cluster of anything else."""
    info = item.source.info
    if info.account and not info.cluster:
        return (("account", Cell(info.account)), ("region", word_cell(info.region)))
    return (("cluster", CLUSTER.cell(item, now)),)


def _aliases(schema: Schema) -> tuple[str, ...]:
    plain: Kind = schema.kind.partition(".")[0]
    words = dict.fromkeys([schema.title.lower(), plain])
    return tuple(word for word in words if word != schema.kind)


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Its columns, one under the other."""
    record: Record = item.obj
    schema = item.source.schemas.get(item.ref.kind)
    own = _given(schema) if schema else []
    given = [(column.title.lower(), word_cell(_text(column.title)(item))) for column in own]
    owner = f"{record.owner.kind} {record.owner.name}" if record.owner else ""
    facts = (
        *((("namespace", Cell(record.namespace)),) if record.namespace else ()),
        ("name", Cell(record.name)),
        *_origin(item, now),
        *given,
        *((("owner", Cell(owner)),) if owner else ()),
        ("age", age_cell(item, record.created, now)),
    )
    sections = [Section(schema.title if schema else record.kind, facts)]
    return [
        *sections,
        *user_sections(item),
        *member_sections(item, fleet),
        *([Section("Labels", labels(record.labels))] if record.labels else []),
    ]
