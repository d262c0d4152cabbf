"""One line to type a filter or a command into, with completion, history and what is wrong where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from widgets.bare import Bare
from widgets.tones import Hue, base_style, front

_HISTORY = 100
_PREFIX = Hue("primary", bold=True)
_GHOST = Hue("foreground", 40)
_ERROR = Hue("error")


class Prompt(Bare, can_focus=True):
    """A line editor. Closed it takes no room; `ask()` opens it and takes the focus.

    It draws its own cursor, which does not blink: nothing is sent while nobody types.
    """

    DEFAULT_CSS = """
    Prompt {
        height: 1;
        display: none;
    }
    """

    class Changed(Message):
        """Another text is in the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Changed):
        """Enter was pressed."""

    class Cancelled(Message):
        """Escape was pressed."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._prefix = ""
        self._text = ""
        self._at = 0
        self._complete: Callable[[str], Sequence[str]] | None = None
        self._menu = False
        self._secret = False
        self._offers: list[str] = []
        self._offer = 0
        self._history: dict[str, list[str]] = {}
        self._back = 0
        self._draft = ""
        self._error: tuple[str, int, int] = ("", 0, 0)
        self._told: list[Message] = []

    # ---- for the owner ---------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it is being typed into."""
        return bool(self.display)

    @property
    def text(self) -> str:
        """What is typed, without the prefix."""
        return self._text

    @property
    def error(self) -> str:
        """What is wrong with it, "" when nothing is known to be."""
        return self._error[0]

    @property
    def ghost(self) -> str:
        """The completion that `tab` would add."""
        if self._offers and self._at == len(self._text):
            return self._offers[self._offer][len(self._text) :]
        return ""

    def ask(
        self,
        prefix: str,
        text: str = "",
        *,
        complete: Callable[[str], Sequence[str]] | None = None,
        menu: bool = False,
        secret: bool = False,
        focus: bool = True,
    ) -> None:
        """Open it. `complete` gives whole lines that the text could become, the likeliest first.

        As a `menu` it shows all of them, from the beginning on. What is `secret` is neither shown nor kept.

        Each prefix has its own history. Without `focus` the owner hands it what is typed, by take().
        """
        self._prefix, self._complete, self._menu, self._secret = prefix, complete, menu, secret
        self._back = 0
        self.display = True
        self._put(text, len(text), tell=False)
        if focus:
            self.focus()

    def close(self) -> None:
        """Close it."""
        if self._secret:
            self._text, self._at = "", 0
        self.display = False

    def complain(self, message: str, start: int = 0, end: int | None = None) -> None:
        """Say what is wrong with characters start to end, until something is typed; "" takes it back."""
        self._error = (message, start, len(self._text) if end is None else end)
        self.refresh()

    # ---- typing ----------------------------------------------------------------------------------

    def take(self, event: events.Key | events.Paste) -> list[Message]:
        """Edit by an event that reached its owner: what came of it, in order.

        An owner that keeps the focus elsewhere hands every key on: typed in a burst, none overtakes another.
        """
        self._told = []
        if isinstance(event, events.Paste):
            lines = event.text.splitlines()
            self._insert("".join(char for char in (lines[0] if lines else "") if char.isprintable()))
            event.stop()
        elif edit := _KEYS.get(event.key):
            edit(self)
            event.stop()
        elif event.is_printable and event.character is not None:
            self._insert(event.character)
            event.stop()
        event.prevent_default()
        return self._told

    def on_key(self, event: events.Key) -> None:
        for message in self.take(event):
            self.post_message(message)

    def on_paste(self, event: events.Paste) -> None:
        for message in self.take(event):
            self.post_message(message)

    def _insert(self, text: str) -> None:
        if text:
            self._put(self._text[: self._at] + text + self._text[self._at :], self._at + len(text))

    def _put(self, text: str, at: int, *, tell: bool = True) -> None:
        changed = text != self._text
        self._text, self._at = text, at
        if changed or not tell:
            self._error = ("", 0, 0)
            offers = self._complete(text) if self._complete and (text or self._menu) else ()
            self._offers = [o for o in offers if o.startswith(text) and len(o) > len(text)]
            self._offer = 0
        if changed and tell:
            self._told.append(self.Changed(text))
        self.refresh()

    def _submit(self) -> None:
        past = self._history.setdefault(self._prefix, [])
        if self._text and not self._secret and (not past or past[-1] != self._text):
            past.append(self._text)
            del past[:-_HISTORY]
        self._back = 0
        self._told.append(self.Submitted(self._text))

    def _cancel(self) -> None:
        self._told.append(self.Cancelled())

    def _accept(self) -> None:
        if self.ghost:
            offer = self._offers[self._offer]
            self._put(offer, len(offer))

    def _right(self) -> None:
        if self.ghost:
            self._accept()
        else:
            self._put(self._text, min(len(self._text), self._at + 1))

    def _left(self) -> None:
        self._put(self._text, max(0, self._at - 1))

    def _home(self) -> None:
        self._put(self._text, 0)

    def _end(self) -> None:
        self._put(self._text, len(self._text))

    def _backspace(self) -> None:
        if self._at:
            self._put(self._text[: self._at - 1] + self._text[self._at :], self._at - 1)
        elif not self._text:
            self._cancel()

    def _delete(self) -> None:
        self._put(self._text[: self._at] + self._text[self._at + 1 :], self._at)

    def _wipe_word(self) -> None:
        kept = self._text[: self._at].rstrip().rpartition(" ")
        head = kept[0] + kept[1]
        self._put(head + self._text[self._at :], len(head))

    def _wipe(self) -> None:
        self._put(self._text[self._at :], 0)

    def _wipe_rest(self) -> None:
        self._put(self._text[: self._at], self._at)

    def _up(self) -> None:
        self._cycle(1)

    def _down(self) -> None:
        self._cycle(-1)

    def _cycle(self, back: int) -> None:
        """Through the completions when there are several, else through what was typed before."""
        if (self._text or self._menu) and not self._back and len(self._offers) > 1:
            self._offer = (self._offer - back) % len(self._offers)
            self.refresh()
            return
        past = self._history.get(self._prefix, [])
        if not self._back:
            self._draft = self._text
        self._back = max(0, min(len(past), self._back + back))
        text = past[-self._back] if self._back else self._draft
        self._put(text, len(text))

    # ---- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Prefix, text with the cursor in it, ghost, and the complaint at the right."""
        width, base = self.size.width, base_style(self)
        if y:
            return Strip.blank(width, base)
        right = self._complaint(base)
        left = self._typed(base)
        room = max(width - right.cell_length, min(width, 12))
        # The cursor is always in sight, however long the line.
        before = self._at if self._secret else cell_len(self._text[: self._at])
        over = max(0, 1 + cell_len(self._prefix) + before + 1 - room)
        strip = left.crop(over, over + room).adjust_cell_length(room, base)
        return Strip.join([strip, right]).adjust_cell_length(width, base)

    def _typed(self, base: Style) -> Strip:
        message, start, end = self._error
        wrong = base + Style(underline=True) + front(self, _ERROR)
        text = ("•" * len(self._text) if self._secret else self._text) + " "
        segments = [Segment(" " + self._prefix, base + front(self, _PREFIX))]
        for place, char in enumerate(text):
            style = wrong if message and start <= place < max(end, start + 1) else base
            segments.append(Segment(char, style + Style(reverse=True) if place == self._at else style))
        if self.ghost:
            ghost, dim = self.ghost, base + front(self, _GHOST)
            segments[-1] = Segment(ghost[0], dim + Style(reverse=True))
            segments.append(Segment(ghost[1:], dim))
        if self.ghost and self._menu:
            segments.append(Segment("".join(f"   {word}" for word in self._others()), dim))
        return Strip(segments).simplify()

    def _others(self) -> list[str]:
        """What could be had in place of the one that is offered, in the order of `down`."""
        return [*self._offers[self._offer + 1 :], *self._offers[: self._offer]]

    def _complaint(self, base: Style) -> Strip:
        if not self._error[0]:
            return Strip([])
        text = f" ✕ {self._error[0]} "
        return Strip([Segment(text, base + front(self, _ERROR))]).crop(0, max(0, self.size.width - 12))


_KEYS: dict[str, Callable[[Prompt], None]] = {
    "enter": Prompt._submit,
    "escape": Prompt._cancel,
    "ctrl+c": Prompt._cancel,
    "tab": Prompt._accept,
    "ctrl+f": Prompt._accept,
    "right": Prompt._right,
    "left": Prompt._left,
    "home": Prompt._home,
    "ctrl+a": Prompt._home,
    "end": Prompt._end,
    "ctrl+e": Prompt._end,
    "backspace": Prompt._backspace,
    "ctrl+h": Prompt._backspace,
    "delete": Prompt._delete,
    "ctrl+d": Prompt._delete,
    "ctrl+w": Prompt._wipe_word,
    "ctrl+u": Prompt._wipe,
    "ctrl+k": Prompt._wipe_rest,
    "up": Prompt._up,
    "down": Prompt._down,
    "ctrl+p": Prompt._up,
    "ctrl+n": Prompt._down,
}
