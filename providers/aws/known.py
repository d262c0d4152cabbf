"""The records of one kind as they are shown, and when one of them is gone."""

from __future__ import annotations

from collections.abc import Iterable

from providers.model import Record


class Known:
    """Gone is what two whole lists in a row were without."""

    def __init__(self) -> None:
        self.shown: dict[str, Record] = {}
        self._missing: set[str] = set()

    def take(self, records: Iterable[Record]) -> list[Record]:
        """Some of a list; those that look different from before."""
        changed = [record for record in records if self.shown.get(record.uid) != record]
        self.shown.update({record.uid: record for record in changed})
        return changed

    def end(self, seen: set[str]) -> list[str]:
        """A list was whole, with these uids; those that are gone."""
        absent = self.shown.keys() - seen
        gone = absent & self._missing
        self._missing = absent - gone
        for uid in gone:
            del self.shown[uid]
        return sorted(gone)
