"""Many names as one, `node[1-9,12]`, and two texts side by side.

Names are folded where they differ in their numbers and in nothing else; a number keeps its zeros,
`node[01-12]`. A name that has one of `[ ] ,` itself is left as it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_NUMBER = re.compile(r"([0-9]{1,15})")
_GROUP = re.compile(r"\[([0-9]+)[0-9,-]*\]")
_MOST_COMPARED = 400
"""Lines of a text up to which its lines are aligned: comparing takes the square of it, 20 ms for these."""

Parts = tuple[str, ...]
"""A name taken apart at its numbers: text, number, text, … text."""


def fold(names: Iterable[str]) -> str:
    """The names in natural order, those that differ in their numbers made one: "db,web[1-9,12]"."""
    shapes: dict[Parts, list[Parts]] = {}
    folded: list[str] = []
    for name in sorted(set(names), key=natural):
        if set("[],") & set(name):
            folded.append(name)
        else:
            parts = tuple(_NUMBER.split(name))
            shapes.setdefault(parts[::2], []).append(parts)
    for shape in shapes.values():
        folded += ("".join(parts) for parts in _folded(shape))
    return ",".join(sorted(folded, key=lambda text: natural(_GROUP.sub(r"\1", text))))


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """A key that puts node2 before node10."""
    parts = _NUMBER.split(name)
    return [(int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts)], name


def _folded(names: Sequence[Parts]) -> Sequence[Parts]:
    """Folded at each place of a number in turn, first where it leaves the fewest."""
    places = set(range(1, len(names[0]), 2))
    while places:
        # Of equals the last: what is counted stands at the end of a name.
        place = min(places, key=lambda place: (len(_grouped(names, place)), -place))
        places.remove(place)
        groups = _grouped(names, place)
        names = [(*rest[:place], _ranges(numbers), *rest[place + 1 :]) for rest, numbers in groups.items()]
    return names


def _grouped(names: Sequence[Parts], place: int) -> dict[Parts, list[str]]:
    """The numbers at that place of those that are the same everywhere else."""
    groups: dict[Parts, list[str]] = {}
    for parts in names:
        groups.setdefault((*parts[:place], "", *parts[place + 1 :]), []).append(parts[place])
    return groups


def _ranges(numbers: Sequence[str]) -> str:
    """`[1-9,12]`; a single one as it is."""
    if len(numbers) == 1:
        return numbers[0]
    runs: list[list[str]] = []
    waiting: dict[str, list[str]] = {}
    for number in sorted(numbers, key=int):
        run = waiting.pop(number, None)
        if run is None:
            runs.append(run := [])
        run.append(number)
        waiting[str(int(number) + 1).zfill(len(number))] = run
    return f"[{','.join(run[0] if len(run) == 1 else f'{run[0]}-{run[-1]}' for run in runs)}]"


class Row(NamedTuple):
    """A line of each of two texts; None where the other has one more."""

    left: str | None
    right: str | None

    @property
    def differs(self) -> bool:
        """Whether they are not the same line."""
        return self.left != self.right


def beside(left: Sequence[str], right: Sequence[str]) -> list[Row]:
    """The two texts line by line, the same lines in the same row as far as that can be told soon."""
    if max(len(left), len(right)) > _MOST_COMPARED:
        longest = range(max(len(left), len(right)))
        return [Row(_at(left, number), _at(right, number)) for number in longest]
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return [
        Row(_at(left[begin:end], number), _at(right[start:stop], number))
        for _, begin, end, start, stop in matcher.get_opcodes()
        for number in range(max(end - begin, stop - start))
    ]


def _at(lines: Sequence[str], number: int) -> str | None:
    return lines[number] if number < len(lines) else None
