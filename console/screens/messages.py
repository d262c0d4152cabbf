"""What was done and what failed, newest first, for as long as the console is open."""

from __future__ import annotations

import time

from textual import events
from textual.app import ComposeResult

from console.activity import Activity, Entry
from console.screens.overlay import Overlay
from widgets.bar import Bar
from widgets.cells import Cell, Tone
from widgets.facts import Facts

_TONES: dict[str, Tone] = {"error": "bad", "warning": "warn", "done": "good", "running": "info", "info": ""}


class MessagesScreen(Overlay[None]):
    """`m`."""

    def __init__(self, activity: Activity, now: float) -> None:
        super().__init__()
        self.activity = activity
        self.facts = Facts(id="messages")

    def compose(self) -> ComposeResult:
        bar = Bar(classes="title")
        bar.show([Cell(" Messages", "accent")], [Cell("esc closes ")])
        yield bar
        yield self.facts

    def on_mount(self) -> None:
        entries = self.activity.entries[::-1]
        rows = [row for entry in entries for row in _rows(entry)]
        self.facts.show("", [("", rows or [("", Cell("Nothing was done and nothing failed."))])])
        self.facts.focus()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "m", "ctrl+c"):
            event.stop()
            self.dismiss()


def _rows(entry: Entry) -> list[tuple[str, Cell]]:
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    return [(at, Cell(entry.title, _TONES[entry.level])), *(("", Cell(line)) for line in entry.lines)]
