"""What a console has been told of one kind of one source: only uids, for the sweep at the end of a list."""

from __future__ import annotations

from collections.abc import Sequence


class Shelf:
    """Mark and sweep: what a whole list does not name is gone, and a list that broke says nothing."""

    __slots__ = ("_known", "_listed", "complete")

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._listed: set[str] | None = None
        self.complete = False
        """A list has been whole since the stream began."""

    @property
    def listing(self) -> bool:
        """A list is under way."""
        return self._listed is not None

    def begin(self) -> None:
        """A list starts; one that was under way is forgotten."""
        self._listed = set()

    def put(self, uid: str) -> bool:
        """The object is there; whether it was not known before."""
        if self._listed is not None:
            self._listed.add(uid)
        if uid in self._known:
            return False
        self._known.add(uid)
        return True

    def drop(self, uids: Sequence[str]) -> list[str]:
        """The objects are gone; those of them that were known."""
        gone = [uid for uid in uids if uid in self._known]
        self._known.difference_update(gone)
        if self._listed is not None:
            self._listed.difference_update(gone)
        return gone

    def end(self) -> list[str]:
        """The list is whole; what it left out, sorted. Those are still to be dropped."""
        missing = self._known - self._listed if self._listed is not None else set()
        self._listed = None
        self.complete = True
        return sorted(missing)

    def broke(self) -> None:
        """The stream ended."""
        self._listed = None
        self.complete = False
