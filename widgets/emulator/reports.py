"""Answers to what programs ask of a terminal: fixed numbers and no name, never text that the remote chose."""

from __future__ import annotations

from collections.abc import Callable

from widgets.emulator.actions import Numbers
from widgets.emulator.modes import ModeSwitch
from widgets.emulator.screen import Screen

_MOST_BYTES = 65_536
"""Of answers that nobody has fetched: the questions cost the asker less than the answers cost us."""


class Reports:
    """What is to be sent back."""

    def __init__(self, screen: Screen, switch: ModeSwitch) -> None:
        self._screen = screen
        self._switch = switch
        self._waiting = bytearray()

    def take(self) -> bytes:
        """All answers so far; once."""
        waiting = bytes(self._waiting)
        self._waiting.clear()
        return waiting

    def sequences(self) -> dict[bytes, Callable[[Numbers], None]]:
        """By prefix, intermediates and final byte."""
        fixed = {
            # A VT220 with colours, as an xterm that is new enough for vim to use its mouse.
            b"c": b"\x1b[?62;22c",
            b">c": b"\x1b[>1;277;0c",
            b"=c": b"\x1bP!|00000000\x1b\\",
        }
        return {
            **{key: self._fixed(answer) for key, answer in fixed.items()},
            b"n": self._status,
            b"?n": self._status_private,
            b"t": self._window,
            b"$p": lambda numbers: self._mode(b"", numbers[0], self._switch.ansi_is(numbers[0])),
            b"?$p": lambda numbers: self._mode(b"?", numbers[0], self._switch.private_is(numbers[0])),
        }

    def setting(self) -> None:
        """DECRQSS, whatever it asks: that is no setting here."""
        self._send(b"\x1bP0$r\x1b\\")

    def _send(self, answer: bytes) -> None:
        if len(self._waiting) + len(answer) <= _MOST_BYTES:
            self._waiting += answer

    def _fixed(self, answer: bytes) -> Callable[[Numbers], None]:
        def send(numbers: Numbers) -> None:
            if numbers[0] == 0:
                self._send(answer)

        return send

    def _place(self) -> bytes:
        screen = self._screen
        row = screen.row - (screen.top if screen.origin else 0)
        return b"%d;%d" % (row + 1, screen.column + 1)

    def _status(self, numbers: Numbers) -> None:
        if numbers[0] == 5:
            self._send(b"\x1b[0n")
        elif numbers[0] == 6:
            self._send(b"\x1b[" + self._place() + b"R")

    def _status_private(self, numbers: Numbers) -> None:
        if numbers[0] == 6:
            self._send(b"\x1b[?" + self._place() + b"R")

    def _window(self, numbers: Numbers) -> None:
        """XTWINOPS: the size in cells; titles are always empty, and nothing moves or resizes anything."""
        size = b"%d;%d" % (self._screen.height, self._screen.columns)
        answers = {
            11: b"\x1b[1t", 13: b"\x1b[3;0;0t", 18: b"\x1b[8;" + size + b"t", 19: b"\x1b[9;" + size + b"t",
            20: b"\x1b]L\x1b\\", 21: b"\x1b]l\x1b\\",
        }  # fmt: skip
        self._send(answers.get(numbers[0], b""))

    def _mode(self, prefix: bytes, number: int, on: bool | None) -> None:
        state = 0 if on is None else 1 if on else 2
        self._send(b"\x1b[%b%d;%d$y" % (prefix, number, state))
