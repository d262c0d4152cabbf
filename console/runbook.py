"""Commands about orders for many hosts: what begins one, and what finds it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from console.commands import Argument, Command
from console.fanout import KINDS

if TYPE_CHECKING:
    from console.screens.deck import Deck


def _no_offers(deck: Deck, begun: str) -> Iterable[str]:
    return ()


def _order(
    id: str,
    title: str,
    description: str,
    begin: Callable[[Deck, str], None],
    *,
    keys: tuple[str, ...] = (),
    footer: bool = False,
) -> Command:
    """What begins an order for the marked hosts or for this one, with the words that follow it after `:`."""
    return Command(
        id=id,
        keys=keys,
        title=title,
        description=description,
        group="Actions",
        kinds=KINDS,
        footer=footer,
        argument=Argument(begin, _no_offers),
        run=lambda deck: begin(deck, ""),
        why_not=lambda deck: deck.fleet_app.fanouts.why_not(deck),
    )


def run_commands() -> list[Command]:
    """All of them."""
    return [
        _order(
            "run",
            "run",
            "Run a command on the marked hosts or on this one: on one, on some, then on all",
            lambda deck, words: deck.fleet_app.fanouts.run(deck, words),
            keys=("exclamation_mark",),
            footer=True,
        ),
        _order(
            "put",
            "put a file",
            "Put a file of this machine on the marked hosts or on this one: :put FILE PATH",
            lambda deck, words: deck.fleet_app.fanouts.put(deck, words),
        ),
        _order(
            "get",
            "fetch a file",
            "Fetch a file from each of the marked hosts or from this one: :get PATH",
            lambda deck, words: deck.fleet_app.fanouts.get(deck, words),
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
