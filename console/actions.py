"""From a key to an outcome: the console's half of an action. The engine does the work and says no."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from console.commands import Command
from console.fleet import Fleet
from console.query import QueryError, compile_query
from providers.model import ActionSpec, Ref
from providers.stream import Body, Failed, Propose
from providers.stream import Command as StreamCommand

Send = Callable[[StreamCommand], bool]
"""False when there is no engine to send it to right now."""


class Answers:
    """Pairs each command that was sent with the frame that answers it, by id."""

    def __init__(self, send: Send, unsent: str = "no engine is there") -> None:
        self._send = send
        self._unsent = unsent
        self._waiting: dict[int, asyncio.Future[Body]] = {}

    async def ask(self, command: StreamCommand, id: int, timeout: float = 30.0) -> Body:
        """Send the command and wait for its answer; a Failed when none comes in time (seconds)."""
        future: asyncio.Future[Body] = asyncio.get_running_loop().create_future()
        self._waiting[id] = future
        try:
            if not self._send(command):
                return Failed(id=id, detail=f"nothing was sent: {self._unsent}")
            return await asyncio.wait_for(future, timeout)
        except TimeoutError:
            return Failed(
                id=id, detail=f"no answer from the engine within {timeout:.0f} s", remedy="try again"
            )
        finally:
            self._waiting.pop(id, None)

    def settle(self, id: int, body: Body) -> bool:
        """Hand an answer to whoever waits for it; whether somebody did."""
        future = self._waiting.get(id)
        if future is None or future.done():
            return False
        future.set_result(body)
        return True

    def abandon(self, detail: str) -> None:
        """The engine is gone: nobody will be answered."""
        for id, future in self._waiting.items():
            if not future.done():
                future.set_result(Failed(id=id, detail=detail))


def why_not(spec: ActionSpec, refs: Sequence[Ref], fleet: Fleet, read_only: bool, now: float) -> str:
    """Why the action makes no sense on these objects; "" when it does on one of them at least."""
    if read_only:
        return "read-only"
    if not refs:
        return "nothing is under the cursor"
    reasons = [_reason(spec, ref, fleet, now) for ref in refs]
    return reasons[0] if all(reasons) else ""


def _reason(spec: ActionSpec, ref: Ref, fleet: Fleet, now: float) -> str:
    item = fleet.item(ref)
    if item is None:
        return "it is gone"
    if not item.source.live:
        return f"{item.source.info.name} is not live"
    for text, reason in spec.unless:
        try:
            if compile_query(text, ref.kind, now).matches(item):
                return reason
        except QueryError:
            continue  # a newer engine's filter that this console does not know can't forbid a key
    return ""


def command_of(spec: ActionSpec) -> Command:
    """The engine's action as a command of the deck."""
    return Command(
        id=spec.name,
        keys=(spec.key,),
        title=spec.title,
        description=spec.description,
        group="Actions",
        run=lambda deck: deck.act(spec),
        why_not=lambda deck: deck.why_not_act(spec),
        kinds=spec.kinds,
        footer=True,
        words=(spec.name,),
    )


def commands_of(specs: Iterable[ActionSpec]) -> Iterator[Command]:
    """The commands of those actions; for what a person words the console has its own."""
    return (command_of(spec) for spec in specs if not spec.worded)


def propose(spec: ActionSpec, refs: Sequence[Ref], id: int) -> Propose:
    """The question to the engine: what would this do to these objects?"""
    return Propose(id=id, action=spec.name, refs=tuple(refs))
