"""What the server is known to have: versions and names by uid, and no objects."""

from __future__ import annotations

from collections.abc import Set

from providers.kubernetes.shapes import Meta

Entry = tuple[str, str, str]
"""resourceVersion, namespace, name."""


class Known:
    """uid → (resourceVersion, namespace, name): tells duplicates, finds what is gone, finds names.

    10,000 pods take about 2 MB.
    """

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self.version = ""
        """The server's version that all of this is at; "" before the first complete list."""

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, uid: str) -> bool:
        return uid in self._entries

    def note(self, meta: Meta) -> None:
        """File an object."""
        self._entries[meta.uid] = (meta.resource_version, meta.namespace, meta.name)

    def has(self, meta: Meta) -> bool:
        """Whether this very version is filed."""
        entry = self._entries.get(meta.uid)
        return entry is not None and entry[0] == meta.resource_version

    def forget(self, uid: str) -> bool:
        """Whether it was known."""
        return self._entries.pop(uid, None) is not None

    def sweep(self, seen: Set[str]) -> tuple[str, ...]:
        """Forget and name whatever is not among the uids of a whole list."""
        gone = tuple(uid for uid in self._entries if uid not in seen)
        for uid in gone:
            del self._entries[uid]
        return gone

    def find(self, uid: str) -> tuple[str, str] | None:
        """Namespace and name."""
        entry = self._entries.get(uid)
        return None if entry is None else entry[1:]

    def versions(self) -> dict[str, str]:
        """resourceVersion by uid, a copy."""
        return {uid: entry[0] for uid, entry in self._entries.items()}
