"""The prompt at the foot of the deck: a filter or a command being typed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events

from console.commands import Argument
from console.fleet import SOURCE_KIND
from console.query import QueryError
from console.typed import NAMESPACE_WORDS, Typed, completions, read
from console.views import kind_called
from widgets.prompt import Prompt

if TYPE_CHECKING:
    from console.screens.deck import Deck


class Prompts:
    """What is being typed, and what happens with it."""

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.line = Prompt(id="prompt")
        self._mode = ""
        self._before = ""
        """The filter that escape brings back."""
        self._cursor: Hashable | None = None
        """What was under the cursor then."""
        self._question = ""
        self._complete: Callable[[str], Sequence[str]] | None = None
        self._answer: Callable[[str], str] = lambda _: ""
        """Takes what was asked for; why it can't, "" when it did."""
        self._yes: Callable[[], None] = lambda: None

    @property
    def open(self) -> bool:
        """Whether something is being typed."""
        return bool(self._mode)

    def ask_filter(self, present: str) -> None:
        """Open it on a new filter; rows follow as it is typed, and escape brings the present one back."""
        self._open_for("filter")
        self._before, self._cursor = present, self.deck.pane.grid.cursor_key
        self.line.ask("/", focus=False)
        self.deck.navigate.filter_by("")

    def ask_command(self) -> None:
        """Open it on an empty command."""
        app = self.deck.fleet_app
        self._open_for("command")
        self.line.ask(
            ":",
            "",
            focus=False,
            complete=lambda text: completions(
                text, app.registry, app.fleet.namespaces(), list(app.fleet.sources), self._offers
            ),
        )

    def ask_grouping(self, text: str = "") -> None:
        """Open it on what the focused pane's objects can be grouped by."""
        self._open_for("grouping")
        self.line.ask("group by ", text, complete=self.deck.pane.offers, menu=True, focus=False)

    def ask_line(
        self,
        question: str,
        answer: Callable[[str], str],
        text: str = "",
        *,
        complete: Callable[[str], Sequence[str]] | None = None,
        menu: bool = False,
    ) -> None:
        """Ask for a line; `answer` takes it, or says why not, and then it is asked for again."""
        if self.deck.dock.inside:
            self.deck.dock.leave()
        self._open_for("line")
        self._question, self._answer, self._complete = question, answer, complete
        self.line.ask(question, text, complete=complete, menu=menu, focus=False)

    def ask_yes(self, question: str, yes: Callable[[], None]) -> None:
        """Ask for one key: `y` or enter is yes, every other one no."""
        if self.deck.dock.inside:
            self.deck.dock.leave()
        self._open_for("yes")
        self._yes = yes
        self.line.ask(f"{question} y/n ", focus=False)

    def _answered(self, text: str) -> None:
        question, answer, complete = self._question, self._answer, self._complete
        self._close()
        if complaint := answer(text):
            self.ask_line(question, answer, text, complete=complete)
            self.line.complain(complaint)

    def _offers(self, argument: Argument, begun: str) -> Iterable[str]:
        return argument.offers(self.deck, begun)

    def take(self, event: events.Key | events.Paste) -> None:
        """What is typed while it is open; the focus stays where it was."""
        if self._mode == "yes":
            self._decide(event)
            return
        if isinstance(event, events.Key) and event.key == "ctrl+c":
            self._cancel()
            return
        for message in self.line.take(event):
            match message:
                case Prompt.Submitted():
                    self._submit(message.text)
                case Prompt.Changed():
                    self._change(message.text)
                case Prompt.Cancelled():
                    self._cancel()

    def _decide(self, event: events.Key | events.Paste) -> None:
        self._close()
        if isinstance(event, events.Key) and event.key in ("y", "Y", "enter"):
            self._yes()

    def _change(self, text: str) -> None:
        if self._mode == "filter":
            try:
                self.deck.navigate.filter_by(text)
            except QueryError as error:
                self.line.complain(error.message, error.start, error.end)

    def _submit(self, text: str) -> None:
        """Keep the filter, or carry out the command. What is wrong stays open and says so."""
        if self._mode == "filter":
            if not self.line.error:
                self._close()
            return
        if self._mode == "grouping":
            self._group(text)
            return
        if self._mode == "line":
            self._answered(text)
            return
        app = self.deck.fleet_app
        typed = read(text, app.registry, lambda word: kind_called(word, app.fleet))
        if error := typed.error or self._unknown(typed.sources):
            self.line.complain(error)
        elif typed.command is not None and typed.command.argument is not None:
            self._take(typed.command.argument, typed.argument, len(text) - len(typed.argument))
        else:
            self._close()
            self._carry_out(typed)

    def _unknown(self, names: tuple[str, ...]) -> str:
        """Which of the sources is none, and which there are."""
        known = self.deck.fleet_app.fleet.sources
        unknown = next((name for name in names if name not in known), "")
        return f"no source {unknown}; there are: {', '.join(sorted(known))}" if unknown else ""

    def _carry_out(self, typed: Typed) -> None:
        app, command = self.deck.fleet_app, typed.command
        if typed.kind:
            app.run_worker(self._open(typed.kind, (), (), typed.filter), exit_on_error=False, group="command")
        if command is None:
            return
        if typed.sources and command.id == f"go-{SOURCE_KIND}":
            self.deck.navigate.narrow_to_sources(typed.sources)
        elif typed.namespaces or typed.sources or (typed.filter and command.id.startswith("go-")):
            kind = command.id.removeprefix("go-")
            if kind in self.deck.panes:
                self._go(kind, typed.namespaces, typed.sources, typed.filter)
            else:
                opening = self._open(kind, typed.namespaces, typed.sources, typed.filter)
                app.run_worker(opening, exit_on_error=False, group="command")
        elif typed.word in NAMESPACE_WORDS:
            self.deck.navigate.narrow_to_namespaces(())
        else:
            app.run_command(command, self.deck)

    def _group(self, text: str) -> None:
        """By what was typed, or where that is not all of a name, by what is offered."""
        name = text if self.deck.pane.can_group(text) else text + self.line.ghost
        if name.endswith(":"):
            self.ask_grouping(name)
            return
        try:
            self.deck.navigate.group_by(name)
        except QueryError as error:
            self.line.complain(error.message, error.start, error.end)
        else:
            self._close()

    def _take(self, argument: Argument, text: str, at: int) -> None:
        """Do a command with what was typed after it, at that place in the line."""
        try:
            argument.take(self.deck, text)
        except QueryError as error:
            self.line.complain(error.message, at + error.start, at + error.end)
        else:
            self._close()

    def _cancel(self) -> None:
        if self._mode == "filter":
            self.deck.navigate.filter_by(self._before)
            self.deck.pane.grid.go_to(self._cursor)
        self._close()

    async def _open(
        self, kind: str, namespaces: tuple[str, ...], sources: tuple[str, ...], query: str
    ) -> None:
        await self.deck.open_pane(kind)
        self._go(kind, namespaces, sources, query)

    def _go(self, kind: str, namespaces: tuple[str, ...], sources: tuple[str, ...], query: str) -> None:
        scene = self.deck.scene
        scope = scene.scope
        if namespaces:
            scope = replace(scope, namespaces=frozenset(namespaces))
        if sources:
            scope = replace(scope, sources=frozenset(sources))
        place = replace(scene.place(kind), query=query)
        self.deck.navigate.go(replace(scene, scope=scope, focus=kind).with_place(kind, place))

    def _open_for(self, mode: str) -> None:
        """Beside a shell it takes the place of the key line: no program is to be told of another size."""
        self._mode = mode
        if self.deck.dock.desk.tabs:
            self.deck.keys.display = False

    def _close(self) -> None:
        self._mode = ""
        self.line.close()
        self.deck.keys.display = self.deck.header.display
