"""How many there are of each word, and when one comes or goes."""

from __future__ import annotations

from collections.abc import KeysView


class Counts:
    """Words that are counted; one that is counted no more is forgotten."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def words(self) -> KeysView[str]:
        """Those that are counted."""
        return self._numbers.keys()

    def move(self, before: str, after: str) -> bool:
        """One is counted under another word than before, "" under none. True when a word came or went."""
        numbers = self._numbers
        if before == after:
            return False
        changed = False
        if after:
            number = numbers.get(after, 0)
            numbers[after] = number + 1
            changed = not number
        if before:
            number = numbers[before]
            if number > 1:
                numbers[before] = number - 1
            else:
                del numbers[before]
                changed = True
        return changed
