"""What a person has put the cursor on, and that it went from under it: the next key was meant for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.model import Ref

if TYPE_CHECKING:
    from console.screens.deck import Deck


class Aim:
    """The object under the cursor of the focused pane as of the last key.

    When it is gone the cursor moves on to a neighbour, which an action's key was not meant for.
    """

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._ref: Ref | None = None
        self._name = ""
        self._told = False

    def take(self) -> None:
        """A key was pressed: whatever is under the cursor now is meant."""
        item = self._deck.current
        self._ref, self._name = (item.ref, item.name) if item else (None, "")
        self._told = False

    def cursor_moved(self) -> None:
        """The cursor is elsewhere: said when that is because its object is gone."""
        if not self._lost():
            self.take()
        elif not self._told:
            self._told = True
            self._deck.fleet_app.say(f"{self._name} is gone")

    def missed(self) -> str:
        """Why an action's key is not obeyed this time, "" when it hits what was aimed at."""
        item = self._deck.current
        if not self._lost() or item is None or item.ref == self._ref or self._deck.pane.grid.marks:
            return ""
        return f"{self._name} is gone: the cursor is on {item.name} now"

    def _lost(self) -> bool:
        return self._ref is not None and self._deck.fleet_app.fleet.item(self._ref) is None
