"""How a node is: ready, pressed, cordoned, and whether its machine is still there."""

from __future__ import annotations

from console.item import Item
from console.views import machine
from console.views.ages import age
from console.views.kinds import Trouble
from providers.model import Condition, Node
from widgets.cells import Cell

_READY = Trouble(0, "good", "●")
_CORDONED = Trouble(1, "warn", "⊘", ("cordoned",))
_PRESSED = Trouble(2, "warn", "◐", ("under pressure",))
_PRESSED_CORDONED = Trouble(2, "warn", "◐", ("under pressure", "cordoned"))
_MACHINE_LOST = Trouble(2, "warn", "◐", ("on a lost machine",))
_MACHINE_GOING = Trouble(2, "warn", "◐", ("losing its machine",))
_NOT_READY = Trouble(3, "bad", "✕", ("not ready",))
_NOT_READY_CORDONED = Trouble(3, "bad", "✕", ("not ready", "cordoned"))
_UNKNOWN = Trouble(3, "bad", "?", ("not ready",))
_UNKNOWN_CORDONED = Trouble(3, "bad", "?", ("not ready", "cordoned"))


def trouble(item: Item) -> Trouble:
    """Not ready is worst, then pressure and a machine that is gone, then a cordon."""
    node: Node = item.obj
    if node.ready is None:
        return _UNKNOWN_CORDONED if node.unschedulable else _UNKNOWN
    if not node.ready:
        return _NOT_READY_CORDONED if node.unschedulable else _NOT_READY
    if any(unwell(condition) for condition in node.conditions):
        return _PRESSED_CORDONED if node.unschedulable else _PRESSED
    if item.instance is not None and machine.trouble(item.instance).severity == 3:
        return _MACHINE_LOST if machine.ended(item.instance) else _MACHINE_GOING
    return _CORDONED if node.unschedulable else _READY


def unwell(condition: Condition) -> bool:
    """A condition that is not as it should be: Ready must be True, every other one not."""
    return condition.status != "True" if condition.type == "Ready" else condition.status == "True"


def _ready_since(node: Node) -> float | None:
    return next((condition.since for condition in node.conditions if condition.type == "Ready"), None)


def status_cell(item: Item, now: float) -> Cell:
    """`● Ready`, `✕ NotReady 40s`, `● Ready ⊘ cordoned`."""
    node: Node = item.obj
    how = trouble(item)
    words = [f"{how.glyph} {node.status.removesuffix(',SchedulingDisabled') or 'Unknown'}"]
    if not node.ready and (since := age(item, _ready_since(node), now)):
        words.append(since)
    words.extend(c.type for c in node.conditions if c.type != "Ready" and unwell(c))
    if node.unschedulable:
        words.append("cordoned" if how.glyph == "⊘" else "⊘ cordoned")
    return Cell(" ".join(words), how.tone)
