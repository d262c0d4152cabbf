"""A document to be read and searched: YAML as its server has it, lightly coloured, or plain text."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from widgets.scroller import Scroller
from widgets.tones import Hue, base_style, front, ground

# Indent and dashes, a key, its colon, the rest. One match a line in view: nothing is parsed ahead.
_YAML = re.compile(r"^(\s*(?:- +)*-?)([^\s#:'\"{\[][^:]*|\"[^\"]*\"|'[^']*')(:)(?= |$)(.*)$")
_KEY = Hue("primary")
_LITERAL_HUE = Hue("accent")
_COMMENT = Hue("foreground", 50)
_LIT = Hue("warning", bold=True)
_LITERAL = re.compile(r"^\s*(?:true|false|null|~|-?\d[\d.eE+-]*|\"\")$")


class Document(Scroller):
    """Read-only text, a line at a time. Cheap for any number of lines: only those in view are coloured."""

    def __init__(
        self, text: str = "", *, plain: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._plain = plain
        self._lines: list[str] = []
        self._width: int | None = None
        self._strips: LRUCache[int, Strip] = LRUCache(512)
        self._lit: frozenset[int] = frozenset()
        self._needle = ""
        self._matches: list[int] = []
        self._current: int | None = None
        self._split(text)

    def show(self, text: str, lit: frozenset[int] = frozenset()) -> None:
        """Another text, with the lines of those numbers lit.

        What is in view stays in view as far as there are lines; the search goes on.
        """
        was = self._lines, self._lit
        self._lit = lit
        self._split(text)
        if (self._lines, lit) != was:
            self._search()
            self.clamp_view()
            self.refresh()

    @property
    def text(self) -> str:
        """The text."""
        return "\n".join(self._lines)

    @property
    def matches(self) -> int:
        """Lines in which what is searched for occurs."""
        return len(self._matches)

    @property
    def current(self) -> int | None:
        """Number of the match the search stands on, from 1; None without one."""
        return None if self._current is None else self._matches.index(self._current) + 1

    def search(self, needle: str) -> int:
        """Mark that text and go to its first occurrence from here; with capitals in it, case matters.

        Returns the number of lines in which it occurs. "" ends the search.
        """
        if needle != self._needle:
            self._needle = needle
            self._search()
            self._current = None
            if self._matches:
                self._stand_on(next((n for n in self._matches if n >= self.top), self._matches[0]))
            self._redraw()
        return len(self._matches)

    def find_next(self, steps: int = 1) -> None:
        """Go to the next match, with -1 to the one before; round at the ends."""
        if not self._matches:
            return
        at = -1 if self._current is None else self._matches.index(self._current)
        self._stand_on(self._matches[(at + steps) % len(self._matches)])
        self._redraw()

    def line_count(self) -> int:
        """Lines of the text."""
        return len(self._lines)

    def line_width(self) -> int:
        """Cells of its widest line; measured when somebody first scrolls sideways."""
        if self._width is None:
            self._width = max(map(cell_len, self._lines), default=0)
        return self._width

    def draw(self, number: int) -> Strip:
        """A line, coloured, with what is searched for marked in it."""
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = self._marked(self._look_of(number), number)
        strip = strip.crop(self.left, self.left + self.size.width)
        return strip.adjust_cell_length(self.size.width, base_style(self))

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._strips.clear()

    def _split(self, text: str) -> None:
        self._lines = [line.expandtabs(4) for line in text.rstrip("\n").split("\n")]
        self._width = None
        self._strips.clear()

    def _search(self) -> None:
        needle = self._needle
        if needle != needle.lower():
            self._matches = [n for n, line in enumerate(self._lines) if needle in line]
        elif needle:
            self._matches = [n for n, line in enumerate(self._lines) if needle in line.lower()]
        else:
            self._matches = []
        if self._current not in self._matches:
            self._current = None

    def _stand_on(self, number: int) -> None:
        self._current = number
        self.bring(number)

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def _style(self, hue: Hue) -> Style:
        return base_style(self) + front(self, hue)

    def _paint(self, current: bool) -> Style:
        """How a match is marked."""
        plain = Style(reverse=self.app.no_color)
        if current:
            return plain + ground(self, Hue("accent")) + front(self, Hue("background", bold=True))
        return plain + ground(self, Hue("accent", 40))

    def _look_of(self, number: int) -> list[Segment]:
        if number in self._lit:
            return [Segment(self._lines[number], self._style(_LIT))]
        return self._coloured(self._lines[number])

    def _coloured(self, line: str) -> list[Segment]:
        base = base_style(self)
        if self._plain:
            return [Segment(line, base)]
        if line.lstrip().startswith("#"):
            return [Segment(line, self._style(_COMMENT))]
        match = _YAML.match(line)
        if match is None:
            return [Segment(line, base)]
        indent, key, colon, rest = match.groups()
        value = self._style(_LITERAL_HUE) if _LITERAL.match(rest) else base
        return [
            Segment(indent, base),
            Segment(key, self._style(_KEY)),
            Segment(colon, base),
            Segment(rest, value),
        ]

    def _marked(self, segments: list[Segment], number: int) -> Strip:
        strip = Strip([segment for segment in segments if segment.text])
        line, needle = self._lines[number], self._needle
        # Lowering a letter can lengthen it (İ): such a line is searched as it is.
        if needle == needle.lower() and len(line.lower()) == len(line):
            line = line.lower()
        if not needle or needle not in line:
            return strip
        paint = self._paint(number == self._current)
        parts: list[Strip] = []
        at, begin = 0, line.find(needle)
        while begin >= 0:
            start, end = (
                cell_len(self._lines[number][:begin]),
                cell_len(self._lines[number][: begin + len(needle)]),
            )
            parts += [strip.crop(at, start), _painted(strip.crop(start, end), paint)]
            at, begin = end, line.find(needle, begin + len(needle))
        return Strip.join([*parts, strip.crop(at, None)])


def _painted(strip: Strip, style: Style) -> Strip:
    return Strip([Segment(s.text, s.style + style if s.style else style) for s in strip], strip.cell_length)
