"""A pane of facts: sections of labels and what there is to say for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip

from widgets.cells import Cell, Tone
from widgets.measure import fit
from widgets.scroller import Scroller
from widgets.tones import Hue, base_style, front, tone_style

Section = tuple[str, Sequence[tuple[str, Cell]]]
"""A title ("" for none), and pairs of a label ("" goes on with the one above) and a cell."""

_TITLE = Hue("primary", bold=True)
_LABEL = Hue("foreground", 60)

# Rich wraps by cells, but asks for a console to do so; it never writes to this one.
_CONSOLE = Console(width=80, color_system=None, legacy_windows=False)


class _Line(NamedTuple):
    title: str = ""
    label: str = ""
    text: str = ""
    tone: Tone = ""


class Facts(Scroller):
    """Read-only; long texts are wrapped, and only lines that say something else are drawn."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._title = ""
        self._sections: tuple[Section, ...] = ()
        self._lines: list[_Line] = []
        self._label_width = 0

    def show(self, title: str, sections: Iterable[Section]) -> None:
        """Show these facts; with another title they are read from the top. The same again draws nothing."""
        wanted = tuple((head, tuple(facts)) for head, facts in sections)
        if (title, wanted) == (self._title, self._sections):
            return
        if title != self._title:
            self.top = 0
        self._title, self._sections = title, wanted
        self._lay_out(self.size.width)

    @property
    def text(self) -> str:
        """What it says, as lines of text."""
        return "\n".join(line.title or f"{line.label}  {line.text}".strip() for line in self._lines)

    def line_count(self) -> int:
        """Lines at the present width."""
        return len(self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """With `height: auto`: all lines at that width."""
        return len(self._broken(width))

    def draw(self, number: int) -> Strip:
        """A title, or a label and a text."""
        line, width, base = self._lines[number], self.size.width, base_style(self)
        if line.title:
            segments = [Segment(fit(" " + line.title, width), base + front(self, _TITLE))]
        else:
            label = fit(line.label, self._label_width, right=False)
            segments = [Segment(f" {label}  ", base + front(self, _LABEL))]
            tone = tone_style(self, line.tone)
            segments.append(Segment(line.text, base + tone if tone else base))
        return Strip(segments).adjust_cell_length(width, base)

    def on_resize(self) -> None:
        self._lay_out(self.size.width)

    def _lay_out(self, width: int) -> None:
        was, self._lines = self._lines, self._broken(width)
        if len(was) != len(self._lines) and self.styles.is_auto_height:
            self.refresh(layout=True)
        self.clamp_view()
        for number in range(max(len(was), len(self._lines))):
            if number >= len(was) or number >= len(self._lines) or was[number] != self._lines[number]:
                self.refresh_number(number)

    def _broken(self, width: int) -> list[_Line]:
        labels = [len(label) for _, facts in self._sections for label, _ in facts]
        self._label_width = min(max(labels, default=0), max(12, width // 3))
        room = max(8, width - self._label_width - 4)
        lines = [_Line(title=self._title)] if self._title else []
        for head, facts in self._sections:
            if lines and head:
                lines.append(_Line())
            if head:
                lines.append(_Line(title=head))
            for label, cell in facts:
                for number, text in enumerate(_wrapped(cell.text, room)):
                    lines.append(_Line(label="" if number else label, text=text, tone=cell.tone))
        return lines


def _wrapped(text: str, width: int) -> list[str]:
    if text.isascii() and len(text) <= width and "\n" not in text:
        return [text]
    return [line.plain.rstrip() for line in Text(text).wrap(_CONSOLE, width)] or [""]
