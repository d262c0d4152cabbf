"""One pane: a title that says what is shown and what narrows it, over a grid."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from console.fleet import Changes, Fleet, SourceState
from console.places import Place
from console.query import Query, QueryError
from console.views import KindView
from console.views.ages import duration
from console.views.dimension import dimension, offers
from console.views.grouping import Grouping
from console.views.kinds import Section
from console.views.listing import Listing
from console.views.parts import parts, uncompared, unjudged
from console.views.scope import Scope
from providers.model import Kind
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.grid import Grid

_LATE_SECONDS = 5.0
"""After this long without a row it is said who is being waited for."""


class Pane(Vertical):
    """The objects of one kind on screen, each a row or by what they have in common."""

    def __init__(self, fleet: Fleet, view: KindView, *, flash: bool, now: Callable[[], float]) -> None:
        super().__init__(id=_identifier("pane", view.kind), classes="pane")
        self.kind = view.kind
        self.view = view
        self.fleet = fleet
        self.listing = Listing(fleet, view, now)
        self.grouping: Grouping | None = None
        """The groups that are shown in place of the objects."""
        self.bar = Bar(classes="title")
        self.grid = Grid(self.listing, id=_identifier("grid", view.kind), flash=flash)
        self.filter = ""
        """The filter as it was typed."""
        self.others: list[Cell] = []
        """In a narrow terminal the titles of the other panes, the one that `tab` goes to first."""
        self._now = now

    def compose(self) -> ComposeResult:
        yield self.bar
        yield self.grid

    @property
    def rows(self) -> Listing | Grouping:
        """What the grid shows."""
        return self.listing if self.grouping is None else self.grouping

    def offers(self, begun: str) -> list[str]:
        """What its objects can be grouped by, of names that begin so."""
        return offers(self.view, self.fleet.items(self.kind), begun)

    def can_group(self, by: str) -> bool:
        """Whether its objects can be grouped by that."""
        try:
            dimension(self.view, by)
        except QueryError:
            return False
        return True

    def told(self) -> list[Section]:
        """The group under the cursor, every column a line; nothing where there are no groups."""
        rows, group = self.grouping, self.grid.cursor_key
        at = None if rows is None else rows.index_of(group)
        if rows is None or at is None:
            return []
        cells = zip(rows.columns, rows.line_at(at).cells, strict=True)
        return [Section(self.title, tuple((column.title.lower(), cell) for column, cell in cells))]

    def look(self, place: Place, scope: Scope, query: Query | None) -> None:
        """Show what that place and scope say; the cursor goes to the place's row, if it is there."""
        self.filter = place.query
        self._choose(place.grouped_by)
        rows = self.rows
        rows.set_query(query)
        rows.set_scope(scope)
        rows.set_within(place.within)
        rows.set_faults_only(place.faults_only)
        sort, descending = place.order
        rows.set_sort(sort or rows.default_sort, descending)
        self.grid.sorted_by = (rows.sort_key, rows.descending)
        self.grid.show(rows)
        if place.cursor is not None:
            self.grid.go_to(place.cursor)
        self.retitle()

    def _choose(self, grouped_by: str) -> None:
        """Have the rows that are asked for; those that are not shown are not followed."""
        if not grouped_by:
            self.grouping = None
        elif self.grouping is None or self.grouping.by.name != grouped_by:
            self.grouping = Grouping(self.fleet, self.view, dimension(self.view, grouped_by), self._now)
            self.listing.forget()

    def follow(self, changes: Changes) -> None:
        """Take what changed in the fleet."""
        loading = self.is_loading()
        if loading:
            self.grid.hold = True
        change = self.rows.update(changes)
        if change.structure or change.dirty:
            self.grid.changed(change.structure, change.dirty)
        if not loading:
            self.grid.hold = False  # last: the rows that complete a list are still part of loading it
        if change.structure or change.dirty or changes.sources:
            self.retitle()

    def tick_ages(self) -> None:
        """A second went by: ages read otherwise, and a filter on ages may let others through."""
        change = self.rows.tick()
        if change:
            self.grid.changed(change.structure, change.dirty)
            self.retitle()
        elif not len(self.rows):
            self.grid.placeholder = self._placeholder()
        self.grid.tick()

    @property
    def title(self) -> str:
        """What is shown: `Instances`, `Instances by zone`."""
        return self.view.title if self.grouping is None else f"{self.view.title} by {self.grouping.by.name}"

    def retitle(self) -> None:
        """Write the title line anew; nothing is drawn when it says the same.

        Where there is no room the other panes' names go first, then what else is counted of this one's rows.
        """
        rows = self.rows
        name = f" [{self.title}] " if self.others else f" {self.title} "
        number, dot, rest = self._counts().partition(" · ")
        # What is not known is the truth about the counts: it is the last to be cut away.
        first = [Cell(name, "accent"), *self._unjudged(), Cell(number)]
        left = [*first, Cell(f"{dot}{rest}"), *self._stale(), Cell(" "), *self.others]
        filters = [f"/{self.filter}"] if self.filter else []
        faults = ["faults only"] if rows.faults_only else []
        words = ", ".join([*rows.narrowings, *filters, *faults])
        right = [Cell(f"narrowed: {words} ", "info")] if words else []
        self.bar.show(left, right, kept=len(first))
        self.grid.placeholder = self._placeholder()

    def _counts(self) -> str:
        """How many there are; unknown and denied are not zero."""
        if self.rows.total:
            return self.rows.summary()
        if uncompared(self.fleet, self.view):
            return "–"
        states = [s.health_of(kind).state for s, kind in self._parts() if kind not in s.complete]
        return "denied" if states and set(states) <= {"denied"} else "–" if states else "0"

    def _unjudged(self) -> list[Cell]:
        unknown = unjudged(self.fleet, self.view)
        return [Cell(f"◐ {unknown} · ", "warn")] if unknown else []

    def _stale(self) -> list[Cell]:
        stale = sum(s.count(self.kind) for s in self.fleet.sources.values() if s.stale_since_of(self.kind))
        return [Cell(f" · ◐ {stale:,} stale", "warn")] if stale else []

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
        if total := self.rows.total:
            what = "the filter" if self.filter else "faults only"
            return f"None of {total:,} match. esc clears {what}."
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
        return self._none()

    def _none(self) -> str:
        """That there are none; of what can't be judged nobody knows."""
        if nothing := uncompared(self.fleet, self.view):
            return f"Nothing is compared: {nothing}."
        if unknown := unjudged(self.fleet, self.view):
            return f"There are no {self.view.title.lower()} in what is known; {unknown}."
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
