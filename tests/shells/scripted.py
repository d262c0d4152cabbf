"""An engine's end of sessions that says what a test has it say."""

from __future__ import annotations

from itertools import count

from console.shells.sessions import Sessions
from providers.model import Offer, Ref, Target
from providers.stream import Closed, Command, Input, Open, Opened, Output, Shut, Taken

TARGET = Target(ref=Ref("s", "pod", "u1"), label="pod shop/api-1", name="api-1")
SSH = Offer(way="ssh", title="SSH")
SSM = Offer(way="ssm", title="Session Manager")


class Heard:
    """A listener that keeps all it hears."""

    def __init__(self) -> None:
        self.data = b""
        self.stands: Opened | None = None
        self.end: Closed | None = None

    def opened(self, body: Opened) -> None:
        self.stands = body

    def said(self, data: bytes) -> None:
        self.data += data

    def closed(self, body: Closed) -> None:
        self.end = body


class Engine:
    """Keeps what is sent; while `there` is False nobody is."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.there = True
        ids = count(1)
        self.sessions = Sessions(self._send, lambda: next(ids), "the engine is restarting")

    def _send(self, command: Command) -> bool:
        if self.there:
            self.sent.append(command)
        return self.there

    def opens(self) -> list[Open]:
        """The sessions asked for, in order."""
        return [command for command in self.sent if isinstance(command, Open)]

    def input(self, id: int) -> bytes:
        """All that was said to that session."""
        return b"".join(c.data for c in self.sent if isinstance(c, Input) and c.id == id)

    def pending(self, id: int) -> int:
        """Bytes said to it that were not taken."""
        return len(self.input(id))

    def ended(self, id: int) -> bool:
        """Whether it was told that nothing more comes."""
        return any(isinstance(c, Input) and c.id == id and c.end for c in self.sent)

    def taken(self, id: int) -> int:
        """Bytes that the console took from it."""
        return sum(c.count for c in self.sent if isinstance(c, Taken) and c.id == id)

    def shut(self, id: int) -> bool:
        """Whether it was told to end."""
        return any(isinstance(c, Shut) and c.id == id for c in self.sent)

    def open(self, id: int) -> None:
        self.sessions.hear(Opened(id=id, way="ssh", sent="ssh -- host"))

    def say(self, id: int, data: bytes) -> None:
        self.sessions.hear(Output(id=id, data=data))

    def take(self, id: int, number: int) -> None:
        self.sessions.hear(Taken(id=id, count=number))

    def close(self, id: int, status: int | None = 0, detail: str = "", remedy: str = "") -> None:
        self.sessions.hear(Closed(id=id, status=status, detail=detail, remedy=remedy))
