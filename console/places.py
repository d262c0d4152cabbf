"""Where a person is: what each pane is filtered and sorted by, what narrows them all, and the way back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from console.views.dimension import Group
from console.views.scope import EVERYTHING, Scope


@dataclass(frozen=True)
class Place:
    """How one pane is looked at."""

    query: str = ""
    sort: str = ""
    """Column key; "" for the view's own order."""
    descending: bool = False
    faults_only: bool = False
    cursor: Hashable | None = None
    grouped_by: str = ""
    """What a row is shown for each value of, "" for a row for each object."""
    groups_sort: str = ""
    """Column key of the groups; "" for their own order."""
    groups_descending: bool = False
    within: tuple[Group, ...] = ()
    """Groups that were gone into: only what is in all of them is there."""

    @property
    def order(self) -> tuple[str, bool]:
        """The column that what is shown is sorted by, and whether the last comes first."""
        return (self.groups_sort, self.groups_descending) if self.grouped_by else (self.sort, self.descending)

    def ordered(self, sort: str, descending: bool) -> Place:
        """The same place with what is shown in that order."""
        if self.grouped_by:
            return replace(self, groups_sort=sort, groups_descending=descending)
        return replace(self, sort=sort, descending=descending)

    def grouped(self, by: str) -> Place:
        """The same objects by what they have in common, in the groups' own order; with "" each a row."""
        return replace(self, grouped_by=by, groups_sort="", groups_descending=False, cursor=None)

    def into(self, group: Group) -> Place:
        """The objects of one group, each a row."""
        return replace(self, grouped_by="", within=(*self.within, group), cursor=None)

    def showing(self, cursor: Hashable) -> Place:
        """The cursor on that object, with nothing that could hide it."""
        return replace(self, query="", faults_only=False, grouped_by="", within=(), cursor=cursor)


@dataclass(frozen=True)
class Scene:
    """How the whole deck is looked at. A value: going back is putting an earlier one in its place."""

    focus: str
    """Kind of the focused pane."""
    scope: Scope = EVERYTHING
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, kind: str) -> Place:
        """How the pane of that kind is looked at."""
        return self.places.get(kind, Place())

    def with_place(self, kind: str, place: Place) -> Scene:
        """The same scene with that pane looked at otherwise."""
        return replace(self, places={**self.places, kind: place})


_MOST = 100


class Trail:
    """The scenes a person has come through, with the present one among them."""

    def __init__(self, start: Scene) -> None:
        self._scenes = [start]
        self._at = 0
        self._last = 0

    @property
    def now(self) -> Scene:
        """The present scene."""
        return self._scenes[self._at]

    @property
    def before(self) -> Scene | None:
        """The scene before the present one, if there is one."""
        return self._scenes[self._at - 1] if self._at else None

    def amend(self, scene: Scene) -> None:
        """Put this in place of the present scene: a filter typed, a cursor moved. Not a step."""
        self._scenes[self._at] = scene

    def step(self, scene: Scene) -> None:
        """Go on to a new scene; what was ahead is forgotten."""
        self._last = self._at
        self._scenes[self._at + 1 :] = [scene]
        self._at += 1
        if len(self._scenes) > _MOST:
            del self._scenes[0]
            self._at -= 1
            self._last = max(0, self._last - 1)

    def travel(self, steps: int) -> bool:
        """Go back (negative) or forward; whether there was somewhere to go."""
        target = self._at + steps
        if not 0 <= target < len(self._scenes):
            return False
        self._last, self._at = self._at, target
        return True

    def swap(self) -> bool:
        """Go to the scene that was present before this one; whether there is another."""
        if self._last == self._at or self._last >= len(self._scenes):
            return False
        self._last, self._at = self._at, self._last
        return True

    def back(self) -> bool:
        """Go to the scene before, if there is one; the present one stays ahead. Whether there was one."""
        if self._at == 0:
            return False
        return self.travel(-1)
