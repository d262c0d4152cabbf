"""The way to what a container runs already: its output as it comes, and its input where it takes any."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Executes, Session, Size
from providers.stream import Purpose
from providers.ways import Where, containers

_HEARD = "what is typed goes to its main process, which ctrl-c may end"
_UNHEARD = "what its main process prints; it takes no input (stdin: false), so nothing is typed"


class Attach:
    """The main process of a container."""

    name = "attach"
    purpose: Purpose = "attach"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each container."""
        if not isinstance(where.source, Executes):
            return ()
        like = Offer(way=self.name, title="attach to", detail=_HEARD)
        deaf = Offer(way=self.name, title="attach to", detail=_UNHEARD, deaf=True)
        return await containers.offers(where.source, where.target.ref, "attach", like, deaf=deaf)

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""
        if not isinstance(where.source, Executes):
            raise Refused(f"{where.target.label} has no containers")
        return await where.source.attach(where.target.ref, choice, size)


ways = (Attach(),)
