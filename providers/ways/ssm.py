"""The way by AWS Session Manager: no port is open, no key is needed, and AWS keeps who was there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from providers.contract import Problem, Refused
from providers.model import Kind, Offer, Ref
from providers.pty import Pty, start
from providers.sessions import Ending, Refusal, Session, Size, StartsSessions
from providers.stream import Purpose
from providers.ways import Where

_BACK_SECONDS = 0.5
_LOOK = "what it printed says why; CloudTrail and the agent's log on the machine know more"


@dataclass(frozen=True)
class Ssm:
    """A terminal on an instance, or on the instance under a node."""

    name: str = "ssm"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("instance", "node")

    async def offers(self, where: Where) -> Sequence[Offer]:
        """Closed where the plug-in is missing or the machine's agent does not answer."""
        place = _place(where)
        if place is None:
            return ()
        source, machine = place
        refusal = await source.may_start(machine)
        detail = f"to {machine.uid}, as ssm-user"
        offer = Offer(way=self.name, title="Session Manager", detail=detail)
        return (_closed(offer, refusal) if refusal else offer,)

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""
        place = _place(where)
        if place is None:
            raise Refused(f"{where.target.label} is no machine that Session Manager knows")
        source, machine = place
        await where.sends(_sent(machine), "ssm-user")
        started = await source.start_session(machine)
        try:
            pty = start(started.command, size, started.environment)
        except Problem:
            await _give_back(source, machine, started.id)
            raise
        return _Held(pty, source, machine, started.id)


class _Held:
    """The program's terminal; when it ends, what AWS holds for it is given back."""

    def __init__(self, pty: Pty, source: StartsSessions, machine: Ref, id: str) -> None:
        self.sent = _sent(machine)
        self.read, self.write, self.end, self.resize = pty.read, pty.write, pty.end, pty.resize
        self._pty, self._source, self._machine, self._id = pty, source, machine, id
        self._given_back = False

    async def ended(self) -> Ending:
        """Waits for the program's end."""
        ending = await self._pty.ended()
        await self._give_back()
        if ending.status:
            return Ending(ending.status, f"session-manager-plugin ended with status {ending.status}", _LOOK)
        return ending

    async def close(self) -> None:
        """End it now; AWS is told, for as long as that may take here."""
        await asyncio.gather(self._pty.close(), self._give_back())

    async def _give_back(self) -> None:
        if not self._given_back:
            self._given_back = True
            await _give_back(self._source, self._machine, self._id)


async def _give_back(source: StartsSessions, machine: Ref, id: str) -> None:
    """As well as it can be: AWS ends what is silent by itself, after twenty minutes."""
    with suppress(Problem, TimeoutError):
        async with asyncio.timeout(_BACK_SECONDS):
            await source.end_session(machine, id)


def _sent(machine: Ref) -> str:
    return f"ssm start-session --target {machine.uid}"


def _place(where: Where) -> tuple[StartsSessions, Ref] | None:
    machine = where.target.machine
    if machine is None or not isinstance(where.machine, StartsSessions):
        return None
    return where.machine, machine


def _closed(offer: Offer, refusal: Refusal) -> Offer:
    return msgspec.structs.replace(offer, refused=refusal.detail, remedy=refusal.remedy)


ways = (Ssm(),)
