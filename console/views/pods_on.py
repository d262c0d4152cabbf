"""How many pods a node has, where that is known: zero, unknown and forbidden look different."""

from __future__ import annotations

from console.item import Item
from console.views.ages import UNKNOWN
from widgets.cells import Cell


def pod_count(node: Item) -> int | None:
    """Pods bound to it; None while not all pods of its cluster are known."""
    if node.pods is None or "pod" not in node.source.complete:
        return None
    return len(node.pods)


def pods_cell(node: Item) -> Cell:
    """The number; `≥31` where more may be, `denied` where pods may not be listed, else unknown."""
    count = pod_count(node)
    if count is not None:
        return Cell(str(count))
    health = node.source.health_of("pod")
    if health.state == "denied":
        return Cell("denied", "warn")
    if node.pods and health.state not in ("connecting", "loading"):
        return Cell(f"≥{len(node.pods)}", "dim")
    return UNKNOWN
