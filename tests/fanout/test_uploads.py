"""Contents of orders in the console: on their way each by what was taken of it, and kept within bounds."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from console.fanout.fanout import Fanout
from console.fanout.upload import Upload
from console.fanouts import KEPT, KEPT_BYTES, Fanouts
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


def test_the_oldest_that_are_over_make_room() -> None:
    fanouts = Fanouts(SimpleNamespace())  # type: ignore[arg-type]
    order = Order(targets=(), path="/etc/app.conf")
    small = [Fanout("put", order, float(at), final=at != 0) for at in range(KEPT + 2)]
    for each in small:
        fanouts._keep(each)
    assert [run.at for run in fanouts.runs] == [0.0, *range(3, KEPT + 2)], "the first one still runs"
    large = [Fanout("put", order, 50.0 + at, bytes(KEPT_BYTES // 2), final=True) for at in range(3)]
    for each in large:
        fanouts._keep(each)
    assert [run.at for run in fanouts.runs] == [0.0, 51.0, 52.0]
