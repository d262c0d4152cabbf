"""The machine under a node, as what is shown of the node and of its pods tells of it."""

from __future__ import annotations

from collections.abc import Callable

from console.item import Item
from console.views import machine
from console.views.ages import UNKNOWN
from console.views.kinds import SortValue, worst_first
from widgets.cells import Cell


def instance_cell(node: Item | None, now: float) -> Cell:
    """`● running 2/2`, `✕ stopped 40s · spot reclaimed`; with `~` where it is a guess."""
    if node is None or node.instance is None:
        return UNKNOWN
    cell = machine.summary_cell(node.instance, now)
    return Cell(f"{cell.text} ~", cell.tone) if node.guessed else cell


def instance_order(node: Item | None) -> SortValue:
    """Sorts by the machine: the worst first."""
    if node is None or node.instance is None:
        return None
    return worst_first(machine.trouble(node.instance), node.instance.obj.state)


def of_machine(field: str) -> Callable[[Item], str]:
    """Reads a word of a node's instance, "" where there is none."""

    def word(node: Item) -> str:
        return str(getattr(node.instance.obj, field)) if node.instance is not None else ""

    return word


def zone_of(node: Item) -> str:
    """Where it is: as the node is labelled, else as its machine says."""
    return node.obj.zone or of_machine("zone")(node)


def type_of(node: Item) -> str:
    """The type of the machine, as the node is labelled, else as the machine says."""
    return node.obj.instance_type or of_machine("type")(node)


def status_sentence(node: Item, now: float) -> str:
    """`NotReady: instance stopped 40s ago, spot reclaimed`; the status alone while its machine is well."""
    status = node.obj.status.removesuffix(",SchedulingDisabled") or "Unknown"
    happened = machine.sentence(node.instance, now) if node.instance is not None else ""
    return f"{status}: {happened}" if happened else status


def instance_facts(node: Item | None, now: float) -> list[tuple[str, Cell]]:
    """Which machine it is, how it is, and whether that is a guess."""
    if node is None or node.instance is None:
        return [("instance", UNKNOWN)]
    guess = [("", Cell("a guess by its address", "warn"))] if node.guessed else []
    return [
        ("instance", instance_cell(node, now)),
        *guess,
        ("instance id", Cell(node.instance.ref.uid)),
    ]
