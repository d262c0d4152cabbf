"""An object as its server has it, to be read and searched."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from widgets.bar import Bar
from widgets.cells import Cell
from widgets.document import Document
from widgets.prompt import Prompt


class DocumentScreen(Screen[None]):
    """`y`."""

    def __init__(self, title: str, source: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._source = source
        self.document = Document(text, id="document")
        self.prompt = Prompt(id="prompt")

    def compose(self) -> ComposeResult:
        bar = Bar(classes="title")
        bar.show(
            [Cell(f" {self._title}", "accent"), Cell(f"  {self._source}")],
            [Cell("/ search · n N · esc closes ")],
        )
        yield bar
        yield self.document
        yield self.prompt

    def on_mount(self) -> None:
        self.document.focus()

    def on_key(self, event: events.Key) -> None:
        if self.prompt.is_open:
            return
        if event.key in ("escape", "q", "y", "ctrl+c"):
            event.stop()
            self.dismiss()
        elif event.key == "slash":
            event.stop()
            self.prompt.ask("/", "")
        elif event.key in ("n", "N"):
            event.stop()
            self.document.find_next(1 if event.key == "n" else -1)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        self.document.search(event.text)

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        self.prompt.close()
        self.document.focus()

    def on_prompt_cancelled(self) -> None:
        self.document.search("")
        self.prompt.close()
        self.document.focus()
