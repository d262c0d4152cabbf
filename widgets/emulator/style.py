"""How a cell is drawn, and the pens that programs change with SGR sequences."""

from __future__ import annotations

from dataclasses import dataclass, replace

Colour = int | tuple[int, int, int] | None
"""None the terminal's own, 0–255 of the palette, or red, green and blue of 0–255 each."""

_MOST_STEPS = 4096


@dataclass(frozen=True, slots=True)
class Style:
    """Colours and attributes. `underline` is 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: int = 0
    blink: bool = False
    reverse: bool = False
    hidden: bool = False
    strike: bool = False
    link: str | None = None
    """Where the text leads (OSC 8): printable ASCII of the remote's choosing, opened only when asked to."""


DEFAULT = Style()


class Pen:
    """A style that text is written in, and the pens that SGR sequences have led to from it."""

    __slots__ = ("after", "blank", "style")

    def __init__(self, style: Style) -> None:
        self.style = style
        self.blank = Style(background=style.background) if style.background is not None else DEFAULT
        """What erased cells are left in: xterm's "background colour erase"."""
        self.after: dict[bytes, Pen] = {}
        """By the parameters of an SGR sequence, as they came: programs repeat few of them."""


class Pens:
    """Each style once, so that cells compare by identity; forgotten when a program goes through thousands."""

    def __init__(self) -> None:
        self._known: dict[Style, Pen] = {}
        self._steps = 0
        self.plain = self.of(DEFAULT)

    def of(self, style: Style) -> Pen:
        """The pen of that style."""
        known = self._known.get(style)
        if known is None:
            known = self._known[style] = Pen(style)
        return known

    def step(self, pen: Pen, parameters: bytes, style: Style) -> Pen:
        """The pen of that style, remembered as what those parameters lead to."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self._forget()
        reached = pen.after[parameters] = self.of(style)
        return reached

    def linked(self, pen: Pen, link: str | None) -> Pen:
        """The pen as it is, with another link or none."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self._forget()
        return self.of(replace(pen.style, link=link))

    def _forget(self) -> None:
        for pen in self._known.values():
            pen.after = {}
        self._known = {DEFAULT: self.plain}
        self._steps = 0
