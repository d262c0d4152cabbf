"""Whether a part of the screen moved up or down: then the terminal can move it, in a few bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import ne
from typing import NamedTuple

_FEWEST_ROWS = 4


class Shift(NamedTuple):
    """Rows top to bottom, both included, move up by `rows` (down, when negative)."""

    top: int
    bottom: int
    rows: int


def find_shift(was: Sequence[Sequence[str]], want: Mapping[int, Sequence[str]]) -> Shift | None:
    """How most of what changes between the screen as it was and the rows wanted came about by moving.

    Both are characters, cell by cell; only the columns in which anything changes are looked at, so
    that a pane moves in spite of its neighbours.
    """
    changed = [y for y, row in want.items() if was[y] != row]
    if len(changed) < _FEWEST_ROWS:
        return None
    differing = [list(map(ne, was[y], want[y])) for y in changed]
    left = min(row.index(True) for row in differing)
    right = max(len(row) - row[::-1].index(True) for row in differing)
    places: dict[str, list[int]] = {}
    for y in range(min(changed), max(changed) + 1):
        places.setdefault("".join(was[y][left:right]), []).append(y)
    votes: Counter[int] = Counter()
    for y in changed:
        # A text that stands in several places (a blank line) says nothing about where it came from.
        source = places.get("".join(want[y][left:right]), ())
        if len(source) == 1:
            votes[source[0] - y] += 1
    if not votes:
        return None
    rows, count = votes.most_common(1)[0]
    if not rows or count < len(changed) // 2:
        return None
    return Shift(min(changed), max(changed), rows)
