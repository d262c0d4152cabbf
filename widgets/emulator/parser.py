"""Bytes cut into text, controls and sequences, however they come: the state machine (after DEC's, for UTF-8).

Whole sequences and whole lines are taken at once where they stand in one piece; what is cut, or has controls
inside, goes through the machine byte by byte. Both come to the same.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable

from widgets.emulator.actions import Actions, Numbers
from widgets.emulator.width import RUNS

_TOKEN = re.compile(
    rb"([ -~\x80-\xff]+)|\x1b\[([<=>?]?[0-9;:]{0,80})([ -/]?[@-~])|([\x00-\x1a\x1c-\x1f\x7f]+)"
    rb"|\x1b([()][0AB]|[78DEHMc=>])|\x1b"
)
_TEXT, _SEQUENCE, _CONTROLS, _ESCAPE = 1, 3, 4, 5
_NOT_LINES = re.compile(rb"[^ -~\x80-\xff\t\r\n]")
_SEQUENCE_BODY = re.compile(rb"([<=>?]?[0-9;:]*)([ -/]*)")
_STRING_ENDS = re.compile(rb"[\x07\x18\x1a\x1b]")
_SLICE, _BLOCK = 2048, 65_536
"""Bytes between two looks at the clock, of anything and of plain lines."""
_WORTH = 60
"""Bytes of plain lines that are worth a look at them all."""
_LONGEST_SEQUENCE = 256
_LONGEST_STRING = 1 << 20
"""Of an operating system command (the clipboard's is the long one); a longer one does nothing."""
_MOST_NUMBERS, _LARGEST = 32, 65_535
_REMEMBERED = 4096
_STRINGS = {ord("]"): "]", ord("P"): "P", ord("X"): "X", ord("^"): "^", ord("_"): "_", ord("k"): "k"}


class Parser:
    """Reads a stream of bytes of any cut."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._state: Callable[[bytes, int], int] | None = None
        """What goes on with a sequence that has begun; None between sequences."""
        self._held = bytearray()
        """Of the sequence that has begun."""
        self._kind = ""
        self._partial = b""
        """The beginning of a UTF-8 character."""
        self._numbers: dict[bytes, tuple[bytes, Numbers]] = {}
        self._looked = 0

    def feed(self, data: bytes, deadline: float | None = None) -> int:
        """Act on the bytes; how many were, when it had to end at `deadline` (of time.perf_counter)."""
        at = self._looked = 0
        while at < len(data):
            at = self._state(data, at) if self._state is not None else self._ground(data, at)
            if deadline is not None and time.perf_counter() >= deadline:
                break
        return at

    # One function on purpose: a call more for each token costs a fifth of the speed.
    def _ground(self, data: bytes, at: int) -> int:  # noqa: PLR0912
        if at >= self._looked and not self._partial:
            at = self._plain_lines(data, at)
        actions = self._actions
        sequences, controls, known, write = actions.sequences, actions.controls, self._numbers, actions.text
        for match in _TOKEN.finditer(data, at, at + _SLICE):
            kind = match.lastindex
            if kind == _TEXT:
                if not self._partial:
                    try:
                        write(match[1].decode())
                        continue
                    except UnicodeDecodeError:
                        pass
                self._broken(match[1])
                continue
            if self._partial:
                self._end_partial()
            if kind == _SEQUENCE:
                parameters, final = match.group(2, 3)
                if final == b"m" and parameters[:1] not in (b"<", b"=", b">", b"?"):
                    actions.style(parameters)
                    continue
                prefix, numbers = known.get(parameters) or self._read(parameters)
                act = sequences.get(prefix + final)
                if act is not None:
                    act(numbers)
            elif kind == _CONTROLS:
                run = match[4]
                carry_out = controls.get(run)
                if carry_out is None:
                    self._control(run)
                else:
                    carry_out()
                if run.endswith(b"\n") and match.end() >= self._looked:
                    return match.end()
            elif kind == _ESCAPE:
                actions.escapes[match[5]]()
            else:
                self._begin_escape()
                return match.end()
        return min(at + _SLICE, len(data))

    def _plain_lines(self, data: bytes, at: int) -> int:
        """Take the lines that are nothing but text, if the bytes begin with some; where they end."""
        if data[at] == 0x0A:
            return at
        limit = at + _BLOCK
        other = _NOT_LINES.search(data, at, limit)
        self._looked = stop = other.start() if other else min(limit, len(data))
        end = data.rfind(b"\r\n", at, stop) + 2
        if end - at < _WORTH:
            return at
        block = data[at:end]
        lines = block.count(b"\r\n")
        if block.count(b"\n") != lines or block.count(b"\r") != lines:
            return at
        try:
            text = block.decode()
        except UnicodeDecodeError:
            return at
        if not text.isascii() and not all(
            match.lastindex == 1 or match[0] in "\t\r\n" for match in RUNS.finditer(text)
        ):
            return at
        split = text.split("\r\n")
        split.pop()
        if not self._actions.lines(split):
            return at
        self._looked = 0
        return end

    def _control(self, run: bytes) -> None:
        known = self._actions.controls
        for code in run:
            act = known.get(bytes((code,)))
            if act is not None:
                act()

    def _broken(self, run: bytes) -> None:
        """Text in which a character is malformed, or has not come to its end."""
        run = self._partial + run
        text, used = codecs.utf_8_decode(run, "replace", False)
        self._partial = run[used:]
        if text:
            self._actions.text(text)

    def _end_partial(self) -> None:
        """A character that another thing cut off."""
        text, _ = codecs.utf_8_decode(self._partial, "replace", True)
        self._partial = b""
        self._actions.text(text)

    def _read(self, parameters: bytes) -> tuple[bytes, Numbers]:
        """The prefix and the numbers of a sequence's parameters; with colons, nothing but SGR is known."""
        digits = parameters.lstrip(b"<=>?")
        prefix = parameters[: len(parameters) - len(digits)]
        if b":" in digits or len(prefix) > 1:
            read: tuple[bytes, Numbers] = (b":", ())
        else:
            fields = digits.split(b";")[:_MOST_NUMBERS]
            read = (prefix, tuple(min(int(field[:6] or b"0"), _LARGEST) for field in fields))
        if len(self._numbers) >= _REMEMBERED:
            self._numbers.clear()
        self._numbers[parameters] = read
        return read

    # Sequences byte by byte

    def _begin_escape(self) -> None:
        self._held.clear()
        self._state = self._in_escape

    def _aside(self, code: int) -> bool:
        """Whether a byte inside a sequence is none of it: controls are carried out, end it, begin another."""
        if 0x20 <= code < 0x7F:
            return False
        if code == 0x1B:
            self._begin_escape()
        elif code in (0x18, 0x1A):
            self._state = None
        elif code < 0x20:
            self._control(bytes((code,)))
        return True

    def _in_escape(self, data: bytes, at: int) -> int:
        code = data[at]
        at += 1
        if self._aside(code):
            return at
        if code == ord("[") and not self._held:
            self._state = self._in_sequence
        elif code in _STRINGS and not self._held:
            self._kind, self._state = _STRINGS[code], self._in_string
        else:
            self._held.append(code)
            if code >= 0x30:
                self._state = None
                act = self._actions.escapes.get(bytes(self._held))
                if act is not None:
                    act()
            elif len(self._held) > _LONGEST_SEQUENCE:
                self._held[:] = b"?"
        return at

    def _in_sequence(self, data: bytes, at: int) -> int:
        code = data[at]
        at += 1
        if self._aside(code):
            return at
        if code < 0x40:
            if len(self._held) <= _LONGEST_SEQUENCE:
                self._held.append(code)
            return at
        self._state = None
        body = _SEQUENCE_BODY.fullmatch(self._held)
        if body is not None and len(self._held) <= _LONGEST_SEQUENCE:
            self._act(bytes(body[1]), bytes(body[2]) + bytes((code,)))
        return at

    def _act(self, parameters: bytes, final: bytes) -> None:
        if final == b"m" and parameters[:1] not in (b"<", b"=", b">", b"?"):
            self._actions.style(parameters)
            return
        prefix, numbers = self._read(parameters)
        act = self._actions.sequences.get(prefix + final)
        if act is not None:
            act(numbers)

    def _in_string(self, data: bytes, at: int) -> int:
        """Inside OSC, DCS and their like, of any length: of a longer one than is of use, nothing is kept."""
        found = _STRING_ENDS.search(data, at)
        end = found.start() if found else len(data)
        if len(self._held) <= _LONGEST_STRING and self._kind in "]P":
            self._held += data[at : min(end, at + _LONGEST_STRING + 1)]
        if found is None:
            return end
        code = data[end]
        if code == 0x07 and self._kind != "]":
            return end + 1
        if code == 0x1B:
            self._state = self._after_string
        else:
            self._state = None
            if code == 0x07:
                self._string()
        return end + 1

    def _after_string(self, data: bytes, at: int) -> int:
        """Behind the escape that ends a string: with a backslash it was one, else another sequence begins."""
        if data[at] == ord("\\"):
            self._state = None
            self._string()
            return at + 1
        self._begin_escape()
        return at

    def _string(self) -> None:
        if len(self._held) <= _LONGEST_STRING:
            self._actions.string(self._kind, bytes(self._held))
        self._held.clear()
