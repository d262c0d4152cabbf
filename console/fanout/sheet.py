"""What is read of a group of hosts: its output, beside that of another group where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.fanout.fanout import Fanout
from console.fanout.folding import Row, beside
from console.fanout.groups import Group
from widgets.measure import fit

TWO_COLUMNS = 160
"""Cells from which two groups stand side by side."""
SAME, DIFFERS = "  ", "≠ "
_BETWEEN = " │ "


class Sheet(NamedTuple):
    """Lines ready to be drawn, and which of them are not the same in both groups."""

    caption: str
    lines: tuple[str, ...] = ()
    lit: frozenset[int] = frozenset()


def sheet(fanout: Fanout, groups: Sequence[Group], selected: Group, width: int) -> Sheet:
    """The selected group held against the one that most hosts agree on; that one against the first other."""
    standard = _standard(groups)
    if selected == standard or standard is None:
        other = next((each for each in groups if each != selected and each.spoke), None)
        left, right = selected, other
    else:
        left, right = standard, selected
    if right is None or not selected.spoke:
        return _alone(fanout, selected)
    rows = beside(fanout.lines(left), fanout.lines(right))
    if width >= TWO_COLUMNS:
        return _columns(left, right, rows, width)
    return _one(selected, left, right, rows)


def _standard(groups: Sequence[Group]) -> Group | None:
    """The largest of those that went well and said something, or else of all that did."""
    speaking = [group for group in groups if group.spoke]
    return max(speaking, key=lambda group: (group.standing == "done", len(group.refs)), default=None)


def _alone(fanout: Fanout, group: Group) -> Sheet:
    return Sheet(group.heading, tuple(f"{SAME}{line}" for line in fanout.lines(group)))


def _columns(left: Group, right: Group, rows: Sequence[Row], width: int) -> Sheet:
    column = (width - len(SAME) - len(_BETWEEN)) // 2
    lines = tuple(
        f"{DIFFERS if row.differs else SAME}{fit(row.left or '', column)}{_BETWEEN}{row.right or ''}"
        for row in rows
    )
    caption = f"{SAME}{fit(left.heading, column)}{_BETWEEN}{right.heading}"
    return Sheet(caption, lines, _lit(rows))


def _one(selected: Group, left: Group, right: Group, rows: Sequence[Row]) -> Sheet:
    """The selected one alone: a line that the other has and it has not can't be shown."""
    kept = [row for row in rows if (row.right if selected == right else row.left) is not None]
    other = left if selected == right else right
    lines = tuple(
        f"{DIFFERS if row.differs else SAME}{row.right if selected == right else row.left}" for row in kept
    )
    return Sheet(f"{selected.heading} · {DIFFERS}not so on {other.names}", lines, _lit(kept))


def _lit(rows: Sequence[Row]) -> frozenset[int]:
    return frozenset(number for number, row in enumerate(rows) if row.differs)
