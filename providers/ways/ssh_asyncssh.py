"""The way by the engine's own connections: for where there is no ssh, or one to the host stands already."""

from __future__ import annotations

from collections.abc import Sequence

from providers.contract import Refused
from providers.destination import login
from providers.model import Kind, Offer
from providers.sessions import Session, Size
from providers.stream import Purpose
from providers.ways import Where
from providers.ways.ssh import arguments


class SharedSsh:
    """A login shell. Comes after the system's ssh, which has the whole of the user's configuration."""

    name = "asyncssh"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("node", "instance", "host")

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One: open where there is an address, and every word is one that may be used."""
        title = "SSH by the engine"
        try:
            arguments(where.target)
        except Refused as refused:
            return [Offer(way=self.name, title=title, refused=refused.detail, remedy=refused.remedy)]
        detail = f"a login shell as {login(where.target)}, over the engine's own connection"
        return [Offer(way=self.name, title=title, detail=detail, spare=True, ssh=True)]

    async def open(self, where: Where, choice: str, size: Size, rest: Sequence[str]) -> Session:
        """A shell on a connection that is kept; what is to be asked is asked of the person."""
        arguments(where.target)
        await where.sends(f"SSH shell as {login(where.target)}", where.target.user)
        return await where.reach.shell(where.target, size)


ways = (SharedSsh(),)
