"""One session of the engine: bytes both ways, never more of them on their way than the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from providers.stream import WINDOW, Closed, Command, Input, Open, Opened, Resize, Shut, Taken

CHUNK = 1 << 15
"""Bytes of one Input at most, so that a large paste is not decoded in one go at the other end."""
_OWED = WINDOW // 4
"""Bytes taken that are said together while more of them wait: not a frame for each read."""

Send = Callable[[Command], bool]
"""False when there is no engine to send it to right now."""


class Listener(Protocol):
    """Whoever a session is for."""

    def opened(self, body: Opened) -> None:
        """It stands."""

    def said(self, data: bytes) -> None:
        """It said that; `took` is owed for it."""

    def closed(self, body: Closed) -> None:
        """It is over, and nothing more will be heard of it."""


class Session:
    """From Open to Closed. What is written waits here until the engine has room for it."""

    def __init__(self, open: Open, send: Send, listener: Listener) -> None:
        self.open = open
        self._send = send
        self.listener = listener
        self.over = False
        self._queue: deque[bytes] = deque()
        self._ends = False
        """Nothing more will be written."""
        self._on_the_way = 0
        self._owed = 0
        self._untaken = 0
        """Bytes heard and not taken yet."""
        self.on_room: Callable[[], None] = lambda: None
        """Called when all that was written is on its way, and when it was taken."""

    @property
    def id(self) -> int:
        """The one it was opened with."""
        return self.open.id

    @property
    def waiting(self) -> int:
        """Bytes written that are not on their way yet."""
        return sum(map(len, self._queue))

    @property
    def settled(self) -> bool:
        """Whether the other end has taken all that was written."""
        return not self._queue and not self._on_the_way

    def write(self, data: bytes) -> None:
        """Say it, as soon as there is room. After the end nothing happens."""
        if self.over or self._ends or not data:
            return
        self._queue.extend(data[at : at + CHUNK] for at in range(0, len(data), CHUNK))
        self._push()

    def end(self) -> None:
        """Nothing more will be written."""
        if not self._ends and not self.over:
            self._ends = True
            if not self._queue:
                self._send(Input(id=self.id, data=b"", end=True))

    def resize(self, columns: int, rows: int) -> None:
        """Its terminal has another size."""
        if not self.over:
            self._send(Resize(id=self.id, columns=columns, rows=rows))

    def shut(self) -> None:
        """End it; Closed still comes."""
        if not self.over:
            self._queue.clear()
            self._send(Shut(id=self.id))

    def took(self, count: int) -> None:
        """So many bytes of what it said are dealt with: as many more may come."""
        self._untaken -= count
        self._owed += count
        if self._owed >= _OWED or (self._owed and self._untaken <= 0):
            if not self.over:
                self._send(Taken(id=self.id, count=self._owed))
            self._owed = 0

    # ---- what the engine says --------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """Output."""
        self._untaken += len(data)
        self.listener.said(data)

    def taken(self, count: int) -> None:
        """The engine dealt with so many bytes of what was written."""
        self._on_the_way = max(0, self._on_the_way - count)
        self._push()
        if self.settled:
            self.on_room()

    def close(self, body: Closed) -> None:
        """It is over."""
        self.over = True
        self._queue.clear()
        self.listener.closed(body)

    def _push(self) -> None:
        waited = bool(self._queue)
        while self._queue and self._on_the_way + len(self._queue[0]) <= WINDOW:
            data = self._queue.popleft()
            self._on_the_way += len(data)
            self._send(Input(id=self.id, data=data, end=self._ends and not self._queue))
        if waited and not self._queue:
            self.on_room()
