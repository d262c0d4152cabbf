"""A program for the terminal tests: a grid of 10,000 rows that keys change.

`j` down, `f` page, `x` one row changes, `n` a row comes at the top, `s` the
terminal is lent, `r` everything is sent again, `q` quit.
"""

from __future__ import annotations

import sys

from textual import events
from textual.app import App, ComposeResult

from tests.widgets.table import Table
from widgets.cells import ColumnSpec
from widgets.grid import Grid
from widgets.thrift import ThriftyApp

WIDE = (
    ColumnSpec("name", "NAME", 50, flexible=True, min_width=8),
    ColumnSpec("status", "STATUS", 16),
    ColumnSpec("zone", "ZONE", 12, priority=3),
    ColumnSpec("restarts", "RESTARTS", 8, right=True, priority=2),
    ColumnSpec("age", "AGE", 5, right=True),
)


class _Stage:
    def __init__(self, flash: bool) -> None:
        super().__init__()
        self.table = Table([f"checkout/api-7f9c9d5b7b-{i:05}" for i in range(10_000)], WIDE)
        self.grid = Grid(self.table, flash=flash)
        self.count = 0

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    def on_key(self, event: events.Key) -> None:
        key = self.table.order[5]
        if event.key == "j":
            self.grid.move("down")
        elif event.key == "f":
            self.grid.move("page_down")
        elif event.key == "x":
            self.count += 1
            self.table.write(key, 3, str(self.count))
            self.grid.changed(False, {key})
        elif event.key == "n":
            self.table.insert(0, "new")
            self.grid.changed()
        elif event.key == "s":
            with self.suspend():  # type: ignore[attr-defined]
                sys.stdout.write("\x1b[41mleft behind\r\n" * 5)
                sys.stdout.flush()
        elif event.key == "r":
            self.redraw()  # type: ignore[attr-defined]
        elif event.key == "q":
            self.exit()  # type: ignore[attr-defined]


class Thrifty(_Stage, ThriftyApp[None]):
    """As the console sends it."""


class Plain(_Stage, App[None]):
    """As Textual sends it."""


if __name__ == "__main__":
    kinds = {"thrifty": Thrifty, "plain": Plain}
    kinds[sys.argv[1]]("flash" in sys.argv[2:]).run()
