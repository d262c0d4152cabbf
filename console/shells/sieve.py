"""What a program may say to the person's own terminal, for the time that it is lent.

Passed: text, cursor and colours, the terminal's modes, hyperlinks. Dropped: writes to the clipboard (OSC 52)
and titles unless they are allowed, whatever else is a string for the terminal (DCS, APC, PM, unknown OSC),
window operations (CSI … t, among them the report of the title, which comes back as if it was typed), and
the eight-bit spellings of all these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = re.compile(rb"\x1b|\xc2(?=[\x80-\x9f]|$)")
_CSI = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*([\x40-\x7e])")
_BEGUN_CSI = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*$")
_STRING = re.compile(rb"\x1b[\]PX^_k]")
_STRING_END = re.compile(rb"\x07|\x1b\\|\xc2\x9c|[\x18\x1a]|\x1b(?=[^\\])")
_COLOURS = (b"4", b"10", b"11", b"12", b"104", b"110", b"111", b"112")
_LINK = b"8"
_TITLES = (b"0", b"1", b"2")
_CLIPBOARD = b"52"
_LONGEST = 1 << 20
"""Bytes of a string that are kept waiting for its end; what is longer is dropped up to it."""


@dataclass
class Sieve:
    """Bytes as they come, in pieces that may end anywhere."""

    title: bool = False
    clipboard: bool = False
    _held: bytes = b""
    _dropping: bool = False
    """Inside a string that is too long to be kept."""

    def sift(self, data: bytes) -> bytes:
        """What of it may pass now; the beginning of what is not whole waits for the rest."""
        if not self._held and not self._dropping and b"\x1b" not in data and b"\xc2" not in data:
            return data
        data, self._held = self._held + data, b""
        passed: list[bytes] = []
        at = self._resume(data)
        while at < len(data):
            found = _CONTROL.search(data, at)
            end = found.start() if found else len(data)
            passed.append(data[at:end])
            at = self._step(data, end, passed) if found else end
        return b"".join(passed)

    def _resume(self, data: bytes) -> int:
        """Where the string ends that is being dropped."""
        if not self._dropping:
            return 0
        end = _STRING_END.search(data)
        if end is None:
            self._held = data[-1:] if data[-1:] in (b"\x1b", b"\xc2") else b""
            return len(data)
        self._dropping = False
        return _past(end)

    def _step(self, data: bytes, at: int, passed: list[bytes]) -> int:
        """Past the control that begins there."""
        if data[at : at + 1] == b"\xc2":
            return self._wait(data, at) if at + 1 == len(data) else at + 2
        if at + 1 == len(data) or _BEGUN_CSI.match(data, at):
            return self._wait(data, at)
        if _STRING.match(data, at):
            return self._string(data, at, passed)
        csi = _CSI.match(data, at)
        end = csi.end() if csi else at + 2
        if csi is None or csi[1] != b"t":
            passed.append(data[at:end])
        return end

    def _wait(self, data: bytes, at: int) -> int:
        self._held = data[at:]
        return len(data)

    def _string(self, data: bytes, at: int, passed: list[bytes]) -> int:
        end = _STRING_END.search(data, at + 2)
        if end is None and len(data) - at > _LONGEST:
            self._dropping = True
            return len(data)
        if end is None:
            return self._wait(data, at)
        body = data[at + 2 : end.start()]
        if data[at + 1 : at + 2] == b"]" and end[0] in (b"\x07", b"\x1b\\") and self._allowed(body):
            passed.append(b"\x1b]" + body + end[0])
        return _past(end)

    def _allowed(self, body: bytes) -> bool:
        number = body.partition(b";")[0]
        allowed = (
            *_COLOURS,
            _LINK,
            *(_TITLES if self.title else ()),
            *([_CLIPBOARD] if self.clipboard else []),
        )
        return number in allowed and not re.search(rb"[\x00-\x1f\x7f]", body)


def _past(end: re.Match[bytes]) -> int:
    """Where it goes on after a string: an escape that broke it off begins something of its own."""
    return end.start() if end[0] == b"\x1b" else end.end()
