"""The way into what is simulated: a shell of the simulation's own, to try the pane on."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Pretends, Session, Size
from providers.stream import Purpose
from providers.ways import Where


class Simulated:
    """Open wherever a source pretends; nothing else leads there."""

    name = "simulated"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("node", "instance", "pod", "host")

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One, where the source is a simulation."""
        if not isinstance(where.source, Pretends):
            return ()
        return [Offer(way=self.name, title="simulated shell", detail="a few words, nothing behind them")]

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused."""
        if not isinstance(where.source, Pretends):
            raise Refused(f"{where.target.label} is not simulated")
        return where.source.pretend(where.target.name or where.target.label, size)


ways = (Simulated(),)
