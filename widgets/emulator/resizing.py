"""A screen given another size: the main one keeps its text, the alternate one is cut."""

from __future__ import annotations

from widgets.emulator.history import Kept, kept_of, row_of
from widgets.emulator.reflow import reflow
from widgets.emulator.row import Row
from widgets.emulator.screen import Saved, Screen


def resize(screen: Screen, columns: int, height: int) -> None:
    """Give both screens that size; margins go, the cursor stays with its text."""
    if (columns, height) == (screen.columns, screen.height):
        return
    rows, saved = screen.inactive()
    if screen.alternate:
        if rows is not None and saved is not None:
            kept, saved.row, saved.column = _flow(screen, rows, (saved.row, saved.column), columns, height)
            screen.keep_inactive(kept)
        screen.rows, screen.row = _cut(screen.rows, screen.row, columns, height)
    else:
        screen.rows, screen.row, screen.column = _flow(
            screen, screen.rows, (screen.row, screen.column), columns, height
        )
        if rows is not None:
            screen.keep_inactive(_cut(rows, 0, columns, height)[0])
    screen.columns, screen.height = columns, height
    screen.column = min(screen.column, columns - 1)
    screen.full = False
    screen.top, screen.bottom = 0, height - 1
    screen.tabs.resize(columns)
    _clamp(screen.saved, columns, height)
    screen.joining = None
    screen.all_changed = True


def _clamp(saved: Saved, columns: int, height: int) -> None:
    saved.row = min(saved.row, height - 1)
    saved.column = min(saved.column, columns - 1)
    saved.full = False


def _cut(rows: list[Row], row: int, columns: int, height: int) -> tuple[list[Row], int]:
    """The rows without those that have no room, from the top when the cursor would else be lost."""
    first = max(0, row - height + 1)
    kept = rows[first : first + height]
    for each in kept:
        each.fit(columns)
    kept.extend(Row() for _ in range(height - len(kept)))
    return kept, row - first


def _flow(
    screen: Screen, rows: list[Row], cursor: tuple[int, int], columns: int, height: int
) -> tuple[list[Row], int, int]:
    """The main screen and the scrollback in another width; the rows, and the cursor in them."""
    row, column = cursor
    history = screen.history
    used = max([row, *(at for at, each in enumerate(rows) if each.kept())]) + 1
    blanks = len(rows) - used
    before = len(history)
    lines: list[Kept] = [*history, *(kept_of(each.kept(), each.wrapped) for each in rows[:used])]
    flowed = reflow(lines, columns, [(before, 0), (before + row, column)])
    lines = flowed.lines
    (top, _), (at, column) = flowed.places[0], flowed.places[1]
    # Rows that were blank stay so before lines come back from the scrollback.
    start = top if blanks and len(lines) - top <= height else len(lines) - height
    start = max(0, min(start, at))
    history.replace(lines[:start])
    shown = [row_of(kept) for kept in lines[start : start + height]]
    shown.extend(Row() for _ in range(height - len(shown)))
    return shown, at - start, column
