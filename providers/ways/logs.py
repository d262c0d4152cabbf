"""The ways to what a container prints: of the run that is, and of the run before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Executes, Logs, Session, Size
from providers.stream import Purpose
from providers.ways import Where, containers

_TAIL = 500
"""Lines to begin with."""


@dataclass(frozen=True)
class Log:
    """The last lines of a container, and what follows them."""

    name: str
    title: str
    detail: str
    previous: bool = False
    purpose: Purpose = "logs"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each container, whatever it does: what has ended may well have said why."""
        if not (isinstance(where.source, Executes) and isinstance(where.source, Logs)):
            return ()
        like = Offer(way=self.name, title=self.title, detail=self.detail, deaf=True)
        return await containers.offers(where.source, where.target.ref, "logs", like, ended=True)

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem, also for a container that has not printed anything yet."""
        if not isinstance(where.source, Logs):
            raise Refused(f"{where.target.label} keeps no logs")
        return await where.source.logs(where.target.ref, choice, tail=_TAIL, previous=self.previous)


ways = (
    Log("logs", "logs of", f"the last {_TAIL} lines, then what comes"),
    Log("previous", "previous logs of", f"the last {_TAIL} lines of the run before", previous=True),
)
