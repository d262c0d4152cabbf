"""What rows are ordered by: a column, one way or the other, and then their names."""

from __future__ import annotations

from typing import Any

from console.item import Item
from console.views.kinds import KindView, SortValue

_LAST_CHAR = 0x10FFFF


class _Inverted(dict[int, int]):
    """Maps each character to one that sorts the other way round, made when first met."""

    def __missing__(self, char: int) -> int:
        self[char] = _LAST_CHAR - char
        return self[char]


_INVERTED = _Inverted()


def descending(value: SortValue) -> str | float:
    """A value that sorts as this one does backwards. The unknown is not asked for."""
    if isinstance(value, str):
        # The end of a text sorts before any character, so backwards it must come after all.
        return value.translate(_INVERTED) + chr(_LAST_CHAR)
    return -(value or 0)


class Order:
    """Makes keys that compare as rows are ordered: no two items of a kind have the same."""

    def __init__(self, view: KindView, key: str, descending: bool = False) -> None:
        """Raises KeyError when the view has no column of that key."""
        column = view.column(key)
        if column is None:
            known = ", ".join(column.spec.key for column in view.columns)
            raise KeyError(f"{view.title.lower()} have no column {key!r}; there are {known}")
        self.key = key
        self.descending = descending
        self._sort = column.sort
        self._ties = view.ties

    def keys(self, item: Item) -> tuple[Any, ...]:
        """Unknowns last either way, then by the column; ties by name, uid and source, always ascending."""
        value = self._sort(item)
        ref = item.ref
        if value is None:
            return (1, 0, self._ties(item), ref.uid, ref.source)
        if self.descending:
            value = descending(value)
        return (0, value, self._ties(item), ref.uid, ref.source)
