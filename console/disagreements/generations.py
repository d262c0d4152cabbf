"""Which images the machines of a group run, and which of them are old: all their machines were there before
the first with the newest image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from console.joins.groups import GroupKey
from providers.model import Ref


class Member(NamedTuple):
    """What counts of a machine that is up."""

    launched: float
    uid: str
    image: str


class Newest(NamedTuple):
    """What the machine that came last says of its group."""

    member: Member
    since: float
    """When the first machine with its image was launched."""
    old: frozenset[str]
    """The images that no machine was launched with since then."""


class Generations:
    """The members of each group, and what follows of them."""

    def __init__(self) -> None:
        self._group_of: dict[Ref, GroupKey] = {}
        self._members: dict[GroupKey, dict[Ref, Member]] = {}
        self._newest: dict[GroupKey, Newest] = {}
        self._unsettled: set[GroupKey] = set()

    def newest(self, group: GroupKey) -> Newest | None:
        """What its latest machine says; None where all run the same."""
        return self._newest.get(group)

    def put(self, ref: Ref, group: GroupKey | None, member: Member | None) -> None:
        """The machine is that member of that group now, None: of none."""
        before = self._group_of.get(ref)
        if before is not None and (before != group or member is None):
            del self._group_of[ref]
            del self._members[before][ref]
            self._unsettled.add(before)
        if group is None or member is None:
            return
        members = self._members.setdefault(group, {})
        if members.get(ref) != member:
            self._group_of[ref] = group
            members[ref] = member
            self._unsettled.add(group)

    def settle(self) -> Iterator[Ref]:
        """Take in what changed; the members of the groups of which something else is to be said."""
        for group in self._unsettled:
            members = self._members[group]
            newest = _newest_of(members.values())
            if newest != self._newest.get(group):
                yield from members
            if newest is not None:
                self._newest[group] = newest
            else:
                self._newest.pop(group, None)
            if not members:
                del self._members[group]
        self._unsettled.clear()


def _newest_of(members: Iterable[Member]) -> Newest | None:
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    newest: Member | None = None
    for member in members:
        launched, _, image = member
        if image not in first:
            first[image] = last[image] = launched
        elif launched < first[image]:
            first[image] = launched
        elif launched > last[image]:
            last[image] = launched
        if newest is None or member > newest:
            newest = member
    if newest is None or len(first) == 1:
        return None
    since = first[newest.image]
    old = frozenset(image for image in last if last[image] < since)
    return Newest(newest, since, old) if old else None
