"""A tab's screen in the dock: one key comes back to the tabs, all others are for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from console.contexts import PROGRAM
from console.shells.tab import Tab
from providers.text import clean
from widgets.terminal.keys import KeyModes, encode, pasted
from widgets.terminal.view import TerminalView

if TYPE_CHECKING:
    from console.screens.dock import Dock


class ShellView(TerminalView):
    """Between a tab and what is drawn of it."""

    def __init__(self, tab: Tab, dock: Dock) -> None:
        super().__init__(tab.terminal, tab.answer, tab.resized, taken=tab.took, leave="")
        self.tab = tab
        self._dock = dock
        tab.draw = self.note

    def on_key(self, event: events.Key) -> None:
        deck = self._dock.deck
        app = deck.fleet_app
        if not self.copying and not self._dock.inside:
            # It came right behind the key that left the shell: by now it is for the tabs.
            event.stop()
            event.prevent_default()
            deck.call_later(deck.on_key, event)
            return
        if not self.copying and app.registry.for_key(event.key, PROGRAM) is not None:
            event.stop()
            event.prevent_default()
            self._dock.leave()
            return
        typing = not self.copying
        super().on_key(event)
        if typing:
            app.key_told()
            self._tell_others(lambda modes: encode(event.key, event.character, modes))

    def on_paste(self, event: events.Paste) -> None:
        super().on_paste(event)
        self._tell_others(lambda modes: pasted(event.text, modes))

    def _tell_others(self, encoded: Callable[[KeyModes], bytes]) -> None:
        """While a broadcast is on: each program is told in the way that it wants keys told."""
        for tab in self._dock.desk.tabs.others:
            tab.write(encoded(tab.terminal.modes))

    def on_terminal_view_copied(self, event: TerminalView.Copied) -> None:
        event.stop()
        self._dock.deck.fleet_app.copy_text(event.text, told=_told(event.text))

    def on_terminal_view_titled(self, event: TerminalView.Titled) -> None:
        event.stop()
        if event.title.strip() and not self.tab.named:
            self.tab.name = clean(event.title, limit=64)
            self._dock.show()

    def on_terminal_view_rang(self, event: TerminalView.Rang) -> None:
        event.stop()
        if self.tab is not self._dock.tab:
            self.tab.rang = True
            self._dock.show()

    def on_terminal_view_search_wanted(self, event: TerminalView.SearchWanted) -> None:
        event.stop()
        self._dock.deck.shells.search()

    def on_focus(self) -> None:
        super().on_focus()
        if not self._dock.inside:
            self._dock.enter()


def _told(text: str) -> str:
    lines = text.count("\n") + 1
    return (
        text
        if lines == 1 and len(text) <= 60
        else f"{lines:,} lines"
        if lines > 1
        else f"{len(text):,} characters"
    )
