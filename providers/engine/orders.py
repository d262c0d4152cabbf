"""What a person worded for many hosts, taken apart: an errand for each, and the content that they share.

Content comes after its Propose, as Input of the session that the order names: in pieces, each of them taken
before more than a WINDOW is on its way, so that keys and plans go on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from providers.actions import Worded
from providers.contract import Problem
from providers.errand import HELD, Content, Errand
from providers.model import Ref
from providers.sessions import Reach
from providers.stream import Body, Input, Order, Propose, Taken

CONTENT_SECONDS = 300.0
"""All of a content has come by then."""


class Orders:
    """Owned by the pipeline. `reach` is called when the first host is reached, and not before."""

    def __init__(self, reach: Callable[[], Reach], send: Callable[[Body], None]) -> None:
        self._reach = reach
        self._send = send
        self._intakes: dict[int, _Intake] = {}

    def expect(self, cmd: Propose) -> None:
        """What follows the Propose at once is its content."""
        if cmd.order is not None and cmd.order.stdin:
            self._intakes[cmd.order.stdin] = _Intake()

    def take(self, piece: Input) -> bool:
        """Whether the piece is of a content that is awaited."""
        if (intake := self._intakes.get(piece.id)) is None:
            return False
        intake.add(piece)
        self._send(Taken(id=piece.id, count=len(piece.data)))
        return True

    async def errands(self, cmd: Propose, action: Worded) -> Mapping[Ref, Errand]:
        """One for each of the refs, of what is expected. Raises Problem where nothing can be carried out."""
        order = cmd.order
        if order is None:
            raise Problem(f"{action.spec.title}: nothing says what is to be done", "say it as an order")
        try:
            return await self._taken_apart(cmd, order, action)
        finally:
            self._intakes.pop(order.stdin, None)

    async def _taken_apart(self, cmd: Propose, order: Order, action: Worded) -> Mapping[Ref, Errand]:
        if tuple(target.ref for target in order.targets) != cmd.refs:
            raise Problem(f"{action.spec.title}: the targets are not those of the objects")
        if wrong := action.wrong(order):
            raise Problem(f"{action.spec.title}: {wrong}")
        content = Content(await self._content(order.stdin))
        await asyncio.to_thread(lambda: content.words)  # 64 MB are hashed in a tenth of a second
        return {
            target.ref: Errand(
                plan=cmd.id,
                target=target,
                order=order,
                content=content,
                reach=self._reach,
                tell=self._send,
            )
            for target in order.targets
        }

    async def _content(self, session: int) -> bytes:
        if not session:
            return b""
        try:
            async with asyncio.timeout(CONTENT_SECONDS):
                return await self._intakes[session].whole
        except TimeoutError:
            raise Problem(f"the content did not come within {CONTENT_SECONDS:.0f} s") from None


class _Intake:
    """A content on its way."""

    def __init__(self) -> None:
        self.whole: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._data = bytearray()

    def add(self, piece: Input) -> None:
        if self.whole.done():
            return
        self._data += piece.data
        if len(self._data) > HELD:
            told = f"the content is over {HELD >> 20} MB, which is all that is held"
            self.whole.set_exception(Problem(told, "rsync and scp copy larger files"))
        elif piece.end:
            self.whole.set_result(bytes(self._data))
