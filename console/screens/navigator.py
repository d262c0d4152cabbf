"""Where a person is on the deck and how they got there: scenes gone to, narrowed, sorted, gone back from."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console.fleet import SOURCE_KIND
from console.places import Place, Scene, Trail
from console.query import Query, QueryError, compile_query
from console.views.dimension import Group, dimension
from console.views.scope import Scope
from providers.model import Pod, Ref

if TYPE_CHECKING:
    from console.screens.deck import Deck


class Navigator:
    """The deck's trail, and every way to move on it."""

    def __init__(self, deck: Deck, focus: str) -> None:
        self.deck = deck
        self.trail = Trail(Scene(focus=focus))

    @property
    def scene(self) -> Scene:
        """How everything is looked at now."""
        return self.trail.now

    def focus(self, kind: str) -> None:
        """Go to the pane of that kind without a step in the history."""
        self.trail.amend(replace(self.scene, focus=kind))
        self.deck.show_focus()

    def remember(self) -> None:
        """Keep the cursors in the present scene, so that coming back finds them."""
        scene = self.scene
        for kind, pane in self.deck.panes.items():
            scene = scene.with_place(kind, replace(scene.place(kind), cursor=pane.grid.cursor_key))
        self.trail.amend(scene)

    def go(self, scene: Scene) -> None:
        """Step on to another scene; a pane whose cursor the scene does not place keeps it where it is."""
        before = self.scene
        self.remember()
        for kind in self.deck.panes:
            place = scene.place(kind)
            if place.cursor == before.place(kind).cursor:
                scene = scene.with_place(kind, replace(place, cursor=self.scene.place(kind).cursor))
        self.trail.step(scene)
        self.restore(scene)

    def restore(self, scene: Scene) -> None:
        """Show everything as that scene says."""
        for kind, pane in self.deck.panes.items():
            place = scene.place(kind)
            pane.look(place, scene.scope, self._query(kind, place.query))
        self.focus(scene.focus)

    def _query(self, kind: str, text: str) -> Query | None:
        try:
            return compile_query(text, self.deck.panes[kind].view, self.deck.fleet_app.now) if text else None
        except QueryError:
            return None

    def filter_by(self, text: str) -> None:
        """Filter the focused pane. Raises QueryError, with the last good filter kept."""
        query = compile_query(text, self.deck.pane.view, self.deck.fleet_app.now) if text else None
        place = replace(self.scene.place(self.deck.pane.kind), query=text)
        self.trail.amend(self.scene.with_place(self.deck.pane.kind, place))
        self.deck.pane.look(replace(place, cursor=self.deck.pane.grid.cursor_key), self.scene.scope, query)
        self.deck.refresh_around()

    def narrow(self, scope: Scope, focus: str) -> None:
        """Narrow every pane to that scope and go to one of them."""
        self.go(replace(self.scene, scope=scope, focus=focus))

    def drill(self) -> None:
        """Into what is under the cursor: a source's objects, a node's pods, what else its view leads to."""
        group = self.deck.current_group
        if group is not None:
            self.go_into(group)
            return
        item = self.deck.current
        if item is None:
            return
        target = self.deck.pane.view.leads_to(item)
        if target is not None:
            self.go_to(target)
        elif item.kind == SOURCE_KIND:
            self.narrow_to_sources((item.source.name,))
        elif item.kind == "node":
            self.narrow(replace(self.scene.scope, node=item.ref), "pod")
        else:
            self.deck.toggle_detail()

    def go_into(self, group: Group) -> None:
        """Only what is in that group, in the focused pane; the cursor stays on an object of it."""
        place = self.scene.place(self.deck.pane.kind)
        if group not in place.within:
            cursor = None if place.grouped_by else self.deck.pane.grid.cursor_key
            self._step(replace(place.into(group), cursor=cursor))

    def go_to_node(self) -> None:
        """Put the cursor on the node of what is under it."""
        item = self.deck.current
        if item is not None and item.node is not None:
            self.go_to(item.node.ref)

    def go_to(self, ref: Ref) -> None:
        """Put the cursor on that object (or what stands for it), and narrow to nothing that hides it."""
        self.remember()
        item = self.deck.fleet_app.fleet.item(ref)
        scope = replace(self.scene.scope, node=None)
        if item is not None:
            row = next(iter(self.deck.panes[ref.kind].view.told_by(item)), item)
            ref, scope = row.ref, scope.reaching(row)
        place = self.scene.place(ref.kind).showing(ref)
        self.go(replace(self.scene, focus=ref.kind, scope=scope).with_place(ref.kind, place))

    def why_no_node(self) -> str:
        """Why there is no node to go to."""
        item = self.deck.current
        if item is None:
            return self.deck.why_no_object()
        return "" if item.node else "no node is known for it"

    def narrow_to_owner(self) -> None:
        """Only the pods of the owner of the one under the cursor."""
        item = self.deck.current
        if item and isinstance(item.obj, Pod) and item.obj.owner:
            self.narrow(replace(self.scene.scope, owner=item.obj.owner), "pod")

    def why_no_owner(self) -> str:
        """Why there is no owner to go to."""
        item = self.deck.current
        if item is None:
            return self.deck.why_no_object()
        return "" if getattr(item.obj, "owner", None) else "it has no owner"

    def narrow_to_sources(self, names: Sequence[str]) -> None:
        """Only what those sources have: their pods, or what they have in place of pods."""
        sources = self.deck.fleet_app.fleet.sources
        kinds = [kind for name in names if name in sources for kind in sources[name].info.kinds]
        focus = "pod" if "pod" in kinds else next((kind for kind in kinds if kind in self.deck.panes), "pod")
        self.narrow(Scope(sources=frozenset(names)), focus)

    def narrow_to_namespace(self) -> None:
        """Only the pods of the namespace under the cursor."""
        if self.deck.current:
            self.narrow_to_namespaces((self.deck.current.namespace,))

    def narrow_to_namespaces(self, names: Sequence[str]) -> None:
        """Only the pods of those namespaces; of all with none."""
        self.narrow(replace(self.scene.scope, namespaces=frozenset(names)), "pod")

    def go_to_kind(self, kind: str) -> Coroutine[Any, Any, None] | None:
        """Go to the pane of that kind: at once, or once it is made."""
        if kind not in self.deck.panes:
            return self._open(kind)
        self.go(replace(self.scene, focus=kind))
        return None

    async def _open(self, kind: str) -> None:
        await self.deck.open_pane(kind)
        self.go(replace(self.scene, focus=kind))

    def group_by(self, name: str) -> None:
        """A row for each value of that in the focused pane; with "" a row for each object of the kind again.

        Raises QueryError when its objects can't be grouped so.
        """
        place = self.scene.place(self.deck.pane.kind)
        if name:
            self._step(place.grouped(dimension(self.deck.pane.view, name).name))
        elif place.grouped_by or place.within:
            self._step(replace(place.grouped(""), within=()))

    def _step(self, place: Place) -> None:
        """Step on in the focused pane."""
        self.go(self.scene.with_place(self.deck.pane.kind, place))

    def _ungroup(self) -> None:
        """Out of the groups: to what this pane showed before, or else to their objects."""
        before = self.trail.before
        if before is not None and before.focus == self.deck.pane.kind:
            self.trail.back()
            self.restore(self.scene)
        else:
            self._amend(self.scene.place(self.deck.pane.kind).grouped(""))

    def back(self) -> None:
        """Clear the filter, then the marks, then leave the groups, then go back one step."""
        place = self.scene.place(self.deck.pane.kind)
        if place.query:
            self.filter_by("")
        elif place.faults_only:
            self.toggle_faults()
        elif self.deck.pane.grid.marks:
            self.deck.clear_marks()
        elif place.grouped_by:
            self._ungroup()
        elif self.trail.back():
            self.restore(self.scene)

    def travel(self, steps: int) -> None:
        """Go back or forward in the history."""
        self.remember()
        if self.trail.travel(steps):
            self.restore(self.scene)
        else:
            self.deck.fleet_app.say("there is no earlier place" if steps < 0 else "there is no later place")

    def last_place(self) -> None:
        """Go to the place before, and back again."""
        self.remember()
        if self.trail.swap():
            self.restore(self.scene)

    def toggle_faults(self) -> None:
        """Show only what is not well, or everything again."""
        place = self.scene.place(self.deck.pane.kind)
        self._amend(replace(place, faults_only=not place.faults_only))

    # ---- sorting -----------------------------------------------------------------------------------

    def sort_by(self, column: str) -> None:
        """Sort the focused pane by a column; again: the other way round."""
        now, descending = self.scene.place(self.deck.pane.kind).order
        self._sort(column, now == column and not descending)

    def sort_next(self, steps: int) -> None:
        """Sort by the column to the right or to the left."""
        rows = self.deck.pane.rows
        keys = [column.key for column in rows.columns]
        at = keys.index(rows.sort_key) if rows.sort_key in keys else 0
        self._sort(keys[(at + steps) % len(keys)], False)

    def sort_reverse(self) -> None:
        """Turn the order round."""
        sort, descending = self.scene.place(self.deck.pane.kind).order
        self._sort(sort, not descending)

    def _sort(self, column: str, descending: bool) -> None:
        self._amend(self.scene.place(self.deck.pane.kind).ordered(column, descending))

    def _amend(self, place: Place) -> None:
        """Look at the focused pane so, without a step in the history; the cursor stays on its row."""
        kind = self.deck.pane.kind
        place = replace(place, cursor=self.deck.pane.grid.cursor_key)
        self.deck.pane.look(place, self.scene.scope, self._query(kind, place.query))
        self.trail.amend(self.scene.with_place(kind, place))
        self.deck.refresh_around()
