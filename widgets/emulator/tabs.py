"""Tab stops: every eight columns until a program sets its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

_EVERY = 8


class Tabs:
    """Where HT, CBT and CHT stop. Columns count from 0."""

    def __init__(self, columns: int) -> None:
        self._stops: list[int] = []
        self._columns = 0
        self.resize(columns)

    def resize(self, columns: int) -> None:
        """Stops for columns that are new."""
        self._stops.extend(range(-(-self._columns // _EVERY) * _EVERY, columns, _EVERY))
        self._stops.sort()
        self._columns = max(columns, self._columns)

    @property
    def usual(self) -> bool:
        """Whether no program has set any."""
        return self._stops == list(range(0, self._columns, _EVERY))

    def set(self, column: int) -> None:
        """Stop here."""
        if column not in self._stops:
            insort(self._stops, column)

    def clear(self, column: int | None = None) -> None:
        """Stop here no longer, or nowhere."""
        if column is None:
            self._stops.clear()
        elif column in self._stops:
            self._stops.remove(column)

    def after(self, column: int, last: int, count: int = 1) -> int:
        """The stop to the right, the count-th of them, at most `last`."""
        at = bisect_right(self._stops, column) + count - 1
        return min(self._stops[at], last) if at < len(self._stops) else last

    def before(self, column: int, count: int = 1) -> int:
        """The stop to the left, the count-th of them, at least 0."""
        at = bisect_left(self._stops, column) - count
        return self._stops[at] if at >= 0 else 0
