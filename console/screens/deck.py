"""The deck: panes of sources, nodes, instances and pods, and everything a person does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from console.actions import why_not
from console.fleet import SOURCE_KIND, Changes, Item
from console.places import Scene, Trail
from console.query import Query, QueryError, compile_query
from console.screens.following import FollowingScreen
from console.screens.header import NARROW, header_cells
from console.screens.pane import Pane
from console.screens.prompts import Prompts
from console.views import VIEWS
from console.views.scope import Scope
from providers.model import ActionSpec, Pod, Ref
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.facts import Facts
from widgets.grid import Grid

PANES = (SOURCE_KIND, "node", "instance", "pod")
"""The panes in the order that `tab` goes through them."""
DETAIL_RIGHT = 180
"""Columns from which the detail pane stands at the right."""
SOURCES_WIDTH = 36
TALL = 40
"""Rows from which the detail pane is shown without being asked for."""


class Deck(FollowingScreen):
    """The main screen. Commands of the registry are words for what it can do."""

    def __init__(self, focus: str) -> None:
        super().__init__()
        self.trail = Trail(Scene(focus=focus))
        self.prompts = Prompts(self)
        self.header = Bar(id="header")
        self.keys = Bar(id="keys")
        self.facts = Facts(id="detail")
        self.panes: dict[str, Pane] = {}
        self._main = Vertical(id="main")
        self._wide = False
        self._detail: bool | None = None
        """None until a person said whether it is to be shown."""

    @property
    def scene(self) -> Scene:
        """How everything is looked at now."""
        return self.trail.now

    @property
    def pane(self) -> Pane:
        """The focused pane."""
        return self.panes[self.scene.focus]

    @property
    def current_ref(self) -> Ref | None:
        """What is under the cursor of the focused pane."""
        return cast("Ref | None", self.pane.grid.cursor_key)

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        ref = self.current_ref
        return self.fleet_app.fleet.item(ref) if ref else None

    # ---- building and layout ---------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        fleet, flash = self.fleet_app.fleet, self.fleet_app.flash
        for kind in PANES:
            self.panes[kind] = Pane(fleet, VIEWS[kind], flash=flash, now=self.fleet_app.now)
        yield self.header
        with Horizontal(id="body"):
            yield self.panes[SOURCE_KIND]
            with self._main:
                for kind in PANES[1:]:
                    yield self.panes[kind]
            yield self.facts
        yield self.prompts.line
        yield self.keys

    def on_mount(self) -> None:
        self.restore(self.scene)

    def on_screen_resume(self) -> None:
        self.refresh_around()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out(event.size.width, event.size.height)

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is visible for that many columns and rows.

        By inline styles: a class on the screen restyles every node below it, which cost 40 ms a time.
        """
        narrow = width < NARROW or self._wide
        right = width >= DETAIL_RIGHT and not self._wide
        detail = self._detail if self._detail is not None else height >= TALL or right
        self.facts.set_class(right, "at-right")
        self.facts.display = detail and not self._wide
        for kind, pane in self.panes.items():
            focused = kind == self.scene.focus
            pane.display = focused if narrow else self._wanted(kind)
            pane.bar.set_class(focused, "focused")
            if kind == SOURCE_KIND:
                pane.styles.width = "1fr" if narrow else SOURCES_WIDTH
            else:
                pane.styles.height = "4fr" if focused else "3fr" if kind == "pod" else "2fr"
        self._main.display = not narrow or self.scene.focus != SOURCE_KIND
        self._retitle(narrow)

    def _wanted(self, kind: str) -> bool:
        if kind in (SOURCE_KIND, "pod", self.scene.focus):
            return True
        return any(kind in state.info.kinds for state in self.fleet_app.fleet.sources.values())

    def _retitle(self, narrow: bool) -> None:
        tabs = [
            Cell(f" {VIEWS[kind].title} ", "accent" if kind == self.scene.focus else "dim") for kind in PANES
        ]
        for pane in self.panes.values():
            pane.tabs = tabs if narrow else []
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
        cells = self.fleet_app.key_line(self.scene.focus, self)
        marks = len(self.pane.grid.marks)
        return cells, [Cell(f"{marks} marked ", "accent")] if marks else []

    def _show_detail(self) -> None:
        if not self.facts.display:
            return
        item = self.current
        if item is None:
            self.facts.show("", [])
            return
        now = self.fleet_app.now()
        view = VIEWS[item.kind]
        self.facts.show(
            f"{item.kind.capitalize()} {item.name}", view.details(item, self.fleet_app.fleet, now)
        )

    # ---- keys ------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self.prompts.open:
            self.prompts.take(event)
            return
        command = self.fleet_app.registry.for_key(event.key, self.scene.focus)
        if command is None:
            return
        event.stop()
        event.prevent_default()
        await self.fleet_app.run_command(command, self)

    def on_paste(self, event: events.Paste) -> None:
        if self.prompts.open:
            self.prompts.take(event)

    def on_grid_cursor_moved(self) -> None:
        self.refresh_around()

    def on_grid_marks_changed(self) -> None:
        self.refresh_around()

    async def on_grid_chosen(self) -> None:
        self.drill()

    def on_grid_sort_wanted(self, event: Grid.SortWanted) -> None:
        self.sort_by(event.column_key)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for kind, pane in self.panes.items():
            if event.widget is pane.grid and kind != self.scene.focus:
                self._focus(kind)

    # ---- moving ----------------------------------------------------------------------------------

    def move(self, direction: str) -> None:
        """Move the cursor of the focused pane."""
        self.pane.grid.move(direction)

    def focus_next_pane(self, steps: int) -> None:
        """Focus another pane, in the order of PANES."""
        kinds = [kind for kind in PANES if self._wanted(kind)]
        self._focus(kinds[(kinds.index(self.scene.focus) + steps) % len(kinds)])

    def _focus(self, kind: str) -> None:
        self.trail.amend(replace(self.scene, focus=kind))
        self.lay_out(self.size.width, self.size.height)
        self.panes[kind].grid.focus()
        self.refresh_around()

    # ---- places ----------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep the cursors in the present scene, so that coming back finds them."""
        scene = self.scene
        for kind, pane in self.panes.items():
            scene = scene.with_place(kind, replace(scene.place(kind), cursor=pane.grid.cursor_key))
        self.trail.amend(scene)

    def go(self, scene: Scene) -> None:
        """Step on to another scene; a pane whose cursor the scene does not place keeps it where it is."""
        before = self.scene
        self.remember()
        for kind in self.panes:
            place = scene.place(kind)
            if place.cursor == before.place(kind).cursor:
                scene = scene.with_place(kind, replace(place, cursor=self.scene.place(kind).cursor))
        self.trail.step(scene)
        self.restore(scene)

    def restore(self, scene: Scene) -> None:
        """Show everything as that scene says."""
        for kind, pane in self.panes.items():
            place = scene.place(kind)
            pane.look(place, scene.scope, self._query(kind, place.query))
        self._focus(scene.focus)

    def _query(self, kind: str, text: str) -> Query | None:
        try:
            return compile_query(text, kind, self.fleet_app.now) if text else None
        except QueryError:
            return None

    def filter_by(self, text: str) -> None:
        """Filter the focused pane. Raises QueryError, with the last good filter kept."""
        query = compile_query(text, self.pane.kind, self.fleet_app.now) if text else None
        place = replace(self.scene.place(self.pane.kind), query=text)
        self.trail.amend(self.scene.with_place(self.pane.kind, place))
        self.pane.look(replace(place, cursor=self.pane.grid.cursor_key), self.scene.scope, query)
        self.refresh_around()

    def narrow(self, scope: Scope, focus: str) -> None:
        """Narrow every pane to that scope and go to one of them."""
        self.go(replace(self.scene, scope=scope, focus=focus))

    def drill(self) -> None:
        """Into what is under the cursor: a source's objects, a node's pods, an instance's node."""
        item = self.current
        if item is None:
            return
        if item.kind == SOURCE_KIND:
            kinds = item.source.info.kinds
            focus = "pod" if "pod" in kinds else kinds[0] if kinds and kinds[0] in self.panes else "pod"
            self.narrow(replace(Scope(), sources=frozenset({item.source.name})), focus)
        elif item.kind == "node":
            self.narrow(replace(self.scene.scope, node=item.ref), "pod")
        elif item.kind == "instance" and item.node is not None:
            self.go_to_node()
        else:
            self.toggle_detail()

    def go_to_node(self) -> None:
        """Put the cursor on the node of what is under it."""
        item = self.current
        node = item.node if item else None
        if node is not None:
            self.remember()
            place = replace(self.scene.place("node"), query="", faults_only=False, cursor=node.ref)
            scope = replace(self.scene.scope, node=None)
            self.go(replace(self.scene, focus="node", scope=scope).with_place("node", place))

    def why_no_node(self) -> str:
        """Why there is no node to go to."""
        item = self.current
        if item is None:
            return "nothing is under the cursor"
        return "" if item.node else "no node is known for it"

    def narrow_to_owner(self) -> None:
        """Only the pods of the owner of the one under the cursor."""
        item = self.current
        if item and isinstance(item.obj, Pod) and item.obj.owner:
            self.narrow(replace(self.scene.scope, owner=item.obj.owner), "pod")

    def why_no_owner(self) -> str:
        """Why there is no owner to go to."""
        item = self.current
        if item is None:
            return "nothing is under the cursor"
        return "" if getattr(item.obj, "owner", None) else "it has no owner"

    def narrow_to_namespace(self) -> None:
        """Only the pods of the namespace under the cursor."""
        if self.current:
            self.narrow_to_namespaces((self.current.namespace,))

    def narrow_to_namespaces(self, names: Sequence[str]) -> None:
        """Only the pods of those namespaces; of all with none."""
        self.narrow(replace(self.scene.scope, namespaces=frozenset(names)), "pod")

    def go_to_kind(self, kind: str) -> None:
        """Go to the pane of that kind."""
        self.go(replace(self.scene, focus=kind))

    def back(self) -> None:
        """Clear the filter, then the marks, then go back one step."""
        place = self.scene.place(self.pane.kind)
        if place.query:
            self.filter_by("")
        elif self.pane.grid.marks:
            self.clear_marks()
        elif self.trail.back():
            self.restore(self.scene)

    def travel(self, steps: int) -> None:
        """Go back or forward in the history."""
        self.remember()
        if self.trail.travel(steps):
            self.restore(self.scene)

    def last_place(self) -> None:
        """Go to the place before, and back again."""
        self.remember()
        if self.trail.swap():
            self.restore(self.scene)

    def toggle_faults(self) -> None:
        """Show only what is not well, or everything again."""
        place = self.scene.place(self.pane.kind)
        self._amend_place(faults_only=not place.faults_only)

    # ---- sorting and marks -----------------------------------------------------------------------

    def sort_by(self, column: str) -> None:
        """Sort the focused pane by a column; again: the other way round."""
        place = self.scene.place(self.pane.kind)
        self._amend_place(sort=column, descending=not place.descending if place.sort == column else False)

    def sort_next(self, steps: int) -> None:
        """Sort by the column to the right or to the left."""
        keys = [column.key for column in self.pane.listing.columns]
        now = self.scene.place(self.pane.kind).sort or self.pane.view.default_sort
        at = keys.index(now) if now in keys else 0
        self._amend_place(sort=keys[(at + steps) % len(keys)], descending=False)

    def sort_reverse(self) -> None:
        """Turn the order round."""
        self._amend_place(descending=not self.scene.place(self.pane.kind).descending)

    def _amend_place(self, **changes: object) -> None:
        kind = self.pane.kind
        place = replace(self.scene.place(kind), cursor=self.pane.grid.cursor_key, **changes)  # type: ignore[arg-type]
        self.trail.amend(self.scene.with_place(kind, place))
        self.pane.look(place, self.scene.scope, self._query(kind, place.query))
        self.refresh_around()

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
        marks = cast("set[Ref]", self.pane.grid.marks)
        if marks:
            return tuple(sorted(marks))
        return (self.current_ref,) if self.current_ref else ()

    def why_not_act(self, spec: ActionSpec) -> str:
        """Why that action makes no sense right now."""
        app = self.fleet_app
        return why_not(spec, self.targets(), app.fleet, app.read_only, app.now())

    def act(self, spec: ActionSpec) -> None:
        """Begin an action, bound to these very objects."""
        self.fleet_app.errands.begin_action(spec, self.targets())

    def with_current(self, do: Callable[[Item], None]) -> None:
        """Do it with the item under the cursor, if there is one."""
        if self.current is not None:
            do(self.current)
