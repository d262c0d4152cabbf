"""The question before an action: what, where, as whom; what it takes down; then the key."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.screens.overlay import Overlay
from providers.model import ActionSpec, PlanItem, Ref
from providers.stream import Plan
from widgets.prompt import Prompt


class ConfirmScreen(Overlay[str | None], ModalScreen[str | None]):
    """Ends with what was typed, or None when the person thought better of it."""

    def __init__(self, plan: Plan, spec: ActionSpec, name: Callable[[Ref], str]) -> None:
        super().__init__(classes=spec.danger)
        self.name_of = name
        """What the console calls an object; the engine may have refused it before reading its name."""
        self.plan = plan
        self.line = Prompt(id="typed")
        self.spec = spec

    @property
    def possible(self) -> bool:
        """Whether anything would happen at all."""
        return any(not item.refused for item in self.plan.items)

    @property
    def _typing(self) -> bool:
        return self.possible and bool(self.plan.typed)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            with VerticalScroll(id="items"):
                yield Static(Text(self.plan.sentence, style="bold"), id="sentence")
                if self.plan.pace:
                    yield Static(Text(self.plan.pace), id="pace")
                yield Static(_items(self.plan.items, self.name_of), id="effects")
            if not self.possible:
                yield Static(Text("Nothing to do. esc closes."), id="how")
            elif self.plan.typed:
                yield Static(
                    Text(f"Type {self.plan.typed} and press enter; esc leaves everything as it is."), id="how"
                )
                yield self.line
            else:
                yield Static(Text(f"y {self.spec.title} · n or esc leaves everything as it is"), id="how")

    def on_mount(self) -> None:
        self.set_focus(None)
        if self._typing:
            self.line.ask("> ", focus=False)

    def on_resize(self) -> None:
        """The plan scrolls, however long it is: what is to be typed stays in sight."""
        room = self.size.height * 9 // 10 - _AROUND
        self.query_one("#items").styles.max_height = max(1, room)

    def on_key(self, event: events.Key) -> None:
        """Every key comes here: typed in a burst, none overtakes another."""
        event.stop()
        if scroll := SCROLLS.get(event.key):
            scroll(self.query_one("#items", VerticalScroll))
        elif self._typing:
            self._take(event)
        elif event.key in ("escape", "ctrl+c", "n", "N"):
            self.dismiss(None)
        elif event.key == "y" and self.possible:
            self.dismiss("y")

    def on_paste(self, event: events.Paste) -> None:
        if self._typing:
            self._take(event)

    def _take(self, event: events.Key | events.Paste) -> None:
        for message in self.line.take(event):
            match message:
                case Prompt.Cancelled():
                    self.dismiss(None)
                case Prompt.Submitted() if message.text.strip() == self.plan.typed:
                    self.dismiss(self.plan.typed)
                case Prompt.Submitted():
                    self.line.complain(f"that is not {self.plan.typed}")


SCROLLS: dict[str, Callable[[VerticalScroll], object]] = {
    "down": lambda items: items.scroll_relative(y=1, animate=False),
    "up": lambda items: items.scroll_relative(y=-1, animate=False),
    "pagedown": lambda items: items.scroll_page_down(animate=False),
    "pageup": lambda items: items.scroll_page_up(animate=False),
}
_SHOWN = 50
_AROUND = 9
"""Lines of the dialog that are not the plan's: border, margins, and up to four that say how to answer."""


def _items(items: tuple[PlanItem, ...], name: Callable[[Ref], str]) -> Text:
    text = Text()
    for item in items[:_SHOWN]:
        label = f"{item.ref.kind} {name(item.ref)}" if item.refused else item.label
        text.append(f"{'⊘' if item.refused else '▸'} {label}", "bold" if not item.refused else "")
        text.append(f"  {item.where}\n")
        for line in (item.refused,) if item.refused else (item.effect, *item.consequences):
            if line:
                text.append(f"    {line}\n", "dim" if not item.refused else "")
    if len(items) > _SHOWN:
        text.append(f"… and {len(items) - _SHOWN} more\n")
    return text
