"""The lines of a watch, applied to what is known and gathered to batches."""

from __future__ import annotations

from typing import Any

from providers.contract import Problem
from providers.kubernetes.api import Expired
from providers.kubernetes.decode import Codec, Unreadable, bookmark, error_status, gist
from providers.kubernetes.known import Known
from providers.kubernetes.shapes import Meta
from providers.model import Object
from providers.text import clean


class Changes:
    """What some lines come to: the last state of each uid, and what was said besides.

    While `initial`, events are the server's present state in no order: they do not move the version.
    """

    def __init__(self, codec: Codec[Any], known: Known, *, initial: bool = False) -> None:
        self.upserts: dict[str, Object] = {}
        self.deletes: dict[str, None] = {}
        self.bookmarks = 0
        self.ended = False
        """The initial events are over."""
        self.skipped = 0
        self.broken: Problem | None = None
        """What an ERROR event says; nothing after it counts."""
        self.relist = False
        self._fresh: set[str] = set()
        self._codec, self._known, self._initial = codec, known, initial

    def take(self, line: bytes) -> None:
        """One line."""
        try:
            change = self._codec.change(line)
        except Unreadable:
            self._odd(line)
            return
        kind, meta = change.type, change.object.metadata
        if kind in ("ADDED", "MODIFIED"):
            self._upsert(meta, change.object)
        elif kind == "DELETED":
            self._delete(meta.uid, meta.resource_version)
        else:
            self._told(kind, line)

    def _upsert(self, meta: Meta, shape: Any) -> None:
        if not meta.uid:
            self.skipped += 1
            return
        self._move(meta.resource_version)
        if self._known.has(meta):
            return
        made = self._codec.made(shape)
        if made is None:
            self.skipped += 1
            return
        if meta.uid in self.deletes:
            del self.deletes[meta.uid]
        elif meta.uid not in self._known:
            self._fresh.add(meta.uid)
        self._known.note(meta)
        self.upserts[meta.uid] = made

    def _delete(self, uid: str, version: str) -> None:
        if not uid:
            self.skipped += 1
            return
        if self._known.forget(uid):
            self.upserts.pop(uid, None)
            if uid in self._fresh:  # It came with these same lines: nobody was told of it.
                self._fresh.discard(uid)
            else:
                self.deletes[uid] = None
        self._move(version)

    def _odd(self, line: bytes) -> None:
        """A line whose object makes no sense: what it was about may still be told."""
        kind, uid, version = gist(line)
        if kind == "DELETED" and uid:
            self._delete(uid, version)
        elif kind in ("BOOKMARK", "ERROR"):
            self._told(kind, line)
        else:
            self.skipped += 1

    def _told(self, kind: str, line: bytes) -> None:
        if kind == "BOOKMARK":
            self._bookmark(line)
        elif kind == "ERROR":
            self._error(line)
        else:
            self.skipped += 1

    def _bookmark(self, line: bytes) -> None:
        version, end = bookmark(line)
        if not version:
            self.skipped += 1
            return
        self.bookmarks += 1
        if end and self._initial:
            self._initial, self.ended = False, True
        self._move(version)

    def _error(self, line: bytes) -> None:
        said = error_status(line)
        words = clean(said.message or said.reason, 600) or "the server ended the watch"
        detail = f"{said.code or 'ERROR'}: {words}"
        if said.code == 410 or said.reason in ("Expired", "Gone"):
            self.broken, self.relist = Expired(detail), True
        else:
            self.broken, self.relist = Problem(detail), said.code != 429

    def _move(self, version: str) -> None:
        if version and not self._initial:
            self._known.version = version
