"""Styles as a terminal has them, and the shortest escape sequence from one to the next."""

from __future__ import annotations

from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

# What takes each attribute away again. Bold and dim share theirs.
_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
    "21": "24", "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_CODES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
_SEEN_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})


class Ink(NamedTuple):
    """Attributes and colours as SGR parameters; "" is the terminal's own colour."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""

    @property
    def ground(self) -> tuple[frozenset[str], str]:
        """What shows on a blank: two inks of one ground write the same blank, unless the ink is reversed."""
        shown = self.attributes & _SEEN_ON_BLANKS
        return (shown | {self.foreground} if shown else shown, self.background)

    @property
    def erases(self) -> bool:
        """Whether erasing with this ink looks like writing blanks with it."""
        return not self.attributes & _SEEN_ON_BLANKS


def ink_of(style: Style | None, colors: ColorSystem | None) -> Ink:
    """The ink of a Rich style on a terminal with those colours. Links are dropped."""
    if style is None:
        return Ink()
    on = style._attributes & style._set_attributes
    attributes = frozenset(code for bit, code in enumerate(_CODES) if on & (1 << bit))
    fore = back = ""
    if colors is not None:
        if style.color is not None:
            fore = _code(";".join(style.color.downgrade(colors).get_ansi_codes()))
        if style.bgcolor is not None:
            back = _code(";".join(style.bgcolor.downgrade(colors).get_ansi_codes(foreground=False)))
    return Ink(attributes, fore, back)


def change(was: Ink | None, ink: Ink) -> str:
    """The shortest sequence that turns what was (None: unknown) into that ink; "" when it is the same."""
    if was == ink:
        return ""
    anew = ["0" if ink == Ink() else "0;" + ";".join(_all(ink))]
    if was is None:
        return f"\x1b[{anew[0]}m"
    codes = _difference(was, ink)
    shortest = min([";".join(codes), *anew], key=len)
    return f"\x1b[{'' if shortest == '0' else shortest}m"


def _all(ink: Ink) -> list[str]:
    return [*sorted(ink.attributes), *filter(None, (ink.foreground, ink.background))]


def _difference(was: Ink, ink: Ink) -> list[str]:
    off = {_OFF[code] for code in was.attributes - ink.attributes}
    lost = {code for code in ink.attributes if _OFF[code] in off}
    codes = [*sorted(off), *sorted((ink.attributes - was.attributes) | lost)]
    if was.foreground != ink.foreground:
        codes.append(ink.foreground or "39")
    if was.background != ink.background:
        codes.append(ink.background or "49")
    return codes


def _code(code: str) -> str:
    return "" if code in ("39", "49") else code
