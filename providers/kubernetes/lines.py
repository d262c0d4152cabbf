"""A body that comes in chunks cut anywhere, as whole lines."""

from __future__ import annotations

MAX_LINE = 16 << 20
"""Bytes. etcd takes objects up to 1.5 MB; more than ten times that is no object."""


class Lines:
    """Feeds on chunks, gives lines. A line over the cap is dropped and counted; memory stays bounded."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self.limit = limit
        self._pieces: list[bytes] = []
        self._held = 0
        self._dropping = False
        self.too_long = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes, without their ends; empty lines are left out."""
        first, newline, rest = chunk.partition(b"\n")
        self._hold(first)
        if not newline:
            return []
        lines = [self._release()]
        *whole, tail = rest.split(b"\n")
        lines += whole
        self._hold(tail)
        return [line for line in lines if line.strip() and self._fits(line)]

    def cut(self) -> bool:
        """Whether the body ended within a line."""
        return bool(self._held) or self._dropping

    def rest(self) -> bytes:
        """What came after the last line's end."""
        return b"".join(self._pieces)

    def _hold(self, piece: bytes) -> None:
        if self._dropping or not piece:
            return
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held > self.limit:
            self.too_long += 1
            self._dropping = True
            self._pieces.clear()
            self._held = 0

    def _release(self) -> bytes:
        line = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        self._dropping = False
        return line

    def _fits(self, line: bytes) -> bool:
        if len(line) <= self.limit:
            return True
        self.too_long += 1
        return False
