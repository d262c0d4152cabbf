"""The dock: a terminal beside the data, with a tab for each session, and where the keys go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from console.contexts import LOGS, PROGRAM, SHELLS
from console.keynames import shown_key
from console.screens.shellview import ShellView
from console.shells.tab import Tab
from providers.text import clean
from widgets.bar import Bar
from widgets.cells import Cell, Tone
from widgets.tabs import Tab as Shown
from widgets.tabs import Tabs as TabLine

if TYPE_CHECKING:
    from console.desk import Desk
    from console.screens.deck import Deck

RIGHT = 200
"""Columns from which the dock stands at the right of the data."""
NARROW, LOW = 110, 30
"""Columns and rows below which the data or the dock is shown, not both."""

Placed = Literal["none", "line", "whole", "below", "right"]
"""line: only its tabs, under the data. whole: in place of the data."""


def place(width: int, height: int, *, tabs: int, active: bool, large: bool) -> Placed:
    """Where the dock is in a screen of that many columns and rows."""
    if not tabs:
        return "none"
    if width < NARROW or height < LOW:
        return "whole" if active else "line"
    if large and active:
        return "whole"
    return "right" if width >= RIGHT else "below"


def screen_size(width: int, height: int, where: Placed) -> tuple[int, int]:
    """Columns and rows for a program: header, key line and tabs have one row each."""
    if where == "right":
        return width // 2 - 1, height - 3
    if where == "below":
        return width, below_rows(height) - 1
    return width, height - 3


def below_rows(height: int) -> int:
    """Rows of a dock below the data."""
    return max(10, (height - 2) * 9 // 20)


class Dock(Vertical):
    """Shows the tabs of the desk. `active` while keys are for it, `inside` while they are the program's."""

    def __init__(self, deck: Deck, desk: Desk) -> None:
        super().__init__(id="dock")
        self.deck = deck
        self.desk = desk
        self.active = False
        self.inside = False
        self.large = False
        self.line = TabLine(classes="title")
        self.side = Bar(classes="title")
        """What the keys are for now, and the loud marks."""
        self.note = Static(id="epitaph")
        self._views: dict[Tab, ShellView] = {}
        self._placed: Placed = "none"
        desk.on_change = self.changed

    def compose(self) -> ComposeResult:
        with Horizontal(id="tabs"):
            yield self.line
            yield self.side
        yield self.note

    @property
    def context(self) -> str:
        """What keys are looked up for, "" while they are for the data."""
        if not self.active:
            return ""
        if self.inside:
            return PROGRAM
        return SHELLS if self.tab is None or self.tab.typed_into else LOGS

    @property
    def tab(self) -> Tab | None:
        """The one that is shown."""
        return self.desk.tabs.current

    @property
    def view(self) -> ShellView | None:
        """The shown one's screen."""
        return self._views.get(self.tab) if self.tab is not None else None

    def take(self, event: events.Key) -> bool:
        """A key on the tabs: in copy mode it is for that. Whether it was."""
        view = self.view
        if not self.active or view is None or not view.copying:
            return False
        view.on_key(event)
        return True

    # ---- where the keys go -----------------------------------------------------------------------

    def enter(self) -> None:
        """Keys are for the program; where there is none, or it takes none, for the tabs."""
        self.active = True
        self.inside = self.tab is not None and self.tab.running and self.tab.typed_into
        self._settle()

    def leave(self) -> None:
        """Keys are for the tabs."""
        self.active = bool(self.desk.tabs)
        self.inside = False
        self._settle()

    def part(self) -> None:
        """Keys are for the data."""
        self.active = self.inside = False
        self.deck.show_focus()

    def _settle(self) -> None:
        if not self.active:
            self.part()
            return
        self.deck.lay_out(*self.deck.size)
        self.deck.set_focus(self.view if self.inside else None)
        self.show()
        self.deck.refresh_around()

    def resume(self, tab: Tab, back: Callable[[], object]) -> None:
        """It had the whole terminal until now: by `back`, or where it ended at its last words."""
        if tab in self._views and self._views[tab].size:
            tab.resize(*self._views[tab].size)
        # One or the other: of a focus that was given and taken again the word comes late.
        (back if tab.running else self.leave)()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows for a program that is opened now."""
        width, height = self.deck.size
        tabs = len(self.desk.tabs) + 1
        return screen_size(width, height, place(width, height, tabs=tabs, active=True, large=self.large))

    # ---- what is shown ---------------------------------------------------------------------------

    def changed(self, tab: Tab | None) -> None:
        """That tab's state is another, or with None which tabs there are."""
        if tab is None:
            self._match()
        if tab is self.tab and tab is not None and not tab.running and self.inside:
            self.leave()
            self.deck.swallow()
        self.show()
        if tab is None or tab is self.tab:
            self.deck.refresh_around()

    def _match(self) -> None:
        """A screen for each tab, and none for those that are gone."""
        tabs = list(self.desk.tabs)
        for gone in [tab for tab in self._views if tab not in tabs]:
            self._views.pop(gone).remove()
        for tab in tabs:
            if tab not in self._views:
                view = self._views[tab] = ShellView(tab, self)
                view.display = False
                self.mount(view, before=self.note)
        if not tabs and self.active:
            self.part()
        elif self.active:
            self._settle()
        else:
            self.deck.lay_out(*self.deck.size)

    def lay_out(self, where: Placed, width: int, height: int) -> None:
        """Take that place; by inline styles, as the deck does."""
        self._placed = where
        self.display = where != "none"
        self.styles.width = width // 2 if where == "right" else "1fr"
        self.styles.height = {"below": below_rows(height), "line": 1}.get(where, "1fr")
        self.set_class(where == "right", "at-right")
        for tab, view in self._views.items():
            view.display = tab is self.tab and where != "line"
        self.note.display = where != "line" and self.tab is not None and not self.tab.running

    def show(self) -> None:
        """Tabs, marks, and how the shown one ended; drawn only where it says something else."""
        tabs, tab = self.desk.tabs, self.tab
        for other, view in self._views.items():
            loud = tabs.broadcasting and other in tabs.marked
            if view.broadcasting != loud:
                view.broadcasting = loud
        self.set_class(tabs.shared, "broadcast")
        for bar in (self.line, self.side):
            bar.set_class(self.active and not tabs.shared, "focused")
        if tab is None:
            return
        right = self._right()
        self.side.styles.width = sum(cell_len(cell.text) for cell in right)
        self.side.show(right)
        self.line.show([_label(each, tabs.broadcasting) for each in tabs], tabs.place)
        ended = not tab.running
        if ended:
            self.note.update(Text("\n".join(self._epitaph(tab))))
        if self.note.display != (ended and self._placed != "line"):
            self.deck.lay_out(*self.deck.size)

    def _right(self) -> list[Cell]:
        tabs, tab = self.desk.tabs, self.tab
        cells: list[Cell] = []
        if tabs.broadcasting:
            here = "" if tabs.shared else ", not from here"
            cells.append(Cell(f" ▲ BROADCAST to {len(tabs.marked)}{here} ", "bad"))
        if tab is not None and tab.phase == "opening":
            cells.append(Cell(f" ◌ {tab.wanted.offer.title} … ", "info"))
        if self.inside:
            cells += [Cell(f" {self._key('leave-shell')}", "accent"), Cell(" leaves ")]
        elif self.active and tab is not None and not tab.typed_into:
            cells += [Cell(f" {self._key('leave-shells')}", "accent"), Cell(" leaves ")]
        elif self.active:
            cells += [Cell(f" {self._key('enter-shell')}", "accent"), Cell(" goes in ")]
        else:
            cells += [Cell(f" {self._key('shells')}", "accent"), Cell(" goes here ")]
        return cells

    def _key(self, command: str) -> str:
        keys = self.deck.fleet_app.registry.commands[command].keys
        return shown_key(keys[0]) if keys else f":{command}"

    def _epitaph(self, tab: Tab) -> list[str]:
        how, *why = (clean(line) for line in tab.epitaph())
        keys = [f"{self._key('reconnect-shell')} reconnect", f"{self._key('close-shell')} close"]
        if offer := tab.next_way:
            keys.insert(0, f"{self._key('enter-shell')} tries {clean(offer.title)}")
        return [" · ".join([how, *keys]), *why]

    # ---- events ----------------------------------------------------------------------------------

    def on_tabs_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.deck.shells.show(event.index + 1)


def _label(tab: Tab, broadcasting: bool) -> Shown:
    glyph, tone = _STATES.get(tab.phase, ("", ""))
    if tab.ending is not None:
        glyph, tone = ("✓", "dim") if tab.ending.status == 0 else ("✕", "bad")
    if tab.marked and not broadcasting:
        glyph, tone = f"◆{glyph}", tone or "warn"
    return Shown(tab.name, glyph, tone, broadcast=broadcasting and tab.marked and tab.running, rang=tab.rang)


_STATES: dict[str, tuple[str, Tone]] = {"opening": ("◌", "info")}
