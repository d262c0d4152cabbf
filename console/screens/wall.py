"""The wall: the same panes with nothing to focus, pages that rotate, and the truth about every source."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical

from console.fleet import SOURCE_KIND, Changes
from console.places import Place
from console.screens.following import FollowingScreen
from console.screens.header import header_cells
from console.screens.pane import Pane
from console.views import VIEWS
from console.views.ages import duration
from console.views.scope import Scope
from widgets.bar import Bar
from widgets.cells import Cell

PAGES = {
    kind: next(c.spec.key for c in view.columns if c.spec.key in ("status", "state"))
    for kind, view in VIEWS.items()
    if kind != SOURCE_KIND and not view.made_of
}
"""Kinds that take turns, each with the column that puts the worst first."""
_HEARTBEAT = "▁▂▃▄▅▆▇█▇▆▅▄▃▂"


class WallScreen(FollowingScreen):
    """Read-only by construction: it has no keys but the one that leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.header = Bar(id="header")
        self.pulse = Bar(id="keys")
        self.panes: dict[str, Pane] = {}
        self._page = 0

    def compose(self) -> ComposeResult:
        app = self.fleet_app
        for kind in (SOURCE_KIND, *PAGES):
            self.panes[kind] = Pane(app.fleet, VIEWS[kind], flash=False, now=app.now)
        yield self.header
        with Vertical(id="body"):
            for pane in self.panes.values():
                pane.grid.can_focus = False
                yield pane
        yield self.pulse

    def on_mount(self) -> None:
        for kind, pane in self.panes.items():
            pane.grid.cursor_shown = False
            pane.look(Place(sort=PAGES.get(kind, "")), Scope(), None)
        self._show_page()
        self.set_interval(self.fleet_app.launch.config.wall.page_seconds, self.turn)

    @property
    def page(self) -> str:
        """The kind that is shown now."""
        return list(PAGES)[self._page]

    def turn(self) -> None:
        """The next page that has anything to show."""
        for _ in PAGES:
            self._page = (self._page + 1) % len(PAGES)
            if self.fleet_app.fleet.count(self.page):
                break
        self._show_page()

    def _show_page(self) -> None:
        for kind, pane in self.panes.items():
            pane.display = kind in (SOURCE_KIND, self.page)
        self.refresh_around()

    def follow(self, changes: Changes) -> None:
        """Take what changed in the fleet."""
        for pane in self.panes.values():
            pane.follow(changes)
        fleet = self.fleet_app.fleet
        if (
            not fleet.count(self.page)
            and not self.panes[self.page].is_loading()
            and any(map(fleet.count, PAGES))
        ):
            self.turn()
        self.refresh_around()

    def tick_ages(self) -> None:
        """A second went by."""
        for pane in self.panes.values():
            if pane.display:
                pane.tick_ages()
        self.refresh_around()

    def refresh_around(self) -> None:
        """Header and heartbeat, which moves only when something was heard."""
        app = self.fleet_app
        self.header.show(*header_cells(app))
        heard = [state.heard for state in app.fleet.sources.values() if state.heard]
        heard_at = min(app.now(), max(heard, default=0.0))
        last = f"last data {duration(app.now() - heard_at)} ago" if heard else "no data yet"
        beat = _HEARTBEAT[int(heard_at * 2) % len(_HEARTBEAT)]
        clock = time.strftime("%H:%M:%SZ", time.gmtime(app.now()))
        self.pulse.show([Cell(f" {beat} {last}")], [Cell(f"{clock}  ctrl-c leaves ")])

    async def on_key(self, event: object) -> None:
        if getattr(event, "key", "") in ("ctrl+c", "ctrl+q"):
            self.fleet_app.exit()
