"""What the terminal shows, cell by cell: only what differs is sent to it, and nothing that drives it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from operator import ne, or_

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from widgets.ink import Ink, change, ink_of
from widgets.shift import Shift, find_shift

Span = tuple[int, int, Iterable[Segment]]
"""Column and row of the first cell, and what is to be there."""

# Anything that could drive the terminal, hide or reorder text, or cannot be encoded. Providers clean
# their strings where they come in; this is the second layer, for whatever did not pass there.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_MARKS_ON_A_CELL = 2
_GAP = 5
"""Unchanged cells between two changed ones that are rather written again than jumped: a jump is 4–6 bytes."""
_BLANKS = re.compile(r" {11,}")
"""Blanks that are rather erased: the erasure and the jump over it are 8–10 bytes."""
_UNKNOWN = -1
"""The ink of a cell, or of the pen, of which nothing is known."""
_SHIFT_FROM_SPANS = 4
_SHIFT_FROM_CELLS = 150
"""Cells that moving must save: it is some 20 bytes itself, and an unquiet sight when little is gained."""
_Run = tuple[int, int, list[str], list[int]]
"""Column and row of the first cell, the characters and the inks."""


class Shadow:
    """A model of the terminal's screen and pen.

    `paint()` takes what is to be shown and gives the bytes that make it so, as text.
    """

    def __init__(self, width: int, height: int, colors: ColorSystem | None, *, erases: bool = False) -> None:
        self.width = width
        self.height = height
        self._colors = colors
        self._erases = erases
        # Cells hold numbers of inks: lists of them are compared in C.
        self._ink_numbers: dict[Style | None, int] = {}
        self._inks: list[Ink] = []
        self._grounds: dict[int, object] = {_UNKNOWN: None}
        self._changes: dict[tuple[int, int], str] = {}
        self._chars: list[list[str]] = []
        self._styles: list[list[int]] = []
        self._pen = _UNKNOWN
        self._x: int | None = None
        self._y: int | None = None
        self.forget()

    def forget(self) -> None:
        """The terminal may show anything: whatever is painted next is sent whole."""
        self._chars = [["\0"] * self.width for _ in range(self.height)]
        self._styles = [[_UNKNOWN] * self.width for _ in range(self.height)]
        self._pen = _UNKNOWN
        self._x = self._y = None

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size; nothing is known of what it shows."""
        self.width, self.height = width, height
        self.forget()

    def row(self, y: int) -> str:
        """The text that the terminal shows on a row."""
        return "".join(self._chars[y])

    def paint(self, spans: Iterable[Span]) -> str:
        """What to send so that the terminal shows these spans; "" when it does already."""
        out: list[str] = []
        runs = [
            self._run(*span) for span in spans if 0 <= span[1] < self.height and 0 <= span[0] < self.width
        ]
        if len(runs) >= _SHIFT_FROM_SPANS:
            self._shift(runs, out)
        for x, y, chars, inks in runs:
            self._paint_run(x, y, chars, inks, out)
        # Others may move the cursor between two paints, but nobody else sets the pen.
        self._x = self._y = None
        return "".join(out)

    def _run(self, x: int, y: int, segments: Iterable[Segment]) -> _Run:
        chars: list[str] = []
        inks: list[int] = []
        for text, style, control in segments:
            if not control and text:
                cells = _cells(text)
                chars += cells
                inks += [self._ink(style)] * len(cells)
        del chars[self.width - x :], inks[self.width - x :]
        return x, y, chars, inks

    def _paint_run(self, x: int, y: int, chars: list[str], inks: list[int], out: list[str]) -> None:
        end = x + len(chars)
        was_chars, was_inks = self._chars[y][x:end], self._styles[y][x:end]
        if chars == was_chars and inks == was_inks:
            return
        self._chars[y][x:end], self._styles[y][x:end] = chars, inks
        places = self._differing(chars, inks, was_chars, was_inks)
        if "" in chars:
            # A wide character is written whole, and its right half with it.
            halves = {place + 1 for place in places if chars[place + 1 : place + 2] == [""]}
            places = sorted(halves.union(places))
        for start, stop in _stretches(places):
            self._write(x + start, y, chars[start:stop], inks[start:stop], out)

    def _differing(
        self, chars: list[str], inks: list[int], was_chars: list[str], was_inks: list[int]
    ) -> list[int]:
        """The cells that look otherwise: a blank in another ink on the same ground does not."""
        grounds = self._grounds
        others = list(map(ne, chars, was_chars))
        both = map(or_, others, map(ne, inks, was_inks))
        return [
            place
            for place in compress(range(len(chars)), both)
            if others[place] or chars[place] != " " or grounds[inks[place]] != grounds[was_inks[place]]
        ]

    def _ink(self, style: Style | None) -> int:
        number = self._ink_numbers.get(style)
        if number is None:
            ink = ink_of(style, self._colors)
            if ink not in self._inks:
                self._inks.append(ink)
                self._grounds[len(self._inks) - 1] = ink.ground
            number = self._ink_numbers[style] = self._inks.index(ink)
        return number

    # ---- moving what is there --------------------------------------------------------------------

    def _shift(self, runs: list[_Run], out: list[str]) -> None:
        """Let the terminal move rows up or down where that leaves much less to write."""
        want = self._wanted(runs)
        shift = find_shift(self._chars, {y: chars for y, (chars, _) in want.items()})
        if shift is None:
            return
        rows = range(shift.top, shift.bottom + 1)
        if any(_UNKNOWN in self._styles[y] for y in rows):
            return
        wanted = {y: want.get(y, (self._chars[y], self._styles[y])) for y in rows}
        moved = {y: self._moved(y + shift.rows, shift) for y in rows}
        now = sum(len(self._differing(*wanted[y], self._chars[y], self._styles[y])) for y in rows)
        then = sum(len(self._differing(*wanted[y], *moved[y])) for y in rows)
        if now - then < _SHIFT_FROM_CELLS:
            return
        self._send_shift(shift, out)
        for y in rows:
            self._chars[y], self._styles[y] = moved[y]
        for y in rows:
            self._paint_run(0, y, *wanted[y], out)

    def _wanted(self, runs: list[_Run]) -> dict[int, tuple[list[str], list[int]]]:
        want: dict[int, tuple[list[str], list[int]]] = {}
        for x, y, chars, inks in runs:
            if y not in want:
                want[y] = (self._chars[y].copy(), self._styles[y].copy())
            want[y][0][x : x + len(chars)], want[y][1][x : x + len(inks)] = chars, inks
        return want

    def _moved(self, source: int, shift: Shift) -> tuple[list[str], list[int]]:
        if shift.top <= source <= shift.bottom:
            return self._chars[source].copy(), self._styles[source].copy()
        return ["\0"] * self.width, [_UNKNOWN] * self.width

    def _send_shift(self, shift: Shift, out: list[str]) -> None:
        # Line feeds at the lower margin and reverse ones at the upper: every terminal knows these.
        out.append(f"\x1b[{shift.top + 1};{shift.bottom + 1}r")
        edge = shift.bottom if shift.rows > 0 else shift.top
        out.append(f"\x1b[{edge + 1}H" + ("\n" if shift.rows > 0 else "\x1bM") * abs(shift.rows) + "\x1b[r")
        self._x = self._y = None

    # ---- sending ---------------------------------------------------------------------------------

    def _write(self, x: int, y: int, chars: list[str], inks: list[int], out: list[str]) -> None:
        for start, stop in _pieces(chars, inks):
            self._move(x + start, y, out)
            self._put(x + start, chars[start:stop], inks[start], out)

    def _put(self, x: int, chars: list[str], ink: int, out: list[str]) -> None:
        text = "".join(chars)
        if not (text.isspace() and self._grounds[self._pen] == self._grounds[ink]):
            out.append(self._change(ink))
        if self._erases and self._inks[ink].erases:
            self._put_erasing(x, text, out)
        else:
            out.append(text)
        self._at(x + len(chars), sure=len(text) == len(chars))

    def _put_erasing(self, x: int, text: str, out: list[str]) -> None:
        at = 0
        for match in _BLANKS.finditer(text):
            out.append(text[at : match.start()])
            at, blanks = match.end(), match.end() - match.start()
            if x + at >= self.width:
                out.append("\x1b[K")
            else:
                out.append(f"\x1b[{blanks}X\x1b[{blanks}C")
        out.append(text[at:])

    def _change(self, ink: int) -> str:
        key = (self._pen, ink)
        text = self._changes.get(key)
        if text is None:
            was = None if self._pen == _UNKNOWN else self._inks[self._pen]
            text = self._changes[key] = change(was, self._inks[ink])
        self._pen = ink
        return text

    def _at(self, x: int, *, sure: bool) -> None:
        """The cursor is at cell x now; not sure where a terminal may count a character's cells otherwise."""
        self._x = x if sure and x < self.width else None

    def _move(self, x: int, y: int, out: list[str]) -> None:
        if (self._x, self._y) == (x, y):
            return
        if self._y is not None and y == self._y + 1 and x == 0:
            out.append("\r\n")
        else:
            absolute = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
            steps = x - self._x if self._x is not None and self._y == y else 0
            forward = "\x1b[C" if steps == 1 else f"\x1b[{steps}C"
            out.append(forward if steps > 0 else absolute)
        self._x, self._y = x, y


