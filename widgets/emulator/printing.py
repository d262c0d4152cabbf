"""Text put on the screen at the cursor: wrapping, and characters of two cells."""

from __future__ import annotations

from widgets.emulator.clusters import took
from widgets.emulator.row import Cells
from widgets.emulator.screen import Screen
from widgets.emulator.style import DEFAULT
from widgets.emulator.width import RUNS, cells_of, shown


def write(screen: Screen, text: str) -> None:
    """Put printable text at the cursor."""
    size = len(text)
    column = screen.column
    if column + size < screen.columns and text.isascii() and screen.plain_charset and not screen.inserting:
        # Most text is this: it was worth a shorter way, which makes full-screen programs a third faster.
        screen.rows[screen.row].put(column, text, screen.pen.style, screen.columns)
        screen.column = column + size
        screen.changed.add(screen.row)
        screen.last = text[-1]
        return
    if not screen.plain_charset:
        text = screen.charsets.translate(text)
        screen.plain_charset = screen.charsets.plain
    if text.isascii():
        _narrow(screen, text)
        screen.last = text[-1:]
        return
    for match in RUNS.finditer(text):
        run = match[0]
        if match.lastindex == 1:
            _narrow(screen, run)
            screen.last = run[-1]
        elif match.lastindex == 2:
            _wide(screen, run)
            screen.last = run[-1]
        elif not took(screen, run):
            char = shown(run)
            (_wide if cells_of(run) == 2 else _narrow)(screen, char)
            screen.last = char


def _narrow(screen: Screen, text: str) -> None:
    columns = screen.columns
    while text:
        if screen.full and screen.autowrap:
            _wrap(screen)
        column = screen.column
        room = columns - column
        if len(text) > room and not screen.autowrap:
            # Each character of the rest is written over the one before, in the last column.
            text = text[: room - 1] + text[-1:]
        piece = text[:room]
        text = text[room:]
        _place(screen, piece)
        column += len(piece)
        if column == columns:
            column -= 1
            screen.full = screen.autowrap
        screen.column = column


def _place(screen: Screen, cells: Cells) -> None:
    row = screen.rows[screen.row]
    if screen.inserting:
        row.insert(screen.column, len(cells), screen.pen.blank, screen.columns)
    row.put(screen.column, cells, screen.pen.style, screen.columns)
    screen.changed.add(screen.row)


def _wrap(screen: Screen) -> None:
    screen.rows[screen.row].wrapped = True
    screen.column = 0
    # As in tmux: a background that wraps at the last row does not colour the rest of the new one.
    screen.linefeed(DEFAULT)


def _wide(screen: Screen, text: str) -> None:
    """Characters of two cells each; one that no longer fits goes to the next row."""
    columns = screen.columns
    while text:
        if screen.full and screen.autowrap:
            _wrap(screen)
        fitting = (columns - screen.column) // 2
        if not fitting:
            if columns < 2 or not screen.autowrap:
                return
            _wrap(screen)
            continue
        piece, text = text[:fitting], text[fitting:]
        cells = [""] * (2 * len(piece))
        cells[::2] = piece
        _place(screen, tuple(cells))
        screen.column += len(cells)
        if screen.column >= columns:
            screen.column = columns - 1
            screen.full = screen.autowrap
