"""For the terminal test: a terminal and tabs that show whatever hostile bytes and names there are."""

from __future__ import annotations

import random

from textual.app import ComposeResult

from tests.view.stage import Stage
from tests.widgets.corpus import HOSTILE
from widgets.tabs import Tab, Tabs


class Hostile(Stage):
    """Escape sequences are the emulator's to take; what is left is text. `q` is asked back, and quits."""

    def __init__(self) -> None:
        super().__init__(100, 40)
        self.tabs = Tabs()
        self.view.send = self._answer

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield self.view

    def on_mount(self) -> None:
        super().on_mount()
        self.tabs.show([Tab(text, text[:3], "bad", broadcast=True) for text in HOSTILE], 0)
        for text in HOSTILE:
            self.view.note(text.encode("utf-8", "surrogatepass") + b"\r\n")
        self.set_timer(0.2, lambda: self.view.note(random.Random(5).randbytes(20_000)))
        self.set_timer(0.6, lambda: self.view.note(b"\x18\x1bcall shown"))

    def _answer(self, data: bytes) -> None:
        if data == b"q":
            self.exit()


if __name__ == "__main__":
    Hostile().run()
