"""The way to a port of a pod: one session is one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from providers.contract import Refused
from providers.model import Kind, Offer
from providers.sessions import Executes, Forwards, Session, Size
from providers.stream import Purpose
from providers.ways import Where
from providers.ways.containers import titled


class Forward:
    """Connections to what listens in a pod."""

    name = "forward"
    purpose: Purpose = "forward"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each port that the pod names; where it names none, one without a choice: any will do."""
        source, ref = where.source, where.target.ref
        if not (isinstance(source, Executes) and isinstance(source, Forwards)):
            return ()
        found, denied = await asyncio.gather(source.containers(ref), source.may(ref, "forward"))
        if not denied and not any(each.state == "running" for each in found):
            denied = "no container of it runs"
        detail = "a connection to what listens there"
        any_port = Offer(way=self.name, title="a port", detail=detail, refused=denied)
        return [
            msgspec.structs.replace(
                any_port, title=f"port {port} of {titled(each)}", choice=str(port), alias=name
            )
            for each in found
            for port, name in zip_longest(each.ports, each.port_names, fillvalue="")
        ] or [any_port]

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """To the port in `arguments`, else that of the choice. Raises Refused or Problem."""
        if not isinstance(where.source, Forwards):
            raise Refused(f"{where.target.label} has no ports")
        word = arguments[0] if arguments else choice
        if not (word.isascii() and word.isdigit() and 0 < int(word) < 1 << 16):
            raise Refused(f"{word!r} is no port", "name one between 1 and 65535")
        return await where.source.forward(where.target.ref, int(word))


ways = (Forward(),)
