"""Which of the ways that are open is taken without asking, and what is tried after one that failed."""

from __future__ import annotations

from collections.abc import Sequence

from providers.model import Offer, Target
from providers.stream import Purpose

Chosen = tuple[str, str]
"""A way and its choice."""


def decide(offers: Sequence[Offer], prefer: Sequence[str], last: Chosen | None = None) -> Offer | None:
    """The offer to take at once, None when the person is to be asked.

    What is configured goes before what was chosen last; a way that wants a word typed is never taken unless
    it was named, a spare one only when there is no other.
    """
    free = [offer for offer in offers if not offer.refused]
    for way in prefer:
        if found := next((offer for offer in free if offer.way == way), None):
            return found
    free = [offer for offer in free if not offer.typed]
    if again := next((offer for offer in free if (offer.way, offer.choice) == last), None):
        return again
    worth = [offer for offer in free if not offer.spare] or free
    return worth[0] if len(worth) == 1 else None


def named(offers: Sequence[Offer], words: str) -> list[Offer]:
    """The offers that "ssh" or "exec CONTAINER" means; every one of a way when only that is said."""
    way, _, choice = words.strip().partition(" ")
    return [o for o in offers if o.way == way and (not choice or o.choice == choice.strip())]


def after(offers: Sequence[Offer], failed: Offer, *, final: bool = False) -> Offer | None:
    """The next open way that needs no word, after the one that failed; never another choice of the same.

    `final`: the host's key was refused, and no other way over SSH would do.
    """
    at = next((i for i, o in enumerate(offers) if (o.way, o.choice) == (failed.way, failed.choice)), -1)
    order = [*offers[at + 1 :], *offers[:at]] if at >= 0 else list(offers)
    order = [offer for offer in order if not (final and offer.ssh)]
    return next((o for o in order if not o.refused and not o.typed and o.way != failed.way), None)


class Memory:
    """What was chosen last in this run, for each source, kind and purpose."""

    def __init__(self) -> None:
        self._chosen: dict[tuple[str, str, str], Chosen] = {}

    def note(self, target: Target, purpose: Purpose, offer: Offer) -> None:
        """A person chose that."""
        self._chosen[target.ref.source, target.ref.kind, purpose] = (offer.way, offer.choice)

    def last(self, target: Target, purpose: Purpose) -> Chosen | None:
        """What was chosen for such an object."""
        return self._chosen.get((target.ref.source, target.ref.kind, purpose))
