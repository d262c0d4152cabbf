"""Which items of a kind are asked for: those in scope that the filter lets through, as they change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, Protocol

from console.fleet import Changes, Fleet, Item
from console.views.dimension import Dimension, Group, dimension
from console.views.kinds import KindView
from console.views.scope import EVERYTHING, Scope
from providers.model import Kind, Ref, SourceInfo

ONE_BY_ONE = 256
"""Up to so many changes rows are moved one by one; above, all are sorted once, which costs 0.5 µs a row."""
_SHARE = 25
"""One by one too while they are no more than this part of all: moving one costs 15 µs."""

_TIMED_SECONDS = 5.0
"""How often a filter on ages looks at the clock again."""

_NONE: frozenset[Ref] = frozenset()


class Matcher(Protocol):
    """A filter, such as the query language makes."""

    @property
    def text(self) -> str: ...
    @property
    def timed(self) -> bool:
        """Whether the answer changes as time passes."""

    def matches(self, item: Item) -> bool: ...
    def refines(self, other: Any) -> bool:
        """Whether it certainly matches nothing that the other does not."""


class RowsChange(NamedTuple):
    """What a pane has to draw again."""

    structure: bool
    """Rows came, went or moved, or all look different: draw every visible line."""
    dirty: AbstractSet[Any]
    """Keys of rows that stayed in place and say something else now."""
    columns: bool = False
    """The columns are others."""

    def __bool__(self) -> bool:
        return self.structure or bool(self.dirty) or self.columns


UNCHANGED = RowsChange(False, _NONE)


class Membership(ABC):
    """Keeps what is in and how many a filter hides; how those in are arranged is a subclass's own.

    Following costs in proportion to what changed.
    """

    def __init__(self, fleet: Fleet, view: KindView, now: Callable[[], float]) -> None:
        fleet.want(view.kind)
        self.fleet = fleet
        self.view = view
        self.now = now
        self.query: Matcher | None = None
        self.scope: Scope = EVERYTHING
        self.faults_only = False
        self.within: tuple[Group, ...] = ()
        self._tests: tuple[Callable[[Item], bool], ...] = ()
        self._hidden: set[Ref] = set()
        self._evaluated_at = 0.0
        self._outdated = True

    # ---- what is arranged ------------------------------------------------------------------------

    @abstractmethod
    def _clear(self) -> None:
        """Nothing is in any more."""

    @abstractmethod
    def _put(self, item: Item) -> bool:
        """It is in, as it is now. True when rows came, went or moved by it."""

    @abstractmethod
    def _drop(self, ref: Ref) -> bool:
        """It is not in. True when rows came, went or moved by it."""

    @abstractmethod
    def _put_many(self, items: Iterable[Item]) -> None:
        """All of these, none of which was in, are."""

    @abstractmethod
    def _drop_many(self, refs: AbstractSet[Ref]) -> None:
        """None of these is in."""

    @abstractmethod
    def _keep(self, wanted: Callable[[Item], bool]) -> Iterable[Item]:
        """Take out all but the wanted: what was taken out."""

    # ---- what a title says -----------------------------------------------------------------------

    @property
    def hidden(self) -> int:
        """How many more there would be without the filter."""
        self._settle()
        return len(self._hidden)

    @property
    def narrowings(self) -> list[str]:
        """What narrows the rows, in words."""
        return [*self.scope.words(self.fleet, self.view.kind), *(group.words() for group in self.within)]

    def knows(self, key: Hashable) -> bool:
        """Whether that object is in the fleet, whatever hides it here."""
        return isinstance(key, Ref) and self.fleet.item(key) is not None

    # ---- what a person asks ----------------------------------------------------------------------

    def set_query(self, query: Matcher | None) -> None:
        """Take in only what it matches; None takes in everything."""
        if query == self.query:
            return
        before, self.query = self.query, query
        if query is None or self._outdated or not (before is None or query.refines(before)):
            self._outdated = True
        else:
            self._narrow(query)

    def set_scope(self, scope: Scope) -> None:
        """Narrow to that part of the fleet."""
        if scope != self.scope:
            self.scope = scope
            self._outdated = True

    def set_within(self, groups: tuple[Group, ...]) -> None:
        """Narrow to what is in all of these groups. Raises QueryError for one that the kind has not."""
        if groups != self.within:
            self._tests = tuple(_in(group, dimension(self.view, group.by)) for group in groups)
            self.within = groups
            self._outdated = True

    def set_faults_only(self, on: bool) -> None:
        """Take in only what is not well."""
        if on != self.faults_only:
            self.faults_only = on
            self._outdated = True

    def _infos(self, kind: Kind) -> list[SourceInfo]:
        """Of the sources that have objects of that kind, or may have."""
        sources = self.fleet.sources.values()
        return [source.info for source in sources if kind in source.items or kind in source.info.kinds]

    # ---- keeping up ------------------------------------------------------------------------------

    def forget(self) -> None:
        """Nobody looks: hold nothing, and build it anew when somebody does."""
        self._outdated = True
        self._clear()
        self._hidden.clear()

    def _settle(self) -> None:
        """What is in is right: built now where something else is asked for since: once, however much was."""
        if self._outdated:
            self._rebuild()

    def _rebuild(self) -> None:
        """Everything again, from the fleet."""
        self._outdated = False
        self._clear()
        self._hidden.clear()
        self._evaluated_at = self.now()
        self._load(self.scope.candidates(self.fleet, self.view.kind))

    def _follow(self, changes: Changes) -> bool:
        """Take in what changed in the fleet. True when rows came, went or moved, or may have."""
        gone = changes.gone.get(self.view.kind, _NONE)
        changed = changes.changed.get(self.view.kind, _NONE)
        if self._outdated:
            self._rebuild()
            return True
        if len(gone) + len(changed) > max(ONE_BY_ONE, self.fleet.count(self.view.kind) // _SHARE):
            return self._follow_many(gone, changed)
        moved = [self._hide(ref, False) for ref in gone] + [self._follow_one(ref) for ref in changed]
        return any(moved)

    def _due(self) -> bool:
        """Whether a filter on ages is to be asked again: every five seconds."""
        timed = self.query is not None and self.query.timed
        return timed and self.now() - self._evaluated_at >= _TIMED_SECONDS

    def _within(self, item: Item) -> bool:
        """Whether it belongs to what the rows are narrowed to."""
        if not self.scope.includes(item) or self._told_elsewhere(item):
            return False
        return not self._tests or all(test(item) for test in self._tests)

    def _told_elsewhere(self, item: Item) -> bool:
        """Whether another row stands for it: one of the same sources, where the rows are narrowed to some."""
        others = self.view.told_by(item)
        if not others:  # nearly always, and asked at every change of every row
            return False
        sources = self.scope.sources
        return any(not sources or other.ref.source in sources for other in others)

    def _wanted(self, item: Item) -> bool:
        if self.faults_only and not self.view.trouble(item).severity:
            return False
        return self.query is None or self.query.matches(item)

    def _load(self, items: Iterable[Item]) -> None:
        """Take in many that are not in."""
        within = [item for item in items if self._within(item)]
        wanted = [item for item in within if self._wanted(item)]
        self._put_many(wanted)
        if len(wanted) < len(within):
            self._hidden.update({item.ref for item in within} - {item.ref for item in wanted})

    def _narrow(self, query: Matcher) -> None:
        """Leave only what it matches of what is in: nothing is arranged again."""
        self._evaluated_at = self.now()
        self._hidden.update(item.ref for item in self._keep(query.matches))

    def _follow_many(self, gone: AbstractSet[Ref], changed: AbstractSet[Ref]) -> bool:
        affected = gone | changed
        self._drop_many(affected)
        self._hidden -= affected
        self._load([item for item in map(self.fleet.item, changed) if item is not None])
        return True

    def _follow_one(self, ref: Ref) -> bool:
        """One item as it is now. True when rows came, went or moved."""
        item = self.fleet.item(ref)
        if item is None or not self._within(item):
            return self._hide(ref, False)
        if not self._wanted(item):
            return self._hide(ref, True)
        self._hidden.discard(ref)
        return self._put(item)

    def _hide(self, ref: Ref, counted: bool) -> bool:
        """It is not in; `counted` when a filter is why. True when rows went or moved."""
        if counted:
            self._hidden.add(ref)
        else:
            self._hidden.discard(ref)
        return self._drop(ref)


def _in(group: Group, by: Dimension) -> Callable[[Item], bool]:
    return lambda item: by.value(item) == group.value
