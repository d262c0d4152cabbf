"""What a view of a kind is: its columns, what can be asked of it, and how its objects feel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from console.item import Item
from console.query.field import Field
from providers.model import Kind, Ref, SourceInfo
from widgets.cells import Cell, ColumnSpec, Tone

if TYPE_CHECKING:
    from console.fleet import Fleet

SortValue = str | float | None
"""What a column sorts by; None is unknown and comes last either way."""


class Trouble(NamedTuple):
    """How an object is: 0 fine, 1 on its way somewhere, 2 not as it should be, 3 broken."""

    severity: int
    tone: Tone
    glyph: str
    counted: tuple[str, ...] = ()
    """The words under which it is counted in a title: "not ready", "cordoned"."""


def worst_first(how: Trouble, word: str) -> str:
    """Sorts a status: the worst first, equally bad ones by their word."""
    return f"{9 - how.severity}{word}"


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column of a kind, and what can be asked of it."""

    spec: ColumnSpec
    cell: Callable[[Item, float], Cell]
    """The item at a time → its cell."""
    sort: Callable[[Item], SortValue]
    field: Field | None = None
    ticks: bool = False
    """Its text depends on the time."""
    origin: Callable[[SourceInfo], str] | None = None
    """Shown only when the fleet's sources of this kind differ in it."""
    needs: Kind = ""
    """Shown only when some source of the fleet has objects of this other kind."""


class Section(NamedTuple):
    """A part of the detail pane."""

    title: str
    facts: tuple[tuple[str, Cell], ...]
    """Pairs of a label and what to say; a label "" goes on with the one above."""


@dataclass(frozen=True)
class KindView:
    """How objects of one kind are shown, sorted, asked for and judged. Pure functions of an item."""

    kind: Kind
    title: str
    """The plural, as a pane is called: "Pods"."""
    aliases: tuple[str, ...]
    """What else people type for it after `:`."""
    columns: tuple[ViewColumn, ...]
    trouble: Callable[[Item], Trouble]
    details: Callable[[Item, Fleet, float], list[Section]]
    extra_fields: tuple[Field, ...] = ()
    """What can be asked and is no column."""
    default_sort: str = "name"
    """A column's key."""
    ties: Callable[[Item], str] = lambda item: item.name
    """What orders rows of which the column says the same."""
    counted: tuple[str, ...] = ()
    """The words of a title's counts, in their order."""
    namespaced: bool = False
    leads_to: Callable[[Item], Ref | None] = lambda item: None
    """What `enter` goes to, where that is another object."""
    told_by: Callable[[Item], tuple[Item, ...]] = lambda item: ()
    """The objects of its kind whose rows tell of it as well: beside one of those it is no row of its own."""
    made_of: tuple[Kind, ...] = ()
    """The kinds that its objects are worked out from; none where sources bring them."""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Everything that can be asked of this kind, by name and by alias."""
        found: dict[str, Field] = {}
        columns = [column.field for column in self.columns if column.field is not None]
        for field in (*columns, *self.extra_fields):
            for name in (field.name, *field.aliases):
                found.setdefault(name, field)
        return found

    @cached_property
    def words(self) -> tuple[Callable[[Item], object], ...]:
        """What a plain word is looked for in."""
        return tuple(field.value for name, field in self.fields.items() if field.word and name == field.name)

    def text(self, item: Item) -> str:
        """What a plain word is looked for in, lower-case, a line for each part."""
        return "\n".join([str(value(item) or "") for value in self.words]).lower()

    def column(self, key: str) -> ViewColumn | None:
        """The column with that key."""
        return next((column for column in self.columns if column.spec.key == key), None)
