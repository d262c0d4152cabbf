"""The way onto a node by its cluster: a pod is made there, and is gone when the shell is."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Debugs, Executes, Session, Size
from providers.stream import Purpose
from providers.ways import Where


class Debug:
    """A root shell in a pod on the node. The node's name is typed first."""

    name = "debug"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("node",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One: its detail says what is made."""
        source, target = where.source, where.target
        if not (isinstance(source, Debugs) and isinstance(source, Executes)):
            return ()
        denied = await source.may(target.ref, "debug")
        return [
            Offer(
                way=self.name,
                title="debug pod",
                detail=source.debug_plan(target.ref),
                refused=denied,
                remedy="ask for the right, or use a context that has it" if denied else "",
                typed=target.name or target.label,
            )
        ]

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""
        if not isinstance(where.source, Debugs):
            raise Refused(f"{where.target.label} is no node of a cluster")
        return await where.source.debug(where.target.ref, size)


ways = (Debug(),)
