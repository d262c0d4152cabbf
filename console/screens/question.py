"""A question that only the person can answer: a host's key that nobody knows, a passphrase, a code."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.screens.confirm import SCROLLS
from console.screens.overlay import Overlay
from providers.model import Field
from providers.stream import Question
from providers.text import clean
from widgets.prompt import Prompt

_YES = Field(text="Type yes to go on; anything else is no", secret=False)
"""What is asked where the question has no field: nothing is trusted by one key that was meant for a shell."""
_REFUSED = "n", "no", ""


class QuestionScreen(Overlay[tuple[str, ...] | None], ModalScreen[tuple[str, ...] | None]):
    """Ends with a word for each field, () for yes where there are none, None for no."""

    def __init__(self, question: Question, waiting: str) -> None:
        """`waiting`: what waits for the answer, in words."""
        super().__init__()
        self.question = question
        self._waiting = waiting
        self._fields = question.fields or (_YES,)
        self._answers: list[str] = []
        self.line = Prompt(id="typed")
        self.how = Static(id="how")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(Text(clean(self.question.title), style="bold"), id="sentence")
            with VerticalScroll(id="items"):
                lines = [clean(line) for line in self.question.lines]
                yield Static(Text("\n".join([*lines, "", self._waiting]).strip()), id="effects")
            yield self.how
            yield self.line

    def on_mount(self) -> None:
        self.set_focus(None)
        self._ask()

    def _ask(self) -> None:
        field = self._fields[len(self._answers)]
        self.how.update(Text(f"{clean(field.text)} · esc: no"))
        self.line.ask("> ", secret=field.secret, focus=False)

    def on_key(self, event: events.Key) -> None:
        """Every key comes here: typed in a burst, none overtakes another."""
        event.stop()
        if scroll := SCROLLS.get(event.key):
            scroll(self.query_one("#items", VerticalScroll))
        else:
            self._take(event)

    def on_paste(self, event: events.Paste) -> None:
        self._take(event)

    def _take(self, event: events.Key | events.Paste) -> None:
        for message in self.line.take(event):
            match message:
                case Prompt.Cancelled():
                    self._end(None)
                case Prompt.Submitted():
                    self._submit(message.text)

    def _submit(self, text: str) -> None:
        if self.question.fields:
            self._answers.append(text)
            if len(self._answers) == len(self._fields):
                self._end(tuple(self._answers))
            else:
                self._ask()
        elif text.strip().lower() == "yes":
            self._end(())
        elif text.strip().lower() in _REFUSED:
            self._end(None)
        else:
            self.line.complain("that is not yes")

    def _end(self, answers: tuple[str, ...] | None) -> None:
        self.line.close()
        self._answers = []
        self.dismiss(answers)
