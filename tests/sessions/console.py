"""The console's end of sessions, against a server in this process: opens, types, takes what is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from providers.engine import audit
from providers.model import Ref, Target
from providers.stream import Closed, Input, Open, Opened, Output, Taken
from tests.engine.test_server import Console
from tests.waiting import until

TARGET = Target(ref=Ref("steady", "node", "n1"), label="node n1", name="n1")


class Shells(Console):
    """Takes what is said as soon as it is read, unless told not to."""

    patience = 60.0  # three logins one through the other take 4 s on a machine that does eight things at once

    def __init__(self, *providers: str, audit_path: Path, **settings: Any) -> None:
        self.audit_path = audit_path
        self.taking = True
        self.said: dict[int, bytearray] = {}
        self.ended: dict[int, Closed] = {}
        self._seen = 0
        super().__init__(*providers, **settings)

    def hello(self, *providers: str, **fields: Any) -> None:
        super().hello(*providers, audit_path=str(self.audit_path), **fields)

    async def read(self) -> bool:
        more = await super().read()
        for frame in self.frames[self._seen :]:
            if isinstance(frame.body, Output):
                self.said.setdefault(frame.body.id, bytearray()).extend(frame.body.data)
                if self.taking:
                    self.say(Taken(id=frame.body.id, count=len(frame.body.data)))
            elif isinstance(frame.body, Closed):
                self.ended[frame.body.id] = frame.body
        self._seen = len(self.frames)
        return more

    async def opened(self, number: int, target: Target = TARGET, **fields: Any) -> Opened:
        """Open a session and wait until it stands."""
        self.say(Open(id=number, target=target, **fields))
        found = await self.until(
            lambda: next(
                (b for b in self.bodies() if isinstance(b, Opened | Closed) and b.id == number), None
            )
        )
        assert isinstance(found, Opened), found
        return found

    async def closed(self, number: int) -> Closed:
        """The end of that session."""
        return await self.until(  # type: ignore[no-any-return]
            lambda: next((b for b in self.bodies() if isinstance(b, Closed) and b.id == number), None)
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read all the time meanwhile, so that several may wait at once by until_so()."""

        async def go_on() -> None:
            while await self.read():
                pass

        reading = asyncio.create_task(go_on())
        try:
            yield
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def until_so(self, so: Callable[[], object], seconds: float = 60.0) -> None:
        """Go on while something else reads."""
        await until(so, seconds)

    def take_all(self, number: int) -> None:
        """Take what was said meanwhile, and from now on everything."""
        self.taking = True
        self.say(Taken(id=number, count=len(self.said[number])))

    def type(self, number: int, text: str) -> None:
        self.say(Input(id=number, data=text.encode()))

    async def shows(self, number: int, text: str) -> str:
        """All that the session said, once that is part of it."""
        await self.until(lambda: text.encode() in self.said.get(number, b""))
        return self.said[number].decode("utf-8", "replace")

    def entries(self) -> list[audit.Entry]:
        """What was written to the audit log."""
        return list(audit.entries(self.audit_path)) if self.audit_path.exists() else []
