"""Every built-in command: the registry's content, in the order that help shows it.

Keys that k9s users have in their fingers keep their meaning. Keys that tmux or a plain terminal swallows
(ctrl-space, ctrl-z, ctrl-a, ctrl-b …) always have a second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.commands import Argument, Command, Registry
from console.disagreements import KIND as DISAGREEMENT
from console.keynames import shown_key
from console.runbook import run_commands
from console.screens import walk
from console.shellbook import shell_commands
from console.source import SOURCE_KIND
from console.views import VIEWS, KindView

if TYPE_CHECKING:
    from console.screens.deck import Deck


def _move(id: str, keys: str, title: str, direction: str) -> Command:
    return Command(
        id=id,
        keys=tuple(keys.split()),
        title=title,
        description=f"Cursor: {title}",
        group="Move",
        run=lambda deck: deck.move(direction),
    )


def _sort(column: str, key: str, kinds: tuple[str, ...] = ()) -> Command:
    return Command(
        id=f"sort-{column}",
        keys=(key,),
        title=f"sort by {column}",
        description=f"Sort by {column}; again: the other way round",
        group="Sort",
        kinds=kinds,
        run=lambda deck: deck.navigate.sort_by(column),
        why_not=lambda deck: "" if deck.pane.rows.can_sort(column) else f"there is no column {column} here",
    )


def _no_object(deck: Deck) -> str:
    return deck.why_no_object()


def builtin() -> list[Command]:
    """The commands of the console itself, in the order of help."""
    return [*_move_commands(), *_look_commands(), *_narrow_commands(), *_mark_commands(), *_sort_commands(),
            *_go_commands(), *_other_commands(), *shell_commands(), *run_commands()]  # fmt: skip


def _move_commands() -> list[Command]:
    return [
        _move("down", "j down", "down", "down"),
        _move("up", "k up", "up", "up"),
        _move("top", "g home", "to the top", "home"),
        _move("bottom", "G end", "to the bottom", "end"),
        _move("page-down", "ctrl+f pagedown", "a page down", "page_down"),
        _move("page-up", "ctrl+b pageup", "a page up", "page_up"),
        _move("left", "h left", "columns to the left", "left"),
        _move("right", "right", "columns to the right", "right"),
        Command(
            id="next-pane",
            keys=("tab",),
            title="next pane",
            description="Go to the next pane",
            group="Move",
            footer=True,
            everywhere=True,
            run=lambda deck: deck.focus_next_pane(1),
        ),
        Command(
            id="previous-pane",
            keys=("shift+tab",),
            title="previous pane",
            description="Go to the pane before",
            group="Move",
            everywhere=True,
            run=lambda deck: deck.focus_next_pane(-1),
        ),
    ]


def _look_commands() -> list[Command]:
    return [
        Command(
            id="drill",
            keys=("enter",),
            title="into",
            description="To a source's objects, a node's pods, an instance's node, "
            "the node or instance that a disagreement is of; else the details",
            group="Look",
            footer=True,
            run=lambda deck: deck.navigate.drill(),
            why_not=lambda deck: "" if deck.current_group else deck.why_no_object(),
        ),
        Command(
            id="detail",
            keys=("d",),
            title="detail",
            description="Show or hide the details of what is under the cursor",
            group="Look",
            footer=True,
            words=("describe",),
            run=lambda deck: deck.toggle_detail(),
        ),
        Command(
            id="yaml",
            keys=("y",),
            title="yaml",
            description="The object as its server has it, read now",
            group="Look",
            except_kinds=(SOURCE_KIND, DISAGREEMENT),
            footer=True,
            run=lambda deck: deck.with_current(deck.fleet_app.errands.show_document),
            why_not=_no_object,
        ),
        Command(
            id="console",
            keys=("l",),
            title="console output",
            description="What the machine printed on its console while it booted, read now",
            group="Look",
            kinds=("instance",),
            footer=True,
            run=lambda deck: deck.with_current(deck.fleet_app.errands.show_console),
            why_not=lambda deck: deck.why_no_object() or deck.fleet_app.errands.why_no_console(deck.current),
        ),
        Command(
            id="node-of-pod",
            keys=("o",),
            title="node",
            description="Go to the node of the pod or the instance",
            group="Walk",
            kinds=("pod", "instance"),
            footer=True,
            run=lambda deck: deck.navigate.go_to_node(),
            why_not=lambda deck: deck.navigate.why_no_node(),
        ),
        Command(
            id="instance-under",
            keys=("i",),
            title="instance",
            description="Go to the instance under the node or the pod",
            group="Walk",
            kinds=("node", "pod"),
            footer=True,
            run=walk.to_instance,
            why_not=walk.why_no_instance,
        ),
        Command(
            id="volumes-of",
            keys=("v",),
            title="volumes",
            description="Only a pod's own volumes, or else those of the instance that it is or runs on",
            group="Walk",
            kinds=("instance", "node", "pod"),
            footer=True,
            run=walk.to_volumes,
            why_not=walk.why_no_volumes,
        ),
        Command(
            id="owner",
            keys=("J",),
            title="owner",
            description="Only the pods of the same owner",
            group="Look",
            kinds=("pod",),
            run=lambda deck: deck.navigate.narrow_to_owner(),
            why_not=lambda deck: deck.navigate.why_no_owner(),
        ),
        Command(
            id="wide",
            keys=("ctrl+w", "W"),
            title="wide",
            description="This pane alone, with every column",
            group="Look",
            run=lambda deck: deck.toggle_wide(),
        ),
        Command(
            id="header",
            keys=("ctrl+e",),
            title="header",
            description="Show or hide the header and the key line",
            group="Look",
            run=lambda deck: deck.toggle_header(),
        ),
        Command(
            id="messages",
            keys=("m",),
            title="messages",
            description="What was done, what failed and why; kept until you have read it",
            group="Look",
            everywhere=True,
            run=lambda deck: deck.fleet_app.errands.show_messages(),
        ),
    ]


def _narrow_commands() -> list[Command]:
    return [
        Command(
            id="filter",
            keys=("slash",),
            title="filter",
            description="Words that must all match; !word, /regex/, field:value, age>1h, restarts>3",
            group="Narrow",
            footer=True,
            run=lambda deck: deck.open_filter(),
        ),
        Command(
            id="back",
            keys=("escape",),
            title="back",
            description="Clear the filter, then marks, leave the groups, then go back one step",
            group="Narrow",
            run=lambda deck: deck.navigate.back(),
        ),
        Command(
            id="faults",
            keys=("ctrl+z", "X"),
            title="faults only",
            description="Only what is not well",
            group="Narrow",
            except_kinds=(SOURCE_KIND,),
            run=lambda deck: deck.navigate.toggle_faults(),
        ),
        Command(
            id="group-by",
            keys=("b",),
            title="by",
            description="Count by zone, type, account, tag:NAME …: a row for each; :by alone takes it back",
            group="Narrow",
            footer=True,
            words=("by",),
            argument=Argument(
                lambda deck, name: deck.navigate.group_by(name),
                lambda deck, begun: deck.pane.offers(begun),
            ),
            run=lambda deck: deck.prompts.ask_grouping(),
        ),
        Command(
            id="its-namespace",
            keys=("w",),
            title="its namespace",
            description="Only the pods of this pod's namespace",
            group="Narrow",
            kinds=("pod",),
            run=lambda deck: deck.navigate.narrow_to_namespace(),
            why_not=_no_object,
        ),
        Command(
            id="its-zone",
            keys=("z",),
            title="its zone",
            description="Only what is in the same zone; esc clears it, as any filter",
            group="Walk",
            kinds=("instance", "node", "pod"),
            footer=True,
            run=walk.to_zone,
            why_not=walk.why_no_zone,
        ),
        Command(
            id="all-namespaces",
            keys=("0",),
            title="all namespaces",
            description="Pods of every namespace",
            group="Narrow",
            run=lambda deck: deck.navigate.narrow_to_namespaces(()),
        ),
    ]


def _mark_commands() -> list[Command]:
    return [
        Command(
            id="mark",
            keys=("space",),
            title="mark",
            description="Mark or unmark; actions then work on all marked objects",
            group="Mark",
            except_kinds=(SOURCE_KIND,),
            run=lambda deck: deck.mark(),
            why_not=_no_object,
        ),
        Command(
            id="mark-range",
            keys=("ctrl+@", "ctrl+space", "V"),
            title="mark to here",
            description="Mark everything from the last mark to the cursor",
            group="Mark",
            except_kinds=(SOURCE_KIND,),
            run=lambda deck: deck.mark_range(),
            why_not=_no_object,
        ),
        Command(
            id="clear-marks",
            keys=("ctrl+backslash", "M"),
            title="clear marks",
            description="Unmark everything in this pane",
            group="Mark",
            except_kinds=(SOURCE_KIND,),
            run=lambda deck: deck.clear_marks(),
        ),
    ]


def _sort_commands() -> list[Command]:
    return [
        _sort("name", "N"),
        _sort("age", "A"),
        _sort("status", "E", ("pod", "node")),
        _sort("state", "E", ("instance", "host", "unit")),
        _sort("namespace", "P", ("pod",)),
        _sort("restarts", "T", ("pod",)),
        Command(
            id="sort-next",
            keys=("shift+right",),
            title="sort by the next column",
            description="Sort by the column to the right",
            group="Sort",
            run=lambda deck: deck.navigate.sort_next(1),
        ),
        Command(
            id="sort-previous",
            keys=("shift+left",),
            title="sort by the column before",
            description="Sort by the column to the left",
            group="Sort",
            run=lambda deck: deck.navigate.sort_next(-1),
        ),
        Command(
            id="sort-reverse",
            keys=("O",),
            title="reverse",
            description="Turn the order round",
            group="Sort",
            run=lambda deck: deck.navigate.sort_reverse(),
        ),
    ]


def _go_commands() -> list[Command]:
    return [
        Command(
            id="command",
            keys=("colon",),
            title="command",
            description="Type a command: :pods NS, :nodes, :instances, :disagree, :ctx NAME, :ns NAME, :q …",
            group="Go",
            footer=True,
            everywhere=True,
            run=lambda deck: deck.open_command(),
        ),
        *(_view(view) for view in VIEWS.values()),
        Command(
            id="earlier",
            keys=("left_square_bracket",),
            title="earlier",
            description="One step back in the history of places",
            group="Go",
            run=lambda deck: deck.navigate.travel(-1),
        ),
        Command(
            id="later",
            keys=("right_square_bracket",),
            title="later",
            description="One step forward again",
            group="Go",
            run=lambda deck: deck.navigate.travel(1),
        ),
        Command(
            id="last",
            keys=("minus",),
            title="last place",
            description="Between this place and the one before",
            group="Go",
            run=lambda deck: deck.navigate.last_place(),
        ),
    ]


def _view(view: KindView) -> Command:
    title = view.title.lower()
    return Command(
        id=f"go-{view.kind}",
        keys=(),
        title=title,
        description=f"Go to the {title}",
        group="Go",
        words=tuple(dict.fromkeys((title, view.kind, *view.aliases))),
        run=lambda deck: deck.navigate.go_to_kind(view.kind),
    )


def _other_commands() -> list[Command]:
    return [
        Command(
            id="copy-name",
            keys=("c",),
            title="copy name",
            description="Copy the name to the clipboard",
            group="Actions",
            except_kinds=("node",),
            run=lambda deck: deck.with_current(lambda item: deck.fleet_app.copy_text(item.name)),
            why_not=_no_object,
        ),
        Command(
            id="copy-namespace",
            keys=("n",),
            title="copy namespace",
            description="Copy the namespace to the clipboard",
            group="Actions",
            kinds=("pod",),
            run=lambda deck: deck.with_current(lambda item: deck.fleet_app.copy_text(item.namespace)),
            why_not=_no_object,
        ),
        Command(
            id="save",
            keys=("ctrl+s",),
            title="save",
            description="Save the rows of this pane as CSV",
            group="Other",
            run=lambda deck: deck.fleet_app.errands.save_rows(deck.pane.rows, deck.pane.title),
        ),
        Command(
            id="refresh",
            keys=("ctrl+r",),
            title="refresh",
            description="Connect and list again, at once",
            group="Other",
            everywhere=True,
            run=lambda deck: deck.fleet_app.errands.refresh(""),
        ),
        Command(
            id="verify",
            keys=(),
            title="verify",
            description="Hold what is shown of a source against a fresh list",
            group="Other",
            words=("check",),
            run=lambda deck: deck.with_current(deck.fleet_app.errands.verify),
        ),
        Command(
            id="theme",
            keys=(),
            title="theme",
            argument=Argument(
                lambda deck, name: deck.fleet_app.choose_theme(name),
                lambda deck, begun: [name for name in deck.fleet_app.themes if name.startswith(begun)],
            ),
            description="Choose a theme: :theme NAME",
            group="Other",
            everywhere=True,
            run=lambda deck: deck.fleet_app.choose_theme(""),
        ),
        Command(
            id="help",
            keys=("question_mark",),
            title="help",
            description="Every key, and why one can't be used right now",
            group="Other",
            footer=True,
            everywhere=True,
            run=lambda deck: deck.fleet_app.errands.show_help(deck),
        ),
        Command(
            id="aliases",
            keys=("ctrl+a",),
            title="commands",
            description="Everything that can be typed after `:`",
            group="Other",
            words=("aliases",),
            everywhere=True,
            run=lambda deck: deck.fleet_app.errands.show_help(deck),
        ),
        Command(
            id="quit",
            keys=("ctrl+c", "ctrl+q"),
            title="quit",
            description="Leave; the engine stops with the console",
            group="Other",
            words=("q", "q!", "exit"),
            everywhere=True,
            run=lambda deck: deck.shells.quit(),
        ),
    ]


def lines(registry: Registry, keys: dict[str, str]) -> Iterator[str]:
    """Every command as `id  keys  description`, with the keys of a configuration."""
    for command in registry.remapped(keys).commands.values():
        shown = ", ".join(shown_key(key) for key in command.keys)
        yield f"{command.id:<16} {shown:<24} {command.description}"
