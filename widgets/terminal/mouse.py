"""What a terminal reports of its mouse, in the encoding that the program asked for."""

from __future__ import annotations

from typing import NamedTuple

RELEASED = 3
"""The button of a motion without any."""
WHEEL = {"up": 64, "down": 65, "left": 66, "right": 67}
_MOTION = 32
_FURTHEST = 222
"""The last cell, from 0, that a report of single bytes can name."""


class Touch(NamedTuple):
    """One thing done with the mouse."""

    button: int
    """0 left, 1 middle, 2 right, RELEASED none; a number of WHEEL."""
    column: int
    row: int
    """Cells from the top left, from 0."""
    pressed: bool = True
    moved: bool = False
    shift: bool = False
    alt: bool = False
    ctrl: bool = False


def wanted(touch: Touch, mode: str | None) -> bool:
    """Whether a program with that mode (None, press, click, drag, move) hears of it."""
    if mode is None:
        return False
    if mode == "press":
        return touch.pressed and not touch.moved
    if touch.moved:
        return mode == "move" or (mode == "drag" and touch.button != RELEASED)
    return True


def encode(touch: Touch, encoding: str) -> bytes:
    """The report, in the encoding "sgr", "urxvt", "utf8" or, with any other word, of single bytes.

    b"" for a place that the encoding has no name for.
    """
    code = touch.button | (_MOTION if touch.moved else 0)
    code |= (4 if touch.shift else 0) | (8 if touch.alt else 0) | (16 if touch.ctrl else 0)
    column, row = touch.column + 1, touch.row + 1
    if encoding == "sgr":
        return f"\x1b[<{code};{column};{row}{'M' if touch.pressed else 'm'}".encode()
    if not touch.pressed:
        code |= RELEASED  # the others do not say which button was released
    if encoding == "urxvt":
        return f"\x1b[{code + 32};{column};{row}M".encode()
    if encoding == "utf8":
        return ("\x1b[M" + chr(code + 32) + chr(column + 32) + chr(row + 32)).encode()
    if max(touch.column, touch.row) > _FURTHEST:
        return b""
    return b"\x1b[M" + bytes((code + 32, column + 32, row + 32))
