"""What a person does with the tabs of the dock: the commands of the shells are words for this."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.desk import RECONNECTS
from console.shells.tab import Tab
from providers.text import clean

if TYPE_CHECKING:
    from console.screens.deck import Deck
    from console.screens.dock import Dock


class ShellVerbs:
    """Each is about the shown tab."""

    def __init__(self, deck: Deck) -> None:
        self.deck = deck

    @property
    def dock(self) -> Dock:
        return self.deck.dock

    @property
    def tab(self) -> Tab | None:
        return self.dock.tab

    def why_none(self) -> str:
        """Why there is nothing to do it with."""
        return "" if self.tab is not None else "no shell is open"

    def why_not_typed(self) -> str:
        """Why nothing can be typed into it."""
        tab = self.tab
        if tab is None:
            return "no shell is open"
        return "" if tab.typed_into or tab.next_way else "it takes no input"

    # ---- in, out and to another ------------------------------------------------------------------

    def go_there(self) -> None:
        """From wherever: to the tabs, and from the tabs into the program."""
        if self.dock.active or (self.tab is not None and self.tab.running):
            self.enter()
        else:
            self.dock.leave()

    def enter(self) -> None:
        """Into the program; of one that never worked the next way is tried."""
        tab = self.tab
        if tab is None:
            return
        if not tab.running and (offer := tab.next_way):
            self.deck.fleet_app.desk.again(tab, replace(tab.wanted, offer=offer, typed=""))
        self.dock.enter()

    def step(self, steps: int) -> None:
        """Show another tab."""
        self.dock.desk.tabs.step(steps)
        self.dock.leave()

    def show(self, number: int) -> None:
        """Show the tab of that number, from 1."""
        if self.dock.desk.tabs.show(number):
            self.dock.leave()
        else:
            self.deck.fleet_app.say(f"there is no tab {number}")

    # ---- its life --------------------------------------------------------------------------------

    def why_not_reconnect(self) -> str:
        """Why it can't be opened once more."""
        if self.tab is None:
            return "no shell is open"
        if self.tab.running and self.tab.phase == "open":
            return "it still runs"
        if self.tab.wanted.purpose not in RECONNECTS:
            return "begin it again where it was begun"
        return ""

    def reconnect(self) -> None:
        """The same way once more."""
        if self.tab is not None:
            self.deck.fleet_app.opening.reconnect(self.tab)

    def close(self) -> None:
        """Close the tab; asks while something runs in it."""
        tab = self.tab
        if tab is None:
            return
        if not tab.running:
            self.dock.desk.close(tab)
            return
        self.deck.prompts.ask_yes(f"{tab.name} still runs; close it?", lambda: self._close(tab))

    def _close(self, tab: Tab) -> None:
        if tab in tuple(self.dock.desk.tabs):  # it may have been closed meanwhile
            self.dock.desk.close(tab)

    def rename(self) -> None:
        """Give it another name."""
        if self.tab is not None:
            tab = self.tab
            self.deck.prompts.ask_line("name ", lambda text: self._rename(tab, text), tab.name)

    def _rename(self, tab: Tab, text: str) -> str:
        if name := clean(text.strip(), limit=64):
            tab.name, tab.named = name, True
            self.dock.show()
        return ""

    def quit(self) -> None:
        """Leave; asks while something runs that ends with it."""
        if ends := self.deck.fleet_app.leaving.ends():
            self.deck.prompts.ask_yes(f"{ends}; quit?", self.deck.fleet_app.exit)
        else:
            self.deck.fleet_app.exit()

    # ---- several ---------------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark it for the broadcast, or no longer."""
        if self.tab is not None:
            self.tab.marked = not self.tab.marked
            if self.dock.desk.tabs.settle():
                self.deck.fleet_app.say("broadcast ended: fewer than two tabs are marked", "warn")
            self.dock.leave()

    def broadcast(self) -> None:
        """What is typed into a marked tab goes to all of them, or no longer."""
        if why := self.dock.desk.tabs.toggle_broadcast():
            self.deck.fleet_app.say(f"broadcast: {why}; space marks", "warn")
        self.dock.leave()

    # ---- looking back ----------------------------------------------------------------------------

    def scroll(self, direction: str) -> None:
        """Look elsewhere in what it said."""
        if self.dock.view is not None:
            self.dock.view.move(direction)

    def search(self) -> None:
        """Search what it said."""
        self.deck.prompts.ask_line("search ", self._search)

    def _search(self, text: str) -> str:
        found = self.dock.view is None or self.dock.view.search(text)
        return "" if found or not text else f"no {text}"

    def find_next(self, *, older: bool) -> None:
        """The next match."""
        if self.dock.view is not None and not self.dock.view.find_next(older=older):
            self.deck.fleet_app.say("nothing is searched, or nothing was found")

    def begin_copying(self) -> None:
        """Select with keys."""
        if self.dock.view is not None:
            self.dock.view.begin_copying()

    def copy(self) -> None:
        """Copy what is selected, or the line that the cursor is in."""
        view = self.dock.view
        if view is not None and view.selection is not None:
            view.copy_selection()
        elif view is not None:
            self.deck.fleet_app.copy_text(view.terminal.line(view.terminal.cursor.row).text.rstrip())

    def save(self) -> None:
        """Write all it said that is still known into a file where the console was started."""
        tab, app = self.tab, self.deck.fleet_app
        if tab is None:
            return
        name = re.sub(r"[^a-z0-9]+", "-", tab.name.lower()).strip("-") or "shell"
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(app.now()))
        path = Path.cwd() / f"quarterdeck-{name}-{stamp}.txt"
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(tab.text())
        except OSError as error:
            app.errands.complain(
                f"{path}: can't be written: {error.strerror}", "start quarterdeck in another folder"
            )
            return
        app.say(f"saved {path}")

    def grow(self) -> None:
        """The dock alone, or beside the data again."""
        self.dock.large = not self.dock.large
        self.dock.leave()

    def full_screen(self) -> None:
        """Give the program the whole real terminal."""
        if self.tab is not None:
            self.deck.fleet_app.opening.lend(self.tab)
