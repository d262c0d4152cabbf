"""What one stream has not said yet: the last state of each object that changed since it last looked."""

from __future__ import annotations

import asyncio

from providers.model import Batch, Deletes, Kind, Object, Upserts


class Feed:
    """Changes of some kinds, coalesced per uid, so that a slow reader costs no memory."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.kinds = kinds
        self.ready = asyncio.Event()
        """Set when there is something to look at, be it a change, a relist or the time."""
        self.relist = False
        self._changed: dict[str, Object] = {}
        self._gone: dict[str, Kind] = {}
        self._unsaid: set[str] = set()
        """uids among the changed that the reader has never heard of."""

    @property
    def stirred(self) -> bool:
        """Whether there is something to say or to do."""
        return bool(self.relist or self._changed or self._gone)

    def upsert(self, uid: str, obj: Object, *, new: bool) -> None:
        if new:
            self._unsaid.add(uid)
        self._changed[uid] = obj
        self.ready.set()

    def delete(self, uid: str, kind: Kind) -> None:
        self._changed.pop(uid, None)
        if uid in self._unsaid:
            self._unsaid.remove(uid)  # it came and went while nobody looked
            return
        self._gone[uid] = kind
        self.ready.set()

    def ask_relist(self) -> None:
        self.relist = True
        self.ready.set()

    def forget(self) -> None:
        """Drop what is pending: a list that starts now has it all."""
        self._changed.clear()
        self._gone.clear()
        self._unsaid.clear()

    def take(self) -> list[Batch]:
        """What is pending, as batches; afterwards nothing is."""
        batches: list[Batch] = []
        if self._changed:
            batches.append(Upserts(tuple(self._changed.values())))
        for kind in self.kinds:
            uids = tuple(uid for uid, gone in self._gone.items() if gone == kind)
            if uids:
                batches.append(Deletes(kind, uids))
        self.forget()
        return batches
