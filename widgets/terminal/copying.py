"""Copy mode: a cursor that keys move over all the lines there are, and what it selects."""

from __future__ import annotations

from collections.abc import Callable

from widgets.emulator import Terminal
from widgets.terminal.selection import Place, Selection, bounds, cells_at


class CopyMode:
    """Where the cursor is and where the selection began. Keys are named as Textual names them."""

    def __init__(self, terminal: Terminal, head: Place, selection: Selection | None = None) -> None:
        """The cursor begins at `head`, or at the end of what is selected already."""
        self.head = selection.head if selection else head
        self._terminal = terminal
        self._anchor = selection.anchor if selection else None
        self._whole_lines = selection.whole_lines if selection else False

    @property
    def selection(self) -> Selection | None:
        """What would be copied."""
        return Selection(self._anchor, self.head, self._whole_lines) if self._anchor else None

    def press(self, key: str) -> bool:
        """Move or select; False for a key that does neither."""
        act = _KEYS.get(key)
        if act is not None:
            act(self)
        return act is not None

    def move_to(self, place: Place) -> None:
        """The cursor there, or as near to it as there is a cell."""
        oldest, newest = bounds(self._terminal)
        line = max(oldest, min(place.line, newest))
        self.head = Place(line, max(0, min(place.column, self._terminal.columns - 1)))

    def _by(self, lines: int = 0, columns: int = 0) -> None:
        self.move_to(Place(self.head.line + lines, self.head.column + columns))

    def _page(self, pages: float) -> None:
        self._by(lines=int(pages * max(1, self._terminal.rows - 1)))

    def _to_line(self, end: int) -> None:
        self.move_to(Place(bounds(self._terminal)[end], self.head.column))

    def _to_end(self) -> None:
        cells, _ = cells_at(self._terminal, self.head.line)
        self.move_to(Place(self.head.line, len(cells) - 1))

    def _select(self, whole_lines: bool) -> None:
        if self._anchor is None:
            self._anchor = self.head
        elif self._whole_lines == whole_lines:
            self._anchor = None
        self._whole_lines = whole_lines


_KEYS: dict[str, Callable[[CopyMode], None]] = {
    "h": lambda mode: mode._by(columns=-1),
    "j": lambda mode: mode._by(lines=1),
    "k": lambda mode: mode._by(lines=-1),
    "l": lambda mode: mode._by(columns=1),
    "0": lambda mode: mode.move_to(Place(mode.head.line, 0)),
    "dollar_sign": lambda mode: mode._to_end(),
    "pageup": lambda mode: mode._page(-1),
    "pagedown": lambda mode: mode._page(1),
    "ctrl+u": lambda mode: mode._page(-0.5),
    "ctrl+d": lambda mode: mode._page(0.5),
    "g": lambda mode: mode._to_line(0),
    "G": lambda mode: mode._to_line(1),
    "v": lambda mode: mode._select(False),
    "V": lambda mode: mode._select(True),
}
for _key, _same in {
    "left": "h", "down": "j", "up": "k", "right": "l", "home": "0", "end": "dollar_sign",
    "ctrl+b": "pageup", "ctrl+f": "pagedown", "space": "v",
}.items():  # fmt: skip
    _KEYS[_key] = _KEYS[_same]
