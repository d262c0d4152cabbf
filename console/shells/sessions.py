"""Every session that is open, by its id: what the engine says goes to the one that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from console.shells.session import Listener, Send, Session
from providers.model import Target
from providers.stream import Closed, Open, Opened, Output, Purpose, Taken

Told = Opened | Output | Closed | Taken
"""What is about one session."""


class Sessions:
    """Opens sessions and hands on what is heard of them."""

    def __init__(self, send: Send, next_id: Callable[[], int], unsent: str) -> None:
        self._send = send
        self._next_id = next_id
        self._unsent = unsent
        self._open: dict[int, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def begin(
        self,
        listener: Listener,
        target: Target,
        purpose: Purpose,
        *,
        way: str,
        choice: str = "",
        typed: str = "",
        size: tuple[int, int] = (80, 24),
        arguments: tuple[str, ...] = (),
    ) -> Session:
        """Ask the engine for one; `size` in columns and rows. Without an engine it is over at once."""
        columns, rows = size
        open = Open(
            id=self._next_id(),
            target=target,
            purpose=purpose,
            way=way,
            choice=choice,
            typed=typed,
            columns=columns,
            rows=rows,
            arguments=arguments,
        )
        session = Session(open, self._send, listener)
        self._open[session.id] = session
        if not self._send(open):
            self._close(Closed(id=session.id, detail=f"nothing was sent: {self._unsent}"))
        return session

    def hear(self, body: Told) -> None:
        """One frame. Of a session that is over already, nothing is to be done with it."""
        session = self._open.get(body.id)
        if session is None:
            return
        match body:
            case Output():
                session.heard(body.data)
            case Opened():
                session.listener.opened(body)
            case Taken():
                session.taken(body.count)
            case Closed():
                self._close(body)

    def refuse(self, id: int, detail: str, remedy: str) -> bool:
        """The engine could not carry out the Open with that id; whether there was one."""
        known = id in self._open
        if known:
            self._close(Closed(id=id, detail=detail, remedy=remedy))
        return known

    def lost(self, detail: str) -> None:
        """The engine is gone, and every session with it."""
        for session in self:
            self._close(Closed(id=session.id, detail=f"cut: {detail}"))

    def shut(self) -> None:
        """End every one."""
        for session in self:
            session.shut()

    def _close(self, body: Closed) -> None:
        session = self._open.pop(body.id, None)
        if session is not None:
            session.close(body)
