"""The question before an action: what, where, as whom; what it takes down; then the key."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from providers.model import ActionSpec, PlanItem, Ref
from providers.stream import Plan


class ConfirmScreen(ModalScreen[str | None]):
    """Ends with what was typed, or None when the person thought better of it."""

    def __init__(self, plan: Plan, spec: ActionSpec, name: Callable[[Ref], str]) -> None:
        super().__init__(classes=spec.danger)
        self.name_of = name
        """What the console calls an object; the engine may have refused it before reading its name."""
        self.plan = plan
        self.spec = spec

    @property
    def possible(self) -> bool:
        """Whether anything would happen at all."""
        return any(not item.refused for item in self.plan.items)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Text(self.plan.sentence, style="bold"), id="sentence")
            with VerticalScroll(id="items"):
                yield Static(_items(self.plan.items, self.name_of), id="effects")
            if not self.possible:
                yield Static(Text("Nothing to do. esc closes."), id="how")
            elif self.plan.typed:
                yield Static(
                    Text(f"Type {self.plan.typed} and press enter; esc leaves everything as it is."), id="how"
                )
                yield Input(id="typed", compact=True)
            else:
                yield Static(Text(f"y {self.spec.title} · n or esc leaves everything as it is"), id="how")

    def on_mount(self) -> None:
        if self.possible and self.plan.typed:
            self.query_one(Input).focus()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "escape" or (event.key in ("n", "N") and not self.plan.typed):
            self.dismiss(None)
        elif event.key == "y" and self.possible and not self.plan.typed:
            self.dismiss("y")
        elif event.key == "ctrl+c":
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() == self.plan.typed:
            self.dismiss(event.value.strip())
        else:
            self.query_one("#how", Static).update(Text(f"That is not {self.plan.typed!r}. Type it, or esc."))


_SHOWN = 50


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
