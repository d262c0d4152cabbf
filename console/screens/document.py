"""An object as its server has it, or what it printed, to be read and searched."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from console.screens.overlay import Overlay
from providers import stream
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.document import Document
from widgets.prompt import Prompt


class DocumentScreen(Overlay[None]):
    """`y`, and `l`: what was printed is not coloured, and opens at its end."""

    def __init__(self, title: str, answer: stream.Document) -> None:
        super().__init__()
        self._title = title
        self._source = answer.ref.source
        self._printed = answer.language == "text"
        self.document = Document(answer.text, plain=self._printed, id="document")
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
        if self._printed:
            self.call_after_refresh(self.document.move, "end")

    def on_key(self, event: events.Key) -> None:
        if self.prompt.is_open:
            self._search(event)
            return
        if event.key in ("escape", "q", "y", "ctrl+c"):
            event.stop()
            self.dismiss()
        elif event.key == "slash":
            event.stop()
            self.prompt.ask("/", focus=False)
        elif event.key in ("n", "N"):
            event.stop()
            self.document.find_next(1 if event.key == "n" else -1)

    def _search(self, event: events.Key) -> None:
        for message in self.prompt.take(event):
            if isinstance(message, Prompt.Submitted):
                self.prompt.close()
            elif isinstance(message, Prompt.Changed):
                self.document.search(message.text)
            elif isinstance(message, Prompt.Cancelled):
                self.document.search("")
                self.prompt.close()
