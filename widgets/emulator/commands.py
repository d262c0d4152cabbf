"""Operating system commands (OSC): titles, links, the clipboard; cleaned, bounded, and only if permitted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from widgets.emulator.actions import Numbers
from widgets.emulator.screen import Screen
from widgets.emulator.width import MARKS_IN_A_CELL, cells_of, shown

_LONGEST_TITLE = 256
_LONGEST_LINK = 2048
_LONGEST_CLIPBOARD = 100_000
_MOST_TITLES = 10
_LINK = re.compile(r"(?:https?|ftp|mailto|file):[!-~]+")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the program on the other side may do beyond its own screen."""

    title: bool = True
    """Name its pane. The name is never sent back."""
    clipboard: bool = False
    """Put text on the clipboard (OSC 52). It is never read from it."""


class Commands:
    """Carries out OSC, and keeps what came of it."""

    def __init__(self, screen: Screen, permissions: Permissions) -> None:
        self._screen = screen
        self._permissions = permissions
        self.title = ""
        self.clipboard: str | None = None
        self._titles: list[str] = []
        self._commands: dict[bytes, Callable[[bytes], None]] = {
            b"0": self._name, b"2": self._name, b"8": self._link, b"52": self._copy,
        }  # fmt: skip

    def run(self, body: bytes) -> None:
        """One command, without its introducer and its end."""
        number, _, rest = body.partition(b";")
        act = self._commands.get(number)
        if act is not None:
            act(rest)

    def window(self, numbers: Numbers) -> None:
        """XTWINOPS 22 and 23: the title put aside and taken back."""
        if numbers[0] == 22 and len(self._titles) < _MOST_TITLES:
            self._titles.append(self.title)
        elif numbers[0] == 23 and self._titles:
            self.title = self._titles.pop()

    def reset(self) -> None:
        """RIS: no title, and none put aside."""
        self.title = ""
        self._titles.clear()

    def _name(self, body: bytes) -> None:
        if self._permissions.title:
            self.title = cleaned(body[: 4 * _LONGEST_TITLE].decode(errors="replace"))[:_LONGEST_TITLE]

    def _link(self, body: bytes) -> None:
        """`8 ; parameters ; URI`: what is written from now on leads there; without a URI, nowhere."""
        _, _, uri = body.partition(b";")
        text = uri.decode("ascii", errors="replace")
        link = text if len(text) <= _LONGEST_LINK and _LINK.fullmatch(text) else None
        self._screen.pen = self._screen.pens.linked(self._screen.pen, link)

    def _copy(self, body: bytes) -> None:
        _, _, encoded = body.partition(b";")
        if not self._permissions.clipboard or encoded == b"?":
            return
        try:
            text = base64.b64decode(encoded, validate=True).decode(errors="replace")
        except binascii.Error:
            return
        self.clipboard = cleaned(text[:_LONGEST_CLIPBOARD], keep="\n\t")


def cleaned(text: str, keep: str = "") -> str:
    """The text without controls, without what hides or reorders it, and with few marks on a character."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        cells = 1 if char in keep else cells_of(char)
        marks = marks + 1 if cells == 0 else 0
        if cells >= 0 and marks <= MARKS_IN_A_CELL:
            kept.append(shown(char))
    return "".join(kept)
