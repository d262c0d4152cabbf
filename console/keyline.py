"""The key line: what can be pressed where the keys are, the likeliest first, and why some can't."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.commands import Command, Registry
from console.contexts import SHELLS
from console.keynames import shown_key
from console.views import VIEWS
from widgets.cells import Cell

if TYPE_CHECKING:
    from console.app import Quarterdeck
    from console.screens.deck import Deck

_PLACES = {"Shells": 0, "Actions": 0, "Walk": 2}
"""Where groups stand in the key line, all others between: what a narrow terminal cuts off comes last."""
_DENIED = 1.5
"""Where actions stand that a read-only engine refuses."""
_ROOMY = 120
"""Columns from which the key line says why a key can't be used."""


def key_line(app: Quarterdeck, kind: str, deck: Deck) -> list[Cell]:
    """The footer for a pane or context of that kind: what can't be done now is dim and says why.

    Without help, which has its place at the right: a narrow terminal must not cut it off.
    """
    cells: list[Cell] = []
    roomy = app.size.width >= _ROOMY
    shown = [c for c in app.registry.commands.values() if c.shown(kind) and c.id != "help"]
    pairs = sorted(
        ((c, c.why_not(deck)) for c in shown), key=lambda pair: _place(*pair, read_only=app.read_only)
    )
    after = [*(reason for _, reason in pairs[1:]), ""]
    for (command, reason), next_reason in zip(pairs, after, strict=True):
        told = reason and roomy and command.group == "Actions" and reason != next_reason
        cells.append(Cell(f" {shown_key(command.keys[0])}", "dim" if reason else "accent"))
        cells.append(Cell(f" {command.title}{f' (no: {reason})' if told else ''} ", "dim" if reason else ""))
    return cells


def help_key(app: Quarterdeck, kind: str) -> list[Cell]:
    """How to get to help, where its key works."""
    command = app.registry.commands["help"]
    if not command.keys or not command.fits(kind):
        return []
    return [Cell(f" {shown_key(command.keys[0])}", "accent"), Cell(" help ")]


def not_here(registry: Registry, key: str, panes: Iterable[str]) -> str:
    """What a key of other panes is for, in words; "" for one that is no key anywhere."""
    command = registry.elsewhere(key)
    if command is None:
        return ""
    kinds = command.kinds or [kind for kind in panes if command.fits(kind)]
    titles = [VIEWS[kind].title.lower() for kind in kinds if kind in VIEWS]
    titles += ["the shells' tabs"] if SHELLS in kinds else []
    return f"{shown_key(key)} ({command.title}) is for {_listed(titles)}"


def _listed(words: list[str]) -> str:
    """`nodes`, `nodes and pods`, `nodes, instances and pods`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "other panes"


def _place(command: Command, reason: str, *, read_only: bool) -> float:
    """Where it stands: for one who may only look, what looks stands first."""
    denied = read_only and reason and command.group == "Actions"
    return _DENIED if denied else _PLACES.get(command.group, 1)
