"""The way into a container: a shell beside what runs there."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Executes, Session, Size
from providers.shell import SHELL
from providers.stream import Purpose
from providers.ways import Where, containers


class Exec:
    """A shell in a container of a pod."""

    name = "exec"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each container; only into those that run it is open."""
        if not isinstance(where.source, Executes):
            return ()
        like = Offer(way=self.name, title="shell in", detail="bash where there is one, else sh")
        return await containers.offers(where.source, where.target.ref, "exec", like)

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""
        if not isinstance(where.source, Executes):
            raise Refused(f"{where.target.label} has no containers")
        return await where.source.execute(where.target.ref, choice, SHELL, size)


ways = (Exec(),)
