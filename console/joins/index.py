"""Items by a word that they carry, such as their namespace."""

from __future__ import annotations

from console.item import Item


class Index:
    """Items by a word."""

    def __init__(self) -> None:
        self._members: dict[str, set[Item]] = {}

    def add(self, word: str, item: Item) -> None:
        """File it under that word; under "" nothing is filed."""
        if word:
            members = self._members.get(word)
            if members is None:
                self._members[word] = {item}
            else:
                members.add(item)

    def remove(self, word: str, item: Item) -> None:
        """Take it out; a word without members is forgotten."""
        members = self._members.get(word)
        if members is not None:
            members.discard(item)
            if not members:
                del self._members[word]

    def get(self, word: str) -> frozenset[Item] | set[Item]:
        """Those filed under that word."""
        return self._members.get(word, frozenset())

    def __bool__(self) -> bool:
        return bool(self._members)

    def words(self) -> list[str]:
        """Every word that has members, sorted."""
        return sorted(self._members)
