"""Content for the engine, in pieces: never more than a WINDOW of it on its way before it is taken."""

from __future__ import annotations

from collections.abc import Iterator

from providers.stream import WINDOW, Input

HELD = 64 << 20
"""Bytes of a content that the engine holds."""
_PIECE = WINDOW // 4


class Upload:
    """The content of an order, as Input of a session of its own."""

    def __init__(self, session: int, data: bytes) -> None:
        self.session = session
        self._data = memoryview(data)
        self._sent = 0
        self._taken = 0
        self._ended = False

    def pieces(self) -> Iterator[Input]:
        """Those that may go now; the first ones right behind the Propose."""
        while not self._ended and self._sent - self._taken < WINDOW:
            piece = self._data[self._sent : self._sent + _PIECE]
            self._sent += len(piece)
            self._ended = self._sent == len(self._data)
            yield Input(id=self.session, data=bytes(piece), end=self._ended)

    def taken(self, count: int) -> None:
        """So many more bytes of it were taken."""
        self._taken += count
