"""One command on many hosts, live: how far it is, who said the same, and where the others differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.timer import Timer

from console.fanout.fanout import Fanout
from console.fanout.groups import GLYPHS, RANKS, TROUBLE, Group, Standing
from console.fanout.sheet import Sheet, sheet
from console.leaving import Twice
from console.screens.document import DocumentScreen
from console.screens.overlay import Overlay
from providers.stream import Document as Answer
from widgets.bar import Bar
from widgets.cells import Cell, ColumnSpec, Line, Tone
from widgets.document import Document
from widgets.grid import Grid
from widgets.prompt import Prompt

if TYPE_CHECKING:
    from console.fanouts import Fanouts

SHOW_SECONDS = 0.1
"""What came is shown at most this often."""
_TONES: dict[Standing, Tone] = {
    "unreached": "bad", "failed": "bad", "cut": "warn", "done": "good", "running": "info", "refused": "warn",
    "left": "dim",
}  # fmt: skip
_COLUMNS = (
    ColumnSpec("hosts", "HOSTS", 6, right=True),
    ColumnSpec("names", "NAMES", 40, flexible=True, min_width=12),
    ColumnSpec("ended", "ENDED", 40, min_width=14),
    ColumnSpec("says", "SAYS", 40, priority=2),
)
_KEYS = "enter in full · tab output · / search · n N · w save · x cancel · r the rest again · [ ] others · esc leaves it running "  # noqa: E501


class _Rows:
    """The groups as rows of a grid."""

    columns: Sequence[ColumnSpec] = _COLUMNS

    def __init__(self) -> None:
        self.fanout: Fanout | None = None
        self.groups: list[Group] = []
        self._places: dict[Hashable, int] = {}

    def show(self, fanout: Fanout) -> None:
        self.fanout, self.groups = fanout, fanout.groups()
        self._places = {group.key: place for place, group in enumerate(self.groups)}

    def __len__(self) -> int:
        return len(self.groups)

    def key_at(self, index: int) -> Hashable:
        return self.groups[index].key

    def index_of(self, key: Hashable) -> int | None:
        return self._places.get(key)

    def knows(self, key: Hashable) -> bool:
        return key in self._places

    def line_at(self, index: int) -> Line:
        group = self.groups[index]
        assert self.fanout is not None
        tone = _TONES[group.standing]
        cells = (
            Cell(f"{len(group.refs):,}"),
            Cell(group.names),
            Cell(f"{GLYPHS[group.standing]} {group.words}", tone),
            Cell(group.begins, "dim"),
        )
        return Line(cells, self.fanout.version)


class FanoutScreen(Overlay[None]):
    """It owns nothing: what it shows lives in Fanouts, and goes on without it."""

    AUTO_FOCUS = "#groups"

    def __init__(self, fanouts: Fanouts, fanout: Fanout) -> None:
        super().__init__()
        self.fanouts = fanouts
        self.fanout = fanout
        self.rows = _Rows()
        self.title_bar = Bar(classes="title")
        self.progress = Bar(id="progress")
        self.grid = Grid(self.rows, flash=False, id="groups")
        self.caption = Bar(classes="title")
        self.output = Document(plain=True, id="output")
        self.prompt = Prompt(id="prompt")
        self.keys = Bar(id="keys")
        self._moved = False
        """Until the person moved, the cursor is on the first group: what failed comes there."""
        self._twice = Twice()
        self._timer: Timer | None = None
        self._keys: dict[str, Callable[[], object]] = {
            **{key: self._moving(way) for key, way in _MOVES.items()},
            "enter": self._open,
            "tab": self._turn,
            "slash": lambda: self.prompt.ask("/", focus=False),
            "n": lambda: self.output.find_next(1),
            "N": lambda: self.output.find_next(-1),
            "w": lambda: self.run_worker(self.fanouts.save(self.fanout), exit_on_error=False),
            "x": lambda: self.fanouts.cancel(self.fanout),
            "r": lambda: self.fanouts.again(self.fanout),
            "left_square_bracket": lambda: self._travel(-1),
            "right_square_bracket": lambda: self._travel(1),
            "ctrl+c": self._interrupt,
            **dict.fromkeys(("escape", "q"), self.dismiss),
        }

    def compose(self) -> ComposeResult:
        yield self.title_bar
        yield self.progress
        yield self.grid
        yield self.caption
        yield self.output
        yield self.prompt
        yield self.keys

    def on_mount(self) -> None:
        self.keys.show([Cell(f" {_KEYS}")])
        self.show_now()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_output)

    # ---- showing ---------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something came: it is shown soon."""
        if self._timer is None and self.is_mounted:
            self._timer = self.set_timer(SHOW_SECONDS, self.show_now)

    def show_now(self) -> None:
        """Show how it stands."""
        self._timer = None
        self.rows.show(self.fanout)
        self.grid.changed(dirty=frozenset(group.key for group in self.rows.groups))
        if not self._moved:
            self.grid.move("home")
        self.title_bar.show(*self._title())
        self.progress.show(_progress(self.fanout))
        self._show_output()

    def _title(self) -> tuple[list[Cell], list[Cell]]:
        runs = self.fanouts.runs
        place = f"{runs.index(self.fanout) + 1} of {len(runs)} " if self.fanout in runs else ""
        state = "over" if self.fanout.final else "running"
        return [Cell(" ! ", "accent"), Cell(self.fanout.title)], [Cell(f" {state} · {place}", "dim")]

    @property
    def selected(self) -> Group | None:
        """The group under the cursor."""
        place = self.rows.index_of(self.grid.cursor_key)
        return None if place is None else self.rows.groups[place]

    def _show_output(self) -> None:
        group, width = self.selected, self.output.size.width
        shown = sheet(self.fanout, self.rows.groups, group, width) if group else Sheet("")
        self.caption.show([Cell(f" {shown.caption}"[: max(1, width)])])
        self.output.show("\n".join(shown.lines), shown.lit)

    def on_grid_cursor_moved(self) -> None:
        self._show_output()

    def on_grid_chosen(self) -> None:
        self._open()

    # ---- keys ------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if self.prompt.is_open:
            self._search(event)
        elif do := self._keys.get(event.key):
            event.stop()
            event.prevent_default()
            do()

    def _moving(self, direction: str) -> Callable[[], None]:
        def move() -> None:
            self._moved = True
            self.grid.move(direction)

        return move

    def _turn(self) -> None:
        (self.output if self.grid.has_focus else self.grid).focus()

    def _open(self) -> None:
        """What a host said, in full: the others of its group said the same."""
        if group := self.selected:
            text = "\n".join(self.fanout.lines(group)) or f"nothing was said: {group.words}"
            answer = Answer(id=0, ref=group.refs[0], text=text, language="text")
            self.app.push_screen(DocumentScreen(f"{group.names} · {group.words}", answer))

    def _interrupt(self) -> None:
        """As at a command line, but not by a slip: what runs is ended by the second press."""
        if self.fanout.final:
            self.dismiss()
        elif self._twice.again():
            self.fanouts.cancel(self.fanout)
        else:
            self.fanouts.app.say("ctrl-c again ends it on the hosts; esc leaves it running", "warn")

    def _travel(self, steps: int) -> None:
        runs = self.fanouts.runs
        if self.fanout in runs:
            self.fanout = runs[(runs.index(self.fanout) + steps) % len(runs)]
            self.show_now()

    def _search(self, event: events.Key) -> None:
        for message in self.prompt.take(event):
            match message:
                case Prompt.Submitted():
                    self.prompt.close()
                case Prompt.Changed():
                    self.output.search(message.text)
                case Prompt.Cancelled():
                    self.output.search("")
                    self.prompt.close()


_MOVES = {
    "j": "down", "down": "down", "k": "up", "up": "up", "g": "home", "home": "home", "G": "end", "end": "end",
    "pagedown": "page_down", "ctrl+f": "page_down", "pageup": "page_up", "ctrl+b": "page_up",
}  # fmt: skip


def _progress(fanout: Fanout) -> list[Cell]:
    """`12 of 40 done · 3 running · 25 left · exit status 0: 11, 1: 1`."""
    counts = fanout.counts()
    total = counts.total()
    over = total - counts["running"] - counts["left"]
    cells = [Cell(f" {over:,} of {total:,} over", "accent" if over < total else "")]
    for standing in sorted(counts, key=lambda each: RANKS[each]):
        tone = _TONES[standing] if standing in TROUBLE or standing == "done" else ""
        cells.append(Cell(f" · {GLYPHS[standing]} {counts[standing]:,} {standing}", tone))
    if statuses := fanout.statuses():
        told = ", ".join(f"{status}: {number:,}" for status, number in sorted(statuses.items()))
        cells.append(Cell(f" · exit status {told}"))
    return cells
