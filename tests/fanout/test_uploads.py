"""Contents on their way from the console: each goes on by what was taken of it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from console.fanout.fanout import Fanout
from console.fanout.upload import Upload
from console.fanouts import Fanouts
from providers.stream import WINDOW, Input, Order, Taken


async def test_two_at_once_both_arrive() -> None:
    sent: list[Input] = []

    async def ask(*_: Any) -> None:
        await asyncio.Event().wait()

    link = SimpleNamespace(next_id=lambda: 1, send=sent.append)
    fanouts = Fanouts(SimpleNamespace(link=link, answers=SimpleNamespace(ask=ask)))  # type: ignore[arg-type]
    order = Order(targets=(), path="/etc/app.conf")
    working = [
        asyncio.create_task(fanouts._begin(Fanout("put", order, 0.0), Upload(session, bytes(3 * WINDOW))))
        for session in (7, 8)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for piece in sent:  # grows as more of them is taken
        assert fanouts.taken(Taken(id=piece.id, count=len(piece.data)))
    assert sorted(piece.id for piece in sent if piece.end) == [7, 8]
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    assert not fanouts.taken(Taken(id=7, count=1))
