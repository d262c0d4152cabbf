"""Commands of shells: what opens one, and what is done on the dock's tabs, in the order of help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from console.commands import Argument, Command
from console.contexts import LOGS, PROGRAM, SHELLS
from console.targets import KINDS

if TYPE_CHECKING:
    from console.screens.deck import Deck
    from console.screens.shells import ShellVerbs
    from providers.stream import Purpose

GROUP = "Shells"


def shell_commands() -> list[Command]:
    """All of them."""
    return [*_opening(), *_carrying(), *_moving(), *_living(), *_looking()]


# ---- on what is under the cursor ---------------------------------------------------------------------


def _begin(purpose: Purpose, *, whole: bool = False, words: str | None = None) -> Callable[[Deck], None]:
    def run(deck: Deck) -> None:
        opening = deck.fleet_app.opening
        deck.with_current(lambda item: opening.begin(item, purpose, whole=whole, words=words))

    return run


def _why(purpose: Purpose) -> Callable[[Deck], str]:
    return lambda deck: deck.why_no_object() or deck.fleet_app.opening.why_not(deck.current, purpose)


def _shell_by(deck: Deck, words: str) -> None:
    why = _why("shell")(deck)
    if why:
        deck.fleet_app.say(f"shell: {why}", "warn")
    else:
        deck.with_current(lambda item: deck.fleet_app.opening.begin(item, words=words or None))


def _way_offers(deck: Deck, begun: str) -> Iterable[str]:
    kind = deck.current.kind if deck.current is not None else ""
    return [way for way in deck.fleet_app.opening.ways.get(kind, ()) if way.startswith(begun)]


def _opens(
    id: str,
    key: str,
    title: str,
    description: str,
    purpose: Purpose,
    *,
    kinds: tuple[str, ...] = ("pod",),
    whole: bool = False,
    words: str | None = None,
    footer: bool = False,
) -> Command:
    """What opens a session for that purpose on the object under the cursor."""
    return Command(
        id=id,
        keys=(key,),
        title=title,
        description=description,
        group="Actions",
        kinds=kinds,
        footer=footer,
        run=_begin(purpose, whole=whole, words=words),
        why_not=_why(purpose),
    )


def _opening() -> list[Command]:
    return [
        Command(
            id="shell",
            keys=("s",),
            title="shell",
            description="A shell there, in a pane beside the data; :shell WAY by that way",
            group="Actions",
            kinds=KINDS,
            footer=True,
            argument=Argument(_shell_by, _way_offers),
            run=_begin("shell"),
            why_not=_why("shell"),
        ),
        _opens(
            "shell-whole",
            "S",
            "shell, whole screen",
            "A shell on the whole terminal; the key that leaves one comes back",
            "shell",
            kinds=KINDS,
            whole=True,
        ),
        Command(
            id="ways",
            keys=(),
            title="ways in",
            description="Every way to a shell there: what each does, or why it is closed and what opens it",
            group="Actions",
            kinds=KINDS,
            run=_begin("shell", words=""),
            why_not=lambda deck: (
                deck.why_no_object() or deck.fleet_app.opening.why_not(deck.current, opens=False)
            ),
        ),
        _opens(
            "logs",
            "l",
            "logs",
            "What a container prints, from its last lines on",
            "logs",
            words="logs",
            footer=True,
        ),
        _opens(
            "previous-logs",
            "p",
            "previous logs",
            "What the container's run before this one printed",
            "logs",
            words="previous",
        ),
        _opens(
            "attach",
            "a",
            "attach",
            "To what runs in a container already, with its input and output",
            "attach",
        ),
    ]


def _carrying() -> list[Command]:
    return [
        Command(
            id="transfer",
            keys=("t",),
            title="transfer",
            description="One file there, or from there to here; never over another one unasked",
            group="Actions",
            kinds=KINDS,
            run=lambda deck: deck.with_current(deck.fleet_app.carriage.begin),
            why_not=_why("get"),
        ),
        Command(
            id="forward",
            keys=("F",),
            title="forward a port",
            description="A port of the pod on this machine's loopback, kept across restarts by its owner",
            group="Actions",
            kinds=("pod",),
            run=lambda deck: deck.with_current(deck.fleet_app.ports.begin),
            why_not=_why("forward"),
        ),
        Command(
            id="forwards-of",
            keys=("f",),
            title="its forwards",
            description="The forwards of the pod and its owner",
            group="Actions",
            kinds=("pod",),
            run=lambda deck: deck.with_current(deck.fleet_app.ports.show),
            why_not=lambda deck: deck.why_no_object(),
        ),
        Command(
            id="forwards",
            keys=(),
            title="forwards",
            description="Every forward: where it listens and leads to, what failed last, and to end it",
            group=GROUP,
            everywhere=True,
            words=("pf",),
            run=lambda deck: deck.fleet_app.ports.show(),
        ),
    ]


# ---- on the tabs -------------------------------------------------------------------------------------


def _on_tabs(id: str, keys: str, title: str, description: str, run: Callable[[ShellVerbs], None]) -> Command:
    return Command(
        id=id,
        keys=tuple(keys.split()),
        title=title,
        description=description,
        group=GROUP,
        kinds=(SHELLS,),
        shown_at=tuple(context for context, ids in _SHOWN.items() if id in ids),
        run=lambda deck: run(deck.shells),
        why_not=lambda deck: deck.shells.why_not_typed() if id in _TYPED else deck.shells.why_none(),
    )


_SHOWN = {
    SHELLS: (
        "enter-shell",
        "close-shell",
        "mark-shell",
        "broadcast",
        "whole-shell",
        "grow-shell",
        "search-shell",
    ),
    LOGS: (
        "close-shell",
        "grow-shell",
        "scroll-up",
        "scroll-newest",
        "search-shell",
        "next-match",
        "select-shell",
        "copy-shell",
        "save-shell",
    ),
}
"""In the key lines."""
_TYPED = ("enter-shell", "mark-shell", "broadcast", "whole-shell")
"""Of use only where something is typed."""


def _moving() -> list[Command]:
    return [
        Command(
            id="leave-shell",
            keys=("ctrl+right_square_bracket",),
            title="leaves the shell",
            description="From a shell to the tabs; every other key is the program's",
            group=GROUP,
            kinds=(PROGRAM,),
            footer=True,
            run=lambda deck: deck.dock.leave(),
        ),
        Command(
            id="shells",
            keys=("grave_accent",),
            title="shells",
            description="To the shells from wherever, and from their tabs back in",
            group=GROUP,
            everywhere=True,
            run=lambda deck: deck.shells.go_there(),
            why_not=lambda deck: deck.shells.why_none(),
        ),
        _on_tabs(
            "enter-shell",
            "enter i",
            "back in",
            "Into the program; where a way failed, the next one",
            lambda verbs: verbs.enter(),
        ),
        Command(
            id="leave-shells",
            keys=("escape",),
            title="data",
            description="From the tabs back to the data",
            group=GROUP,
            kinds=(SHELLS,),
            footer=True,
            run=lambda deck: deck.dock.part(),
        ),
        _on_tabs("next-shell", "l right", "next", "The next tab", lambda verbs: verbs.step(1)),
        _on_tabs("previous-shell", "h left", "before", "The tab before", lambda verbs: verbs.step(-1)),
        *(_number(number) for number in range(1, 10)),
    ]


def _number(number: int) -> Command:
    title = f"tab {number}"
    return _on_tabs(f"shell-{number}", str(number), title, f"To {title}", lambda verbs: verbs.show(number))


def _living() -> list[Command]:
    return [
        Command(
            id="reconnect-shell",
            keys=("R",),
            title="reconnect",
            description="Open it once more, below what it said",
            group=GROUP,
            kinds=(SHELLS,),
            run=lambda deck: deck.shells.reconnect(),
            why_not=lambda deck: deck.shells.why_not_reconnect(),
        ),
        _on_tabs(
            "close-shell", "x", "close", "Close the tab; asks while it runs", lambda verbs: verbs.close()
        ),
        _on_tabs("rename-shell", "r", "rename", "Give the tab another name", lambda verbs: verbs.rename()),
        _on_tabs("mark-shell", "space", "mark", "Mark the tab for a broadcast", lambda verbs: verbs.mark()),
        _on_tabs(
            "broadcast",
            "B",
            "broadcast",
            "What is typed into a marked tab goes to all of them, or no longer",
            lambda verbs: verbs.broadcast(),
        ),
        _on_tabs(
            "whole-shell",
            "S",
            "whole screen",
            "Give it the whole terminal; the key that leaves a shell comes back",
            lambda verbs: verbs.full_screen(),
        ),
        _on_tabs(
            "grow-shell",
            "f",
            "bigger",
            "The shells alone, or beside the data again",
            lambda verbs: verbs.grow(),
        ),
    ]


def _looking() -> list[Command]:
    return [
        _scroll("up", "k up", "A line up", "up"),
        _scroll("down", "j down", "A line down", "down"),
        _scroll("page-up", "pageup ctrl+u", "A page up", "page_up"),
        _scroll("page-down", "pagedown ctrl+d", "A page down", "page_down"),
        _scroll("oldest", "g home", "To the oldest line that is kept", "home"),
        _scroll("newest", "G end", "To where the program writes", "end"),
        _on_tabs("search-shell", "slash", "search", "Search what it said", lambda verbs: verbs.search()),
        _on_tabs(
            "next-match",
            "n",
            "next match",
            "The next match upwards",
            lambda verbs: verbs.find_next(older=True),
        ),
        _on_tabs(
            "previous-match",
            "N",
            "match before",
            "The match below",
            lambda verbs: verbs.find_next(older=False),
        ),
        _on_tabs(
            "select-shell",
            "v",
            "select",
            "Select with keys: move, v begins, y copies, q ends",
            lambda verbs: verbs.begin_copying(),
        ),
        _on_tabs("copy-shell", "c", "copy", "Copy what is selected, or the line", lambda verbs: verbs.copy()),
        _on_tabs("save-shell", "w", "save", "Write what it said into a file", lambda verbs: verbs.save()),
    ]


def _scroll(name: str, keys: str, description: str, direction: str) -> Command:
    return _on_tabs(f"scroll-{name}", keys, name, description, lambda verbs: verbs.scroll(direction))
