"""Which way in: every one there is, and of those that are closed why, and what opens them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.screens.overlay import Overlay
from providers.model import Offer
from providers.text import clean

_GONE = ("escape", "q", "ctrl+c")
_STEPS = {"j": 1, "down": 1, "k": -1, "up": -1, "ctrl+n": 1, "ctrl+p": -1, "tab": 1, "shift+tab": -1}


class Choice(NamedTuple):
    """One line to choose, clean text."""

    title: str
    detail: str = ""
    closed: str = ""
    """Why it can't be chosen."""
    remedy: str = ""


class ChooserScreen(Overlay[int | None], ModalScreen[int | None]):
    """Ends with the place of what was chosen, from 0, or None."""

    def __init__(self, title: str, choices: Sequence[Choice], at: int = 0) -> None:
        """`at`: where the cursor begins; it stands on what can be chosen, where anything can."""
        super().__init__()
        self._title = title
        self.choices = tuple(choices)
        open = [place for place, choice in enumerate(choices) if not choice.closed]
        self.at = at if at in open or not open else open[0]
        self._list = Static(id="effects")
        self._how = Static(id="how")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Text(self._title, style="bold"), id="sentence")
            with VerticalScroll(id="items"):
                yield self._list
            yield self._how

    def on_mount(self) -> None:
        self.set_focus(None)
        if all(choice.closed for choice in self.choices):
            self._how.update(Text("None of them is open. esc closes."))
        else:
            self._how.update(Text("enter or a digit chooses · j k move · esc leaves it"))
        self._show()

    @property
    def text(self) -> str:
        """What it lists, as it is written."""
        return _list(self.choices, self.at).plain

    def _show(self) -> None:
        self._list.update(_list(self.choices, self.at))
        before = _list(self.choices[: self.at], -1).plain.count("\n")
        items = self.query_one("#items", VerticalScroll)
        if not items.scroll_y <= before < items.scroll_y + max(1, items.size.height - 3):
            items.scroll_to(y=max(0, before - 1), animate=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in _GONE:
            self.dismiss(None)
        elif step := _STEPS.get(event.key):
            self.at = max(0, min(len(self.choices) - 1, self.at + step))
            self._show()
        elif event.key == "enter":
            self._choose(self.at)
        elif event.key.isdecimal() and 0 < int(event.key) <= len(self.choices):
            self._choose(int(event.key) - 1)

    def _choose(self, place: int) -> None:
        choice = self.choices[place]
        if choice.closed:
            self.at = place
            self._show()
            self._how.update(Text(f"{choice.title}: {choice.closed}"))
        else:
            self.dismiss(place)


def _list(choices: Sequence[Choice], at: int) -> Text:
    text = Text()
    for place, choice in enumerate(choices):
        number = f"{place + 1} " if place < 9 else "  "
        style = "dim" if choice.closed else "bold" if place == at else ""
        text.append(
            f"{'▸' if place == at else ' '} {'⊘ ' if choice.closed else ''}{number}{choice.title}\n", style
        )
        for line in filter(None, (choice.closed or choice.detail, choice.remedy if choice.closed else "")):
            text.append(f"      {line}\n", "" if place == at else "dim")
    return text


def choice_of(offer: Offer) -> Choice:
    """A way in, as it is listed."""
    title = (
        f"{offer.title} · {offer.choice}" if offer.choice and offer.choice not in offer.title else offer.title
    )
    gate = f" (to be confirmed with {offer.typed})" if offer.typed else ""
    return Choice(clean(title + gate), clean(offer.detail), clean(offer.refused), clean(offer.remedy))
