"""Which ways lead to a target: every way asked at once, within a bound, the preferred first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

import msgspec

from providers.contract import Problem, Refused
from providers.model import Offer, Target
from providers.stream import Open, Purpose
from providers.text import clean
from providers.ways import Way, Where

log = logging.getLogger(__name__)

ASK_SECONDS = 5.0
"""For one way to say whether it is open."""


def for_target(ways: Iterable[Way], target: Target, purpose: Purpose) -> list[Way]:
    """Those that serve the purpose on that kind, the preferred first."""
    fitting = [way for way in ways if way.purpose == purpose and target.ref.kind in way.kinds]
    return sorted(fitting, key=lambda way: _rank(way.name, target))


def _rank(name: str, target: Target) -> int:
    return target.prefer.index(name) if name in target.prefer else len(target.prefer)


async def all_offers(ways: Sequence[Way], where: Where) -> tuple[Offer, ...]:
    """Every way, the open ones first and of those the preferred."""
    asked = await asyncio.gather(*(_offers(way, where) for way in ways))
    offers = [offer for answer in asked for offer in answer]
    return tuple(sorted(offers, key=lambda offer: bool(offer.refused)))


async def choose(ways: Sequence[Way], where: Where, command: Open) -> tuple[Way, Offer]:
    """The way that was asked for, or the first that is open and leaves nothing behind. Raises Refused.

    A way is not waited for when a preferred one is open already.
    """
    named = [way for way in ways if command.way in ("", way.name)]
    asking = [asyncio.create_task(_offers(way, where)) for way in named]
    closed: list[Offer] = []
    try:
        for way, task in zip(named, asking, strict=True):
            for offer in await task:
                if not _meant(offer, command.choice):
                    continue
                if not offer.refused and (command.way or not offer.typed):
                    return way, _confirmed(offer, command)
                closed.append(offer)
    finally:
        for task in asking:
            task.cancel()
    raise _no_way(where.target, command, closed)


def _meant(offer: Offer, choice: str) -> bool:
    """A way that is closed as a whole is closed for every choice."""
    return choice in ("", offer.choice) or (bool(offer.refused) and not offer.choice)


def _confirmed(offer: Offer, command: Open) -> Offer:
    if offer.typed and command.typed.strip() != offer.typed:
        raise Refused(f"not confirmed: type {offer.typed}", offer.detail)
    return offer


def _no_way(target: Target, command: Open, closed: Sequence[Offer]) -> Refused:
    label = clean(target.label)
    if not closed:
        asked = f"{command.way} {command.choice}".strip()
        return Refused(f"{label} has no way {clean(asked)!r}" if asked else f"there is no way into {label}")
    refused = [offer for offer in closed if offer.refused]
    if not refused:
        return Refused(f"{label}: {closed[0].title} is to be chosen by hand", closed[0].detail)
    told = "; ".join(f"{offer.title}: {offer.refused}" for offer in refused)
    return Refused(told, next((offer.remedy for offer in refused if offer.remedy), ""))


async def _offers(way: Way, where: Where) -> Sequence[Offer]:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return [_cleaned(offer) for offer in await way.offers(where)]
    except TimeoutError:
        return [_refused(way, f"it did not answer within {ASK_SECONDS:.0f} s", "try again")]
    except Problem as problem:
        return [_refused(way, clean(problem.detail), clean(problem.remedy))]
    except Exception as error:  # a stranger's code
        log.exception("internal error in the way %s", way.name)
        said = clean(f"internal error: {type(error).__name__}: {error}", limit=400)
        return [_refused(way, said, "--log-file keeps where it happened")]


def _refused(way: Way, why: str, remedy: str) -> Offer:
    return Offer(way=way.name, title=way.name, refused=why, remedy=remedy)


def _cleaned(offer: Offer) -> Offer:
    return msgspec.structs.replace(
        offer,
        title=clean(offer.title),
        detail=clean(offer.detail),
        refused=clean(offer.refused),
        remedy=clean(offer.remedy),
    )
