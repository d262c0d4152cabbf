"""A console before an engine that says what a test has it say: three pods of one owner, on one node."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import cast

from console.app import Quarterdeck
from console.config import Config
from console.launch import Launch
from console.link import Link
from providers.model import (
    About,
    Began,
    Complete,
    Field,
    Health,
    Node,
    Offer,
    Owner,
    Pod,
    SourceInfo,
    Upserts,
)
from providers.stream import (
    Body,
    Closed,
    Command,
    Failed,
    Frame,
    Hello,
    Input,
    Offered,
    Open,
    Opened,
    Output,
    ProviderChoice,
    Question,
    Reply,
    Shut,
    Taken,
    Ways,
    Welcome,
)
from tests.stories.stage import Session

OWNER = Owner(kind="ReplicaSet", name="api", uid="o1")


def pod(number: int, *, ready: int = 1) -> Pod:
    return Pod(
        uid=f"p{number}", namespace="shop", name=f"api-{number}", status="Running", ready=ready, containers=1,
        node="n1", owner=OWNER,
    )  # fmt: skip


class Scripted:
    """In place of a link: offers what it is told to, opens what it offers, and keeps what is sent."""

    unsent = "the engine is restarting"
    state = "live"
    pid = 0

    def __init__(self, offers: Sequence[Offer], read_only: bool) -> None:
        self.offers = tuple(offers)
        self.sent: list[Command] = []
        self._ids = count(1)
        self._frames: asyncio.Queue[list[Frame]] = asyncio.Queue()
        info = SourceInfo(name="prod", provider="lab", kinds=("node", "pod"), cluster="prod")
        self.tell(Welcome(version="0", pid=1, host="here", read_only=read_only))
        self.tell(About(info), Began("node"), Began("pod"), source="prod")
        self.tell(Upserts((Node(uid="n1", name="n1", status="Ready", ready=True),)), source="prod")
        self.tell(Upserts(tuple(pod(number) for number in range(1, 4))), source="prod")
        self.tell(Complete("node"), Complete("pod"), Health(state="live", since=1.0), source="prod")

    def tell(self, *bodies: Body, source: str = "") -> None:
        """Say that to the console."""
        self._frames.put_nowait([Frame(time.time(), source, body) for body in bodies])

    def next_id(self) -> int:
        return next(self._ids)

    async def frames(self) -> AsyncIterator[list[Frame]]:
        while True:
            yield await self._frames.get()

    async def close(self) -> None:
        pass

    def send(self, command: Command) -> bool:
        self.sent.append(command)
        match command:
            case Ways():
                self.tell(Offered(id=command.id, offers=self.offers))
            case Open():
                self.opens(command)
            case Input():
                self.tell(Taken(id=command.id, count=len(command.data)))
                self.hears(command)
            case Shut():
                self.tell(Closed(id=command.id, status=0))
        return True

    def opens(self, command: Open) -> None:
        """What happens at an Open."""
        self.tell(Opened(id=command.id, way=command.way, sent="sh"), Output(id=command.id, data=b"$ "))

    def hears(self, command: Input) -> None:
        """What happens at an Input: a terminal echoes."""
        self.tell(Output(id=command.id, data=command.data))

    def ask(self, *fields: Field, title: str = "Unknown host key", id: int = 1) -> None:
        """Have the person answer a question."""
        self.tell(Question(id=id, title=title, lines=("SHA256:abc \x1b[31m",), fields=fields, sessions=(2,)))

    def lose(self) -> None:
        """The engine is gone."""
        self.tell(
            Failed(id=0, detail="the engine was killed by signal 9", remedy="another one is being started")
        )

    @property
    def opened(self) -> list[Open]:
        """Every session that was asked for."""
        return [command for command in self.sent if isinstance(command, Open)]

    @property
    def replies(self) -> list[Reply]:
        """Every answer to a question."""
        return [command for command in self.sent if isinstance(command, Reply)]

    def input(self, id: int) -> bytes:
        """What a session was told."""
        return b"".join(c.data for c in self.sent if isinstance(c, Input) and c.id == id)


@asynccontextmanager
async def scene(
    *offers: Offer,
    size: tuple[int, int] = (160, 45),
    link: type[Scripted] = Scripted,
    config: Config | None = None,
    read_only: bool = False,
) -> AsyncIterator[tuple[Session, Scripted]]:
    """A console with the cursor on the first pod."""
    scripted = link(offers, read_only)
    hello = Hello(version="0", providers=(ProviderChoice("lab"),), read_only=read_only)
    app = Quarterdeck(cast("Link", scripted), Launch(hello=hello, config=config or Config()))
    async with app.run_test(size=size, notifications=True) as pilot:
        user = Session(app, pilot)
        await user.until(lambda: user.app.fleet.count("pod") == 3)
        app.tick()
        await pilot.pause()
        await user.until(lambda: user.deck.current is not None)
        yield user, scripted
