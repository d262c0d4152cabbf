"""From a key on a pod to a port on this machine's loopback: asked for, named, and told."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from console.forwards import Forward, PortError, listening, ports_of
from console.item import Item
from console.targets import target_of
from console.workloads import workload_of
from providers.model import Offer
from providers.text import clean

if TYPE_CHECKING:
    from console.app import Quarterdeck


class Ports:
    """Begins forwards and shows them."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app

    def begin(self, item: Item) -> None:
        """Ask for the port of that pod, and listen."""
        self.app.opening.start(self._begin(item))

    async def _begin(self, item: Item) -> None:
        target = target_of(item, self.app.rules)
        offers = await self.app.opening.offers(target, "forward")
        if offers is None:
            return
        open = [offer for offer in offers if not offer.refused]
        if not open:
            closed = offers[0] if offers else Offer(way="", title="", refused="it has no ports")
            self.app.errands.complain(f"forward to {clean(target.label)}: {closed.refused}", closed.remedy)
            return
        names = {offer.alias: offer.choice for offer in reversed(open) if offer.alias}
        known = [word for offer in open for word in (offer.choice, offer.alias) if word]

        def answer(text: str) -> str:
            try:
                here, port = ports_of(text or (known[0] if known else ""), names)
                local = listening(here)
            except PortError as error:
                return str(error)
            forward = Forward(target, workload_of(item), open[0].way, port)
            self.app.opening.start(self._listen(forward, local))
            return ""

        self.app.deck.prompts.ask_line(
            "port, or local:port ",
            answer,
            complete=lambda begun: [port for port in known if port.startswith(begun)],
            menu=True,
        )

    async def _listen(self, forward: Forward, local: socket.socket) -> None:
        await self.app.desk.forwards.begin(forward, local)
        self.app.say(f"{forward.address} leads to port {forward.port} of {clean(forward.name)}")

    def show(self, item: Item | None = None) -> None:
        """All of them, or those of one pod."""
        from console.screens.forwards import ForwardsScreen

        self.app.push_screen(ForwardsScreen(self.app, item))
