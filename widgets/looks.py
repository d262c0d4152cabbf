"""What the visible rows look like right now: what is to be compared, and drawn when it differs."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from math import ceil

from widgets.cells import Line
from widgets.strips import Look
from widgets.viewport import Viewport

FLASH_SECONDS = 0.8
_NONE: frozenset[int] = frozenset()


class Looks:
    """Asks the rows of a viewport for their lines, and remembers what each said, as long as it is visible."""

    def __init__(self, port: Viewport) -> None:
        self._port = port
        self._lines: dict[Hashable, Line] = {}
        self._flashes: dict[Hashable, tuple[float, frozenset[int]]] = {}
        self.quiet_columns: frozenset[str] = frozenset({"age"})
        """Columns that never flash: their cells change by themselves."""

    def look(
        self, now: float, *, cursor: int, flash: bool, ask: AbstractSet[Hashable] | None = None
    ) -> list[Look]:
        """A look for each visible row.

        Rows in `ask` are asked anew, and those that were not visible before; all with None.
        `cursor` is how the row under the cursor looks (Look.cursor); with `flash` the cells that
        changed since the last look at that row flash for FLASH_SECONDS.
        """
        port, thumb = self._port, self._thumb()
        ask = frozenset(port.keys) if ask is None else ask
        known = self._lines
        lines = {k: known[k] if k in known and k not in ask else self._line(k) for k in port.keys}
        if flash:
            self._notice(lines, now)
        self._lines = lines
        self._flashes = {k: f for k, f in self._flashes.items() if k in lines and f[0] > now}
        return [
            Look(
                line.cells,
                line.stale,
                cursor if key == port.cursor else 0,
                key in port.marks,
                self._flashes[key][1] if key in self._flashes else _NONE,
                y in thumb,
            )
            for y, (key, line) in enumerate(lines.items())
        ]

    def fades_at(self) -> float | None:
        """When the next flash ends; None when nothing flashes."""
        return min((until for until, _ in self._flashes.values()), default=None)

    def _line(self, key: Hashable) -> Line:
        rows = self._port.rows
        row = None if rows is None else rows.index_of(key)
        if rows is not None and row is not None:
            return rows.line_at(row)
        # Gone, but nothing moves yet: as it was, and visibly not live.
        return self._lines.get(key, Line((), 0))._replace(stale=True)

    def _notice(self, lines: dict[Hashable, Line], now: float) -> None:
        for key, line in lines.items():
            was = self._lines.get(key)
            if was is not None and was.version != line.version:
                cells = self._differing(was, line)
                if cells:
                    self._flashes[key] = (now + FLASH_SECONDS, cells)

    def _differing(self, was: Line, line: Line) -> frozenset[int]:
        columns = () if self._port.rows is None else self._port.rows.columns
        return frozenset(
            i
            for i, (old, new, column) in enumerate(zip(was.cells, line.cells, columns, strict=False))
            if old != new and column.key not in self.quiet_columns
        )

    def _thumb(self) -> range:
        """The lines that carry the scroll mark."""
        port = self._port
        if not port.height or port.count <= port.height:
            return range(0)
        length = max(1, port.height * port.height // port.count)
        start = ceil(port.top * (port.height - length) / (port.count - port.height))
        return range(start, start + length)
