"""What lies over the deck for a while, and leaves it once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class Overlay(Screen[ScreenResultType]):
    """A screen that may be told to leave by two keys in a row: the second one takes nothing with it.

    Textual pops whatever is on top: the deck, when the screen that says so has left already.
    """

    async def key_ctrl_q(self) -> None:
        """Quit, from wherever it is pressed."""
        await self.app.action_quit()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, unless it is not on top any more."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
