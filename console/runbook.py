"""Commands about orders for many hosts: what begins one, and what finds it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.commands import Argument, Command
from console.fanout import KINDS

if TYPE_CHECKING:
    from console.screens.deck import Deck


def _no_offers(deck: Deck, begun: str) -> Iterable[str]:
    return ()


def run_commands() -> list[Command]:
    """All of them."""
    return [
        Command(
            id="run",
            keys=("exclamation_mark",),
            title="run",
            description="Run a command on the marked hosts or on this one: on one, on some, then on all",
            group="Actions",
            kinds=KINDS,
            footer=True,
            argument=Argument(lambda deck, words: deck.fleet_app.fanouts.run(deck, words), _no_offers),
            run=lambda deck: deck.fleet_app.fanouts.run(deck, ""),
            why_not=lambda deck: deck.fleet_app.fanouts.why_not(deck),
        ),
        Command(
            id="put",
            keys=(),
            title="put a file",
            description="Put a file of this machine on the marked hosts or on this one: :put FILE PATH",
            group="Actions",
            kinds=KINDS,
            argument=Argument(lambda deck, words: deck.fleet_app.fanouts.put(deck, words), _no_offers),
            run=lambda deck: deck.fleet_app.fanouts.put(deck, ""),
            why_not=lambda deck: deck.fleet_app.fanouts.why_not(deck),
        ),
        Command(
            id="get",
            keys=(),
            title="fetch a file",
            description="Fetch a file from each of the marked hosts or from this one: :get PATH",
            group="Actions",
            kinds=KINDS,
            argument=Argument(lambda deck, words: deck.fleet_app.fanouts.get(deck, words), _no_offers),
            run=lambda deck: deck.fleet_app.fanouts.get(deck, ""),
            why_not=lambda deck: deck.fleet_app.fanouts.why_not(deck),
        ),
        Command(
            id="runs",
            keys=(),
            title="runs",
            description="Commands that were run on hosts or still run: what they said, folded",
            group="Look",
            run=lambda deck: deck.fleet_app.fanouts.show(),
        ),
    ]
