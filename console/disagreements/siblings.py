"""Where the counterpart of an object should be: where those of its siblings are.

A node's siblings are the nodes of its cluster, a machine's those of its group, its cluster's tag, and its
image in its network. What is joined vouches for the source of its counterpart; what is not joined asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from console.joins.counts import Counts
from providers.model import Ref

Key = tuple[str, ...]
"""What siblings have in common: ("group", source, name), ("image", network, id) …"""

_NOBODY: frozenset[Ref] = frozenset()


class Standing(NamedTuple):
    """What an object adds to what is known, or wants to know."""

    keys: tuple[Key, ...]
    counterpart: str
    """The source of what it is joined to, "" while it asks."""


class Siblings:
    """For each key which sources were vouched for, and who asks."""

    def __init__(self) -> None:
        self._standings: dict[Ref, Standing] = {}
        self._vouched: defaultdict[Key, Counts] = defaultdict(Counts)
        self._asking: dict[Key, set[Ref]] = {}
        self._vouching: dict[str, set[Ref]] = {}

    def sources(self, key: Key) -> Set[str]:
        """The sources in which objects of that key have their counterparts."""
        vouched = self._vouched.get(key)
        return vouched.words() if vouched is not None else frozenset()

    def vouching_for(self, source: str) -> Set[Ref]:
        """Those that have their counterpart in that source."""
        return self._vouching.get(source, _NOBODY)

    def asking_of(self, source: str) -> Iterator[Ref]:
        """Those whose counterpart should be in that source."""
        for key, sources in self._vouched.items():
            if source in sources.words():
                yield from self._asking.get(key, _NOBODY)

    def asking_by(self, word: str) -> Iterator[Ref]:
        """Those that ask by keys which begin with that word."""
        for key, asking in self._asking.items():
            if key[0] == word:
                yield from asking

    def put(self, ref: Ref, standing: Standing | None) -> Iterable[Ref]:
        """The object stands like that now, None: not at all. Those who may be judged otherwise by it."""
        before = self._standings.get(ref)
        if before == standing:
            return ()
        affected: set[Ref] = set()
        if before is not None:
            del self._standings[ref]
            self._vouching.get(before.counterpart, set()).discard(ref)
            for key in before.keys:
                self._take(key, ref, before.counterpart, affected)
        if standing is not None:
            self._standings[ref] = standing
            if standing.counterpart:
                self._vouching.setdefault(standing.counterpart, set()).add(ref)
            for key in standing.keys:
                self._give(key, ref, standing.counterpart, affected)
        return affected

    def _give(self, key: Key, ref: Ref, counterpart: str, affected: set[Ref]) -> None:
        if not counterpart:
            self._asking.setdefault(key, set()).add(ref)
            return
        if self._vouched[key].move("", counterpart):
            affected |= self._asking.get(key, _NOBODY)

    def _take(self, key: Key, ref: Ref, counterpart: str, affected: set[Ref]) -> None:
        if not counterpart:
            asking = self._asking[key]
            asking.discard(ref)
            if not asking:
                del self._asking[key]
            return
        sources = self._vouched[key]
        if sources.move(counterpart, ""):
            affected |= self._asking.get(key, _NOBODY)
        if not sources:
            del self._vouched[key]
