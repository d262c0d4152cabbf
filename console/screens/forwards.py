"""The forwards there are: where each listens and leads to, who is connected, and what failed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.forwards import Forward
from console.item import Item
from console.screens.overlay import Overlay
from providers.text import clean

if TYPE_CHECKING:
    from console.app import Quarterdeck

_STEPS = {"j": 1, "down": 1, "k": -1, "up": -1}


class ForwardsScreen(Overlay[None], ModalScreen[None]):
    """`:forwards`, and `f` on a pod."""

    def __init__(self, app: Quarterdeck, item: Item | None) -> None:
        super().__init__()
        self._of = app
        self._item = item
        self._at = 0
        self._list = Static(id="effects")

    def compose(self) -> ComposeResult:
        of = f" of {self._item.kind} {self._item.name}" if self._item is not None else ""
        with Vertical(id="dialog"):
            yield Static(Text(f"Forwards{of}", style="bold"), id="sentence")
            with VerticalScroll(id="items"):
                yield self._list
            yield Static(Text("x ends one · c copies its address · j k move · esc closes"), id="how")

    def on_mount(self) -> None:
        self.set_focus(None)
        self._show()
        self.set_interval(1.0, self._show)

    @property
    def forwards(self) -> list[Forward]:
        """Those that are listed."""
        all = self._of.desk.forwards
        if self._item is None:
            return list(all)
        return all.of(self._item)

    @property
    def text(self) -> str:
        """What it lists, as it is written."""
        return self._text().plain

    def _show(self) -> None:
        self._at = max(0, min(self._at, len(self.forwards) - 1))
        self._list.update(self._text())

    def _text(self) -> Text:
        text = Text()
        for place, forward in enumerate(self.forwards):
            here = place == self._at
            line = f"{forward.address} → port {forward.port} of {clean(forward.name)}"
            text.append(f"{'▸' if here else ' '} {line}\n", "bold" if here else "")
            counts = f"{forward.connections} connected, {forward.served} so far, now to {clean(forward.pod)}"
            text.append(f"    {counts}\n", "dim")
            if forward.error:
                text.append(f"    the last that failed: {clean(forward.error)}\n")
        if not self.forwards:
            text.append("There are none.")
        return text

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        found = self.forwards
        if event.key in ("escape", "q", "ctrl+c"):
            self.dismiss()
        elif step := _STEPS.get(event.key):
            self._at += step
        elif event.key == "x" and found:
            await self._of.desk.forwards.end(found[self._at])
        elif event.key == "c" and found:
            self._of.copy_text(found[self._at].address)
        self._show()