def _stretches(places: list[int]) -> list[tuple[int, int]]:
    """Places as stretches to write, small gaps included."""
    if not places:
        return []
    runs = [[places[0], places[0] + 1]]
    for place in places[1:]:
        if place - runs[-1][1] < _GAP:
            runs[-1][1] = place + 1
        else:
            runs.append([place, place + 1])
    return [(start, stop) for start, stop in runs]


def _pieces(chars: list[str], inks: list[int]) -> list[tuple[int, int]]:
    """Stretches of one ink that end after any character whose width terminals disagree about."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for place in range(1, len(chars)):
        wide = chars[place - 1] == "" or len(chars[place - 1]) > 1
        if inks[place] != inks[start] or (wide and chars[place] != ""):
            pieces.append((start, place))
            start = place
    pieces.append((start, len(chars)))
    return pieces


def _cells(text: str) -> list[str]:
    return list(text) if text.isascii() and text.isprintable() else list(_odd_cells(text))


@lru_cache(4096)
def _odd_cells(text: str) -> tuple[str, ...]:
    """One string for each cell: a wide character is followed by "", marks are on their letter.

    As many cells as Rich measured: the screen is laid out with those.
    """
    cells: list[str] = []
    for char in text:
        width = get_character_cell_size(char)
        if _HOSTILE.match(char):
            cells += ["\ufffd"] * width
        elif width:
            cells += [char, *[""] * (width - 1)]
        elif cells and cells[-1] and len(cells[-1]) <= _MARKS_ON_A_CELL and unicodedata.combining(char):
            cells[-1] += char
    wanted = cell_len(text)
    if len(cells) > wanted:
        del cells[wanted:]
        # A wide character cut in half is none.
        if cells and get_character_cell_size(cells[-1][:1] or " ") > 1:
            cells[-1] = " "
    return (*cells, *[" "] * (wanted - len(cells)))
