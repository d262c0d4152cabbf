"""What the ways into containers have in common: one offer for each container, with its part and its state."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec

from providers.model import Offer, Ref
from providers.sessions import Container, Executes

What = Literal["exec", "attach", "logs", "forward"]
_LOOK = "look at its logs, or at the events of the pod where it never ran"


async def offers(
    source: Executes,
    ref: Ref,
    what: What,
    like: Offer,
    *,
    deaf: Offer | None = None,
    ended: bool = False,
) -> list[Offer]:
    """Each `like` that one, with the container after its title, or like `deaf` for those that take no input.

    Open where the container runs, or with `ended` whatever it does. Raises Refused when the pod is gone.

    What may not be done is asked while the containers are read.
    """
    found, denied = await asyncio.gather(source.containers(ref), source.may(ref, what))
    made = [_offer(each, like if each.takes_input else deaf or like, ended) for each in found]
    return [_denied(offer, denied) for offer in made] if denied else made


def titled(container: Container) -> str:
    """Its name, with its part in the pod where that is another than most have."""
    role = "" if container.role == "container" else f" ({container.role} container)"
    return f"{container.name}{role}"


def _offer(container: Container, like: Offer, ended: bool) -> Offer:
    title = f"{like.title} {titled(container)}"
    offer = msgspec.structs.replace(like, title=title, choice=container.name)
    if container.state == "running" or ended:
        return offer
    state = {"terminated": "has ended", "waiting": "is waiting"}.get(container.state, "has not started")
    why = f": {container.reason}" if container.reason else ""
    return msgspec.structs.replace(
        offer, refused=f"{container.name} {state}{why}", remedy=container.remedy or _LOOK
    )


def _denied(offer: Offer, denied: str) -> Offer:
    return msgspec.structs.replace(
        offer, refused=denied, remedy="ask for the right, or use a context that has it"
    )
