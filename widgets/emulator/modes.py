"""Modes that programs set and reset (SM, RM, DECSET, DECRST), and which of them are set (DECRQM)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from widgets.emulator.actions import Numbers
from widgets.emulator.screen import Screen

Shape = Literal["block", "underline", "bar"]
_MOUSE: dict[int, Literal["press", "click", "drag", "move"]] = {
    9: "press",
    1000: "click",
    1002: "drag",
    1003: "move",
}
_ENCODINGS: dict[int, Literal["utf8", "sgr", "urxvt"]] = {1005: "utf8", 1006: "sgr", 1015: "urxvt"}
_SHAPES: dict[int, tuple[Shape, bool]] = {
    0: ("block", True), 1: ("block", True), 2: ("block", False), 3: ("underline", True),
    4: ("underline", False), 5: ("bar", True), 6: ("bar", False),
}  # fmt: skip


@dataclass(slots=True)
class Modes:
    """What the program wants of the keyboard, the mouse and the display."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    mouse: Literal["press", "click", "drag", "move"] | None = None
    """Presses alone (X10's, mode 9), also releases, also motion with a button down, any motion."""
    mouse_encoding: Literal["bytes", "utf8", "sgr", "urxvt"] = "bytes"
    focus_events: bool = False
    alternate: bool = False
    """Whether the alternate screen is shown, which has no scrollback."""
    alternate_scroll: bool = False
    """Whether the wheel is to send cursor keys on the alternate screen (1007)."""
    reverse: bool = False
    """Whether the whole screen swaps its colours."""
    synchronized: bool = False
    """Whether the program is in the middle of a frame (2026)."""
    cursor_visible: bool = True
    cursor_shape: Shape = "block"
    cursor_blinking: bool = True


class ModeSwitch:
    """Sets and resets the modes of a terminal by their numbers."""

    def __init__(self, screen: Screen, modes: Modes) -> None:
        self._screen = screen
        self.modes = modes
        flags = {
            1: "application_cursor", 5: "reverse", 12: "cursor_blinking", 25: "cursor_visible",
            66: "application_keypad", 1004: "focus_events", 1007: "alternate_scroll", 2004: "bracketed_paste",
            2026: "synchronized",
        }  # fmt: skip
        self._set: dict[int, Callable[[bool], None]] = {
            **{number: self._flag(name) for number, name in flags.items()},
            **{number: self._mouse(number) for number in _MOUSE},
            **{number: self._encoding(number) for number in _ENCODINGS},
            6: self._origin, 7: self._autowrap, 47: self._alternate, 1047: self._alternate_cleared,
            1048: self._saved, 1049: self._alternate_saved,
        }  # fmt: skip
        self._is: dict[int, Callable[[], bool]] = {
            **{number: self._flag_is(name) for number, name in flags.items()},
            **{number: self._mouse_is(number) for number in _MOUSE},
            **{number: self._encoding_is(number) for number in _ENCODINGS},
            6: lambda: screen.origin, 7: lambda: screen.autowrap, 47: lambda: screen.alternate,
            1047: lambda: screen.alternate, 1049: lambda: screen.alternate,
        }  # fmt: skip

    def sequences(self) -> dict[bytes, Callable[[Numbers], None]]:
        """By prefix, intermediates and final byte."""
        return {
            b"?h": lambda numbers: self._private(numbers, True),
            b"?l": lambda numbers: self._private(numbers, False),
            b"h": lambda numbers: self._ansi(numbers, True),
            b"l": lambda numbers: self._ansi(numbers, False),
            b" q": self._shape,
        }

    def escapes(self) -> dict[bytes, Callable[[], None]]:
        """By intermediates and final byte."""
        return {b"=": lambda: self._set[66](True), b">": lambda: self._set[66](False)}

    def private_is(self, number: int) -> bool | None:
        """Whether a private mode is set; None when it is not known."""
        known = self._is.get(number)
        return known() if known is not None else None

    def ansi_is(self, number: int) -> bool | None:
        """Whether a mode of ECMA-48 is set; None when it is not known."""
        return {4: self._screen.inserting, 20: self._screen.newline}.get(number)

    def _private(self, numbers: Numbers, on: bool) -> None:
        for number in numbers:
            act = self._set.get(number)
            if act is not None:
                act(on)

    def _ansi(self, numbers: Numbers, on: bool) -> None:
        if 4 in numbers:
            self._screen.inserting = on
        if 20 in numbers:
            self._screen.newline = on

    def _flag(self, name: str) -> Callable[[bool], None]:
        return lambda on: setattr(self.modes, name, on)

    def _flag_is(self, name: str) -> Callable[[], bool]:
        return lambda: bool(getattr(self.modes, name))

    def _mouse(self, number: int) -> Callable[[bool], None]:
        def switch(on: bool) -> None:
            self.modes.mouse = _MOUSE[number] if on else None

        return switch

    def _mouse_is(self, number: int) -> Callable[[], bool]:
        return lambda: self.modes.mouse == _MOUSE[number]

    def _encoding(self, number: int) -> Callable[[bool], None]:
        def switch(on: bool) -> None:
            self.modes.mouse_encoding = _ENCODINGS[number] if on else "bytes"

        return switch

    def _encoding_is(self, number: int) -> Callable[[], bool]:
        return lambda: self.modes.mouse_encoding == _ENCODINGS[number]

    def _origin(self, on: bool) -> None:
        self._screen.origin = on
        self._screen.move(0, 0)

    def _autowrap(self, on: bool) -> None:
        self._screen.autowrap = on
        self._screen.full = False

    def _alternate(self, on: bool) -> None:
        if on:
            self._screen.enter_alternate(clear=False)
        else:
            self._screen.leave_alternate()
        self.modes.alternate = on

    def _alternate_cleared(self, on: bool) -> None:
        if on:
            self._screen.enter_alternate(clear=False)
        else:
            self._screen.leave_alternate(clear=True)
        self.modes.alternate = on

    def _saved(self, on: bool) -> None:
        if on:
            self._screen.save()
        else:
            self._screen.restore()

    def _alternate_saved(self, on: bool) -> None:
        screen = self._screen
        if on and not screen.alternate:
            screen.save()
            screen.enter_alternate(clear=True)
        elif not on:
            screen.leave_alternate()
            screen.restore()
        self.modes.alternate = on

    def _shape(self, numbers: Numbers) -> None:
        shape = _SHAPES.get(numbers[0])
        if shape is not None:
            self.modes.cursor_shape, self.modes.cursor_blinking = shape
