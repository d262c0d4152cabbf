"""One pane: a title that says what is shown and what narrows it, over a grid."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from console.fleet import Changes, Fleet, SourceState
from console.places import Place
from console.query import Query
from console.views import KindView
from console.views.ages import duration
from console.views.listing import Listing
from console.views.parts import parts, unjudged
from console.views.scope import Scope
from providers.model import Kind
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.grid import Grid

_LATE_SECONDS = 5.0
"""After this long without a row it is said who is being waited for."""


class Pane(Vertical):
    """A listing of one kind, on screen."""

    def __init__(self, fleet: Fleet, view: KindView, *, flash: bool, now: Callable[[], float]) -> None:
        super().__init__(id=_identifier("pane", view.kind), classes="pane")
        self.kind = view.kind
        self.view = view
        self.fleet = fleet
        fleet.want(view.kind)
        self.listing = Listing(fleet, view, now)
        self.bar = Bar(classes="title")
        self.grid = Grid(self.listing, id=_identifier("grid", view.kind), flash=flash)
        self.filter = ""
        """The filter as it was typed."""
        self.tabs: tuple[list[Cell], list[Cell]] = ([], [])
        """In a narrow terminal the titles of the panes before and after this one."""
        self._now = now

    def compose(self) -> ComposeResult:
        yield self.bar
        yield self.grid

    def look(self, place: Place, scope: Scope, query: Query | None) -> None:
        """Show what that place and scope say; the cursor goes to the place's object, if it is there."""
        self.filter = place.query
        self.listing.set_query(query)
        self.listing.set_scope(scope)
        self.listing.set_faults_only(place.faults_only)
        self.listing.set_sort(place.sort or self.view.default_sort, place.descending)
        self.grid.sorted_by = (self.listing.sort_key, self.listing.descending)
        self.grid.show(self.listing)
        if place.cursor is not None:
            self.grid.go_to(place.cursor)
        self.retitle()

    def follow(self, changes: Changes) -> None:
        """Take what changed in the fleet."""
        loading = self.is_loading()
        if loading:
            self.grid.hold = True
        change = self.listing.update(changes)
        if change.structure or change.dirty:
            self.grid.changed(change.structure, change.dirty)
        if not loading:
            self.grid.hold = False  # last: the rows that complete a list are still part of loading it
        if change.structure or change.dirty or changes.sources:
            self.retitle()

    def tick_ages(self) -> None:
        """A second went by: ages read otherwise, and a filter on ages may let others through."""
        change = self.listing.tick()
        if change:
            self.grid.changed(change.structure, change.dirty)
            self.retitle()
        elif not len(self.listing):
            self.grid.placeholder = self._placeholder()
        self.grid.tick()

    def retitle(self) -> None:
        """Write the title line anew; nothing is drawn when it says the same."""
        listing = self.listing
        before, after = self.tabs
        name = f" [{self.view.title}] " if before or after else f" {self.view.title} "
        left = [*before, Cell(name, "accent"), Cell(self._counts()), *self._stale(), Cell(" "), *after]
        filters = [f"/{self.filter}"] if self.filter else []
        faults = ["faults only"] if listing.faults_only else []
        words = ", ".join([*listing.narrowings, *filters, *faults])
        right = [Cell(f"narrowed: {words} ", "info")] if words else []
        self.bar.show(left, right)
        self.grid.placeholder = self._placeholder()

    def _counts(self) -> str:
        """How many there are; unknown and denied are not zero."""
        if self.listing.total:
            return self.listing.summary()
        states = [s.health_of(kind).state for s, kind in self._parts() if kind not in s.complete]
        return "denied" if states and set(states) <= {"denied"} else "–" if states else "0"

    def _stale(self) -> list[Cell]:
        stale = sum(s.count(self.kind) for s in self.fleet.sources.values() if s.stale_since_of(self.kind))
        words = [f"{stale:,} stale"] if stale else []
        if unknown := unjudged(self.fleet, self.view):
            words.append(unknown)
        return [Cell(f" · ◐ {word}", "warn") for word in words]

    def _parts(self) -> list[tuple[SourceState, Kind]]:
        return parts(self.fleet, self.view)

    def is_loading(self) -> bool:
        """Whether a source of this kind is still being loaded."""
        return any(
            kind not in state.complete
            for state, kind in self._parts()
            if state.health.state in ("connecting", "loading")
        )

    def _placeholder(self) -> str:
        listing = self.listing
        if listing.total:
            what = "the filter" if self.filter else "faults only"
            return f"None of {listing.total:,} match. esc clears {what}."
        fleet_states = self.fleet.sources.values()
        having = self._parts()
        if not having:
            if any(state.health.state == "connecting" for state in fleet_states) or not fleet_states:
                return "Connecting …"
            return f"No source here has {self.view.title.lower()}."
        for state, kind in having:
            health = state.kinds.get(kind, state.health)
            if health.state in ("denied", "lost"):
                return f"{state.info.name}: {health.detail or health.state}. {health.remedy}".strip()
        if self.is_loading():
            return self._waiting(having)
        return f"There are no {self.view.title.lower()}."

    def _waiting(self, having: list[tuple[SourceState, Kind]]) -> str:
        """What is being waited for, once that takes longer than it should."""
        late = [s for s, kind in having if not s.count(kind) and self._now() - s.known_since > _LATE_SECONDS]
        if not late:
            return "Loading …"
        first = late[0]
        where = f" at {first.info.address}" if first.info.address else ""
        waited = duration(self._now() - first.known_since)
        return f"Loading … no answer yet from {first.name}{where} for {waited}. {first.health.detail}".strip()


def _identifier(part: str, kind: str) -> str:
    """A widget's id: a kind's name may have dots, which an id may not."""
    return f"{part}-{kind.replace('.', '-')}"
