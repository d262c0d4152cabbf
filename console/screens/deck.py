"""The deck: panes of sources, nodes, instances and pods, and everything a person does with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from console.actions import why_not
from console.contexts import SHELLS
from console.fleet import SOURCE_KIND, Changes, Item
from console.keyline import help_key, key_line, not_here
from console.places import Scene
from console.screens.aim import Aim
from console.screens.dock import Dock, below_rows, place
from console.screens.following import FollowingScreen
from console.screens.header import NARROW, header_cells
from console.screens.navigator import Navigator
from console.screens.pane import Pane
from console.screens.prompts import Prompts
from console.screens.shells import ShellVerbs
from console.screens.swallow import Swallow
from console.views import VIEWS, view_of
from console.views.ages import duration
from console.views.dimension import Group
from console.views.kinds import Section
from providers.model import ActionSpec, Ref
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.facts import Facts
from widgets.grid import Grid

PANES = (SOURCE_KIND, "node", "instance", "host", "pod")
"""The panes in the order that `tab` goes through them."""
DETAIL_RIGHT = 180
"""Columns from which the detail pane stands at the right."""
SOURCES_WIDTH = 36
TALL = 40
"""Rows from which the detail pane is shown without being asked for."""


class Deck(FollowingScreen):
    """The main screen. Commands of the registry are words for what it can do."""

    AUTO_FOCUS = ""
    """The scene says where the focus is; the first pane for a moment would be a screenful for nothing."""

    def __init__(self, focus: str) -> None:
        super().__init__()
        self.navigate = Navigator(self, focus)
        self.prompts = Prompts(self)
        self.aim = Aim(self)
        self.header = Bar(id="header")
        self.keys = Bar(id="keys")
        self.facts = Facts(id="detail")
        self.panes: dict[str, Pane] = {}
        self.shells = ShellVerbs(self)
        self.swallow = Swallow()
        self._main = Vertical(id="main")
        self._body = Horizontal(id="body")
        self._floor = Container(id="floor")
        """The data and the dock, one above the other or side by side."""
        self._wide = False
        self._detail: bool | None = None
        """None until a person said whether it is to be shown."""

    @property
    def scene(self) -> Scene:
        """How everything is looked at now."""
        return self.navigate.scene

    @property
    def context(self) -> str:
        """What a key is looked up for: the kind of the focused pane, or where in the dock the focus is."""
        return self.dock.context or self.scene.focus

    @property
    def pane(self) -> Pane:
        """The focused pane."""
        return self.panes[self.scene.focus]

    @property
    def current_ref(self) -> Ref | None:
        """The object under the cursor of the focused pane: none where that is a group."""
        key = self.pane.grid.cursor_key
        return key if isinstance(key, Ref) else None

    @property
    def current_group(self) -> Group | None:
        """The group under the cursor, where the focused pane shows groups."""
        key = self.pane.grid.cursor_key
        return key if isinstance(key, Group) else None

    def why_no_object(self) -> str:
        """Why there is no object to do something with; "" when one is under the cursor."""
        if self.current_group is not None:
            return "a group is under the cursor"
        return "" if self.current_ref is not None else "nothing is under the cursor"

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        ref = self.current_ref
        return self.fleet_app.fleet.item(ref) if ref else None

    # ---- building and layout ---------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        fleet, flash = self.fleet_app.fleet, self.fleet_app.flash
        for kind in dict.fromkeys((*PANES, self.scene.focus)):
            self.panes[kind] = Pane(fleet, VIEWS[kind], flash=flash, now=self.fleet_app.now)
        self.dock = Dock(self, self.fleet_app.desk)
        yield self.header
        with self._floor:
            with self._body:
                yield self.panes[SOURCE_KIND]
                with self._main:
                    for kind, pane in self.panes.items():
                        if kind != SOURCE_KIND:
                            yield pane
                yield self.facts
            yield self.dock
        yield self.prompts.line
        yield self.keys

    def on_mount(self) -> None:
        self.navigate.restore(self.scene)

    def _on_timer_update(self) -> None:
        """Textual paints what is due; the echo of a key in a shell, which paints itself, goes before."""
        if not self.fleet_app.key_first.echo_due:
            super()._on_timer_update()

    def on_screen_resume(self) -> None:
        self.refresh_around()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out(event.size.width, event.size.height)

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is visible for that many columns and rows.

        By inline styles: a class on the screen restyles every node below it, which cost 40 ms a time.
        """
        dock = self.dock
        where = place(width, height, tabs=len(dock.desk.tabs), active=dock.active, large=dock.large)
        dock.lay_out(where, width, height)
        self._floor.styles.layout = "horizontal" if where == "right" else "vertical"
        self._body.display = where != "whole"
        # The data has what the dock leaves it.
        width -= width // 2 if where == "right" else 0
        height -= below_rows(height) if where == "below" else 0
        narrow = width < NARROW or self._wide
        right = width >= DETAIL_RIGHT and not self._wide
        detail = self._detail if self._detail is not None else height >= TALL or right
        self.facts.set_class(right, "at-right")
        self.facts.display = detail and not self._wide
        for kind, pane in self.panes.items():
            focused = kind == self.scene.focus
            pane.display = focused if narrow else self._wanted(kind)
            pane.bar.set_class(focused and not dock.active, "focused")
            if kind == SOURCE_KIND:
                pane.styles.width = "1fr" if narrow else SOURCES_WIDTH
            else:
                pane.styles.height = "4fr" if focused else "3fr" if kind == "pod" else "2fr"
        self._main.display = not narrow or self.scene.focus != SOURCE_KIND
        self._retitle(narrow)

    async def open_pane(self, kind: str) -> None:
        """Have a pane for that kind, with the columns that its server gives it."""
        if kind not in self.panes:
            app = self.fleet_app
            pane = Pane(app.fleet, view_of(kind, app.fleet), flash=app.flash, now=app.now)
            await self._main.mount(pane)
            self.panes[kind] = pane

    def _wanted(self, kind: str) -> bool:
        if kind in (SOURCE_KIND, self.scene.focus):
            return True
        sources = self.fleet_app.fleet.sources.values()
        return kind in PANES and any(kind in state.info.kinds for state in sources)

    def _retitle(self, narrow: bool) -> None:
        names = [Cell(f" {pane.view.title} ", "dim") for pane in self.panes.values()]
        for number, pane in enumerate(self.panes.values()):
            pane.others = [*names[number + 1 :], *names[:number]] if narrow else []
            pane.retitle()

    # ---- following the fleet ---------------------------------------------------------------------

    def follow(self, changes: Changes) -> None:
        """Take what changed in the fleet: each pane repaints the visible lines that differ."""
        for pane in self.panes.values():
            pane.follow(changes)
        if changes.sources:
            self.lay_out(self.size.width, self.size.height)
        self.refresh_around()

    def tick_ages(self) -> None:
        """A second went by: repaint the ages that read otherwise now."""
        for pane in self.panes.values():
            if pane.display:
                pane.tick_ages()
        self._show_detail()

    def refresh_around(self) -> None:
        """Header, key line and detail, each drawn only when it says something else."""
        self.header.show(*header_cells(self.fleet_app))
        self.keys.show(*self._key_cells())
        self._show_detail()

    def _key_cells(self) -> tuple[list[Cell], list[Cell]]:
        app, context = self.fleet_app, self.context
        right = [Cell(f"{marks} ", "accent")] if (marks := self._marked()) else []
        return key_line(app, context, self), [*right, *help_key(app, context)]

    def _marked(self) -> str:
        """`3 marked, 1 hidden`; "" when nothing is."""
        marks, hidden = len(self.pane.grid.marks), self.pane.grid.hidden_marks
        words = [f"{marks:,} marked"] if marks else []
        return ", ".join([*words, *([f"{hidden:,} hidden"] if hidden else [])])

    def _show_detail(self) -> None:
        if not self.facts.display:
            return
        item = self.current
        if item is None:
            self.facts.show("", self.pane.told())
            return
        now = self.fleet_app.now()
        sections = [*_stale_section(item, now), *self.pane.view.details(item, self.fleet_app.fleet, now)]
        self.facts.show(f"{item.kind.capitalize()} {item.name}", sections)

    # ---- keys ------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self.prompts.open:
            self.prompts.take(event)
            self.aim.take()
            return
        if self.fleet_app.opening.ahead.takes(event.key, event.character):
            return
        if self.swallow.takes() or self.dock.take(event):
            return
        command = self.fleet_app.registry.for_key(event.key, self.context)
        if command is None:
            if words := not_here(self.fleet_app.registry, event.key, self.panes):
                self.fleet_app.say(words)
            return
        event.stop()
        event.prevent_default()
        missed = self.aim.missed() if command.group == "Actions" else ""
        if missed:
            self.fleet_app.say(missed, "warn")
        else:
            self.fleet_app.run_command(command, self)
        self.aim.take()

    def on_paste(self, event: events.Paste) -> None:
        if self.prompts.open:
            self.prompts.take(event)

    def on_grid_cursor_moved(self) -> None:
        self.aim.cursor_moved()
        self.refresh_around()

    def on_grid_marks_changed(self) -> None:
        self.refresh_around()

    async def on_grid_chosen(self) -> None:
        self.navigate.drill()

    def on_grid_sort_wanted(self, event: Grid.SortWanted) -> None:
        self.navigate.sort_by(event.column_key)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for kind, pane in self.panes.items():
            # Of an earlier key's focus the word may come after the next key: what has the focus now counts.
            if event.widget is pane.grid is self.focused and kind != self.context:
                self.navigate.focus(kind)

    # ---- moving ----------------------------------------------------------------------------------

    def move(self, direction: str) -> None:
        """Move the cursor of the focused pane."""
        self.pane.grid.move(direction)

    def focus_next_pane(self, steps: int) -> None:
        """Focus another pane, in the order of PANES, after which the dock comes."""
        kinds = [kind for kind in self.panes if self._wanted(kind)]
        places = [*kinds, SHELLS] if self.dock.desk.tabs else kinds
        at = places.index(SHELLS if self.dock.active else self.scene.focus)
        if (kind := places[(at + steps) % len(places)]) == SHELLS:
            self.dock.leave()
        else:
            self.navigate.focus(kind)

    def show_focus(self) -> None:
        """The scene has another focus: lay out for it and give its grid the keys."""
        self.dock.active = self.dock.inside = False
        self.dock.show()
        self.lay_out(self.size.width, self.size.height)
        self.pane.grid.focus()
        self.refresh_around()

    # ---- marks -----------------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark or unmark what is under the cursor and go on to the next."""
        self.pane.grid.toggle_mark()
        self.move("down")

    def mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self.pane.grid.mark_range()

    def clear_marks(self) -> None:
        """Unmark everything in the focused pane."""
        self.pane.grid.clear_marks()

    # ---- showing ---------------------------------------------------------------------------------

    def toggle_detail(self) -> None:
        """Show or hide the details."""
        self._detail = not self.facts.display
        self.lay_out(self.size.width, self.size.height)
        self.refresh_around()

    def toggle_wide(self) -> None:
        """The focused pane alone, or all again."""
        self._wide = not self._wide
        self.pane.grid.wide = self._wide
        self.lay_out(self.size.width, self.size.height)

    def toggle_header(self) -> None:
        """Show or hide the header and the key line."""
        self.header.display = not self.header.display
        self.keys.display = self.header.display

    def open_filter(self) -> None:
        """Type a filter for the focused pane."""
        self.prompts.ask_filter(self.scene.place(self.pane.kind).query)

    def open_command(self) -> None:
        """Type a command."""
        self.prompts.ask_command()

    # ---- asking the engine -----------------------------------------------------------------------

    def targets(self) -> tuple[Ref, ...]:
        """What an action would work on: the marked objects, or the one under the cursor."""
        if self.current_group is not None:
            return ()
        marks = cast("set[Ref]", self.pane.grid.marks)
        if marks:
            return tuple(sorted(marks))
        return (self.current_ref,) if self.current_ref else ()

    def why_not_act(self, spec: ActionSpec) -> str:
        """Why that action makes no sense right now."""
        app = self.fleet_app
        if self.current_group is not None and not app.read_only:
            return self.why_no_object()
        return why_not(spec, self.targets(), app.fleet, app.read_only, app.now())

    def act(self, spec: ActionSpec) -> None:
        """Begin an action, bound to these very objects. Hidden ones are asked about too: that is said."""
        if self.pane.grid.hidden_marks:
            self.fleet_app.say(f"{self._marked()}: all of them are asked about", "warn")
        self.fleet_app.errands.begin_action(spec, self.targets())

    def with_current(self, do: Callable[[Item], None]) -> None:
        """Do it with the item under the cursor, if there is one."""
        if self.current is not None:
            do(self.current)


def _stale_section(item: Item, now: float) -> list[Section]:
    """What is said of an object whose source is not live, before anything else."""
    if item.stale_since is None:
        return []
    health = item.source.health_of(item.kind)
    ago = Cell(
        f"◐ as it was {duration(now - item.stale_since)} ago: {item.source.name} is {health.state}", "warn"
    )
    return [Section("Stale", (("state", ago), ("why", Cell(health.detail))))]
