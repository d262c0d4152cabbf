"""A screen as the bytes that make a real terminal show the same: for a session that is handed over."""

from __future__ import annotations

from typing import Literal

from widgets.emulator import Style, Terminal

GIVEN_BACK = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l"  # mouse, focus
    b"\x1b[?2004l\x1b[?2026l"  # paste, synchronised updates
    b"\x1b[<8u\x1b[>4;0m"  # keyboard protocols
    b"\x1b[?47l\x1b[?1047l\x1b[?1049l"  # the ordinary screen
    b"\x1b[?6l\x1b[?7h\x1b[r\x1b[?1l\x1b>"  # origin, wrapping, margins, cursor keys, keypad
    b"\x1b(B\x0f\x1b[4l\x1b[?5l\x1b[?25h\x1b[0 q\x1b[m"  # character set, insert, reverse, cursor, colours
)
"""Every mode that a program may have left behind is as a shell expects it."""
TITLE_KEPT, TITLE_GIVEN_BACK = b"\x1b[22;0t", b"\x1b[23;0t"

_FLAGS = (
    ("bold", b"1"), ("dim", b"2"), ("italic", b"3"), ("underline", b"4"), ("blink", b"5"),
    ("reverse", b"7"), ("hidden", b"8"), ("strike", b"9"),
)  # fmt: skip
_MOUSE: dict[str | None, bytes] = {
    None: b"",
    "click": b"\x1b[?1000h\x1b[?1006h",
    "drag": b"\x1b[?1002h\x1b[?1006h",
    "move": b"\x1b[?1003h\x1b[?1006h",
}


def portrait(terminal: Terminal, note: str = "") -> bytes:
    """The terminal's screen, cursor and modes. `note`: clean text, dim at the right of the first row."""
    modes = terminal.modes
    parts = [b"\x1b[?1049h" if modes.alternate else b"", b"\x1b[m\x1b[H\x1b[2J"]
    for row in range(terminal.rows):
        parts.append(b"\x1b[%d;1H" % (row + 1))
        parts += [sgr(style) + text.encode(errors="replace") for text, style in terminal.line(row).runs()]
        parts.append(b"\x1b[m")
    if note:
        column = max(1, terminal.columns - len(note))
        parts.append(b"\x1b[1;%dH\x1b[2m %s\x1b[m" % (column, note.encode(errors="replace")))
    parts += [
        b"\x1b[?1h" if modes.application_cursor else b"",
        b"\x1b=" if modes.application_keypad else b"",
        b"\x1b[?2004h" if modes.bracketed_paste else b"",
        b"\x1b[?1004h" if modes.focus_events else b"",
        _MOUSE.get(modes.mouse, b""),
        b"" if terminal.cursor.visible else b"\x1b[?25l",
        b"\x1b[%d;%dH" % (terminal.cursor.row + 1, terminal.cursor.column + 1),
    ]
    return b"".join(parts)


def sgr(style: Style) -> bytes:
    """The sequence that sets exactly that style."""
    codes = [b"0", *(code for name, code in _FLAGS if getattr(style, name))]
    codes += _colour(style.foreground, 30), _colour(style.background, 40)
    return b"\x1b[" + b";".join(filter(None, codes)) + b"m"


def _colour(colour: int | tuple[int, int, int] | None, base: Literal[30, 40]) -> bytes:
    if colour is None:
        return b""
    if isinstance(colour, tuple):
        return b"%d;2;%d;%d;%d" % (base + 8, *colour)
    return b"%d" % (base + colour) if colour < 8 else b"%d;5;%d" % (base + 8, colour)
