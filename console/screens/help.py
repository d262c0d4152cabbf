"""Every key, from the registry, with the reason where one can't be used right now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from console.commands import Registry
from console.keynames import shown_key
from console.screens.overlay import Overlay
from console.shellbook import GROUP as SHELLS
from console.views.costs import price_words
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.facts import Facts

if TYPE_CHECKING:
    from console.screens.deck import Deck

FILTERS = [
    ("api web", "both words, anywhere in the row"),
    ("!kube", "without the word"),
    ("/^api-.*x$/", "a regular expression"),
    ("status:crash", "a field; also ns: node: cluster: zone: owner: label:app=x …"),
    ("age>1h restarts>3", "comparisons, by unit"),
]


class HelpScreen(Overlay[None]):
    """`?`."""

    def __init__(self, registry: Registry, deck: Deck) -> None:
        super().__init__()
        self.registry = registry
        self.deck = deck
        self.facts = Facts(id="help")

    def compose(self) -> ComposeResult:
        bar = Bar(classes="title")
        bar.show([Cell(" Help", "accent")], [Cell("esc closes ")])
        yield bar
        yield self.facts

    def on_mount(self) -> None:
        texts = (("Filters", FILTERS), ("Prices", price_words()))
        more = [(title, [(name, Cell(text)) for name, text in told]) for title, told in texts]
        self.facts.show("", [*self._sections(), *more])
        self.facts.focus()

    def _sections(self) -> list[tuple[str, list[tuple[str, Cell]]]]:
        groups: dict[str, list[tuple[str, Cell]]] = {}
        for command in self.registry.commands.values():
            keys = " ".join(shown_key(key) for key in command.keys)
            words = " ".join(f":{word}" for word in command.words)
            reason = command.why_not(self.deck) if command.fits(self.deck.context) else ""
            text = command.description + (f" (not now: {reason})" if reason else "")
            groups.setdefault(command.group, []).append((keys or words, Cell(text, "dim" if reason else "")))
        first = SHELLS if self.deck.dock.active else ""
        return sorted(groups.items(), key=lambda group: group[0] != first)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "question_mark", "ctrl+c"):
            event.stop()
            self.dismiss()
