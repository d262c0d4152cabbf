"""A program for the terminal tests: every widget and a toast, all showing hostile text. enter quits."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tests.widgets.corpus import HOSTILE
from tests.widgets.table import Table
from widgets.bar import Bar
from widgets.cells import Cell, ColumnSpec
from widgets.document import Document
from widgets.facts import Facts
from widgets.grid import Grid
from widgets.prompt import Prompt
from widgets.thrift import ThriftyApp


class Hostile(ThriftyApp[None]):
    """Nothing here was cleaned at a door: the terminal's own layer is all there is."""

    CSS = "Grid { height: 22; } Horizontal { height: 20; } Facts { width: 1fr; } Document { width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        columns = (ColumnSpec("a", HOSTILE[0], 40, flexible=True), ColumnSpec("b", "B", 60, right=True))
        self.table = Table(range(len(HOSTILE)), columns)
        for place, text in enumerate(HOSTILE):
            self.table.write(place, 0, text, "bad")
            self.table.write(place, 1, text[::-1])
        self.prompt = Prompt()
        self.facts = Facts()

    def compose(self) -> ComposeResult:
        bar = Bar()
        bar.show([Cell(text) for text in HOSTILE[:6]], [Cell(HOSTILE[9])])
        yield bar
        yield Grid(self.table)
        with Horizontal():
            yield self.facts
            yield Document("\n".join(HOSTILE))
        empty = Grid(Table())
        empty.placeholder = HOSTILE[0] + HOSTILE[9]
        empty.styles.height = 4
        yield empty
        yield self.prompt

    def on_mount(self) -> None:
        self.facts.show(HOSTILE[1], [(text, [(text, Cell(text))]) for text in HOSTILE])
        self.prompt.ask(HOSTILE[5], HOSTILE[3], complete=lambda text: [text + HOSTILE[0]])
        self.prompt.complain(HOSTILE[2], 0, 3)
        for text in HOSTILE[:4]:
            self.notify(text, title=text, markup=False, timeout=60)

    def on_prompt_submitted(self) -> None:
        self.exit()


if __name__ == "__main__":
    Hostile().run()
