"""Commands about orders for many hosts: what begins one, and what finds it again."""

from __future__ import annotations

from console.commands import Command

KINDS = ("node", "instance", "host")
"""What a command can be run on."""


def run_commands() -> list[Command]:
    """Both of them."""
    return [
        Command(
            id="run",
            keys=("exclamation_mark",),
            title="run",
            description="Run a command on the marked hosts or on this one: on one, on some, then on all",
            group="Actions",
            kinds=KINDS,
            footer=True,
            run=lambda deck: deck.fleet_app.fanouts.ask(deck),
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
