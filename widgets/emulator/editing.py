"""Sequences that change what stands on the screen: erasing, inserting, deleting, scrolling, repeating."""

from __future__ import annotations

from collections.abc import Callable

from widgets.emulator.actions import Numbers
from widgets.emulator.motion import count
from widgets.emulator.printing import write
from widgets.emulator.row import Row
from widgets.emulator.screen import Screen
from widgets.emulator.style import DEFAULT


def sequences(screen: Screen) -> dict[bytes, Callable[[Numbers], None]]:
    """By prefix, intermediates and final byte."""

    def erase_display(numbers: Numbers) -> None:
        """ED. Nothing is protected here, so DECSED is the same."""
        _erase_display(screen, numbers[0])

    def erase_line(numbers: Numbers) -> None:
        how = numbers[0]
        end = screen.column + 1 if how == 1 else screen.columns
        if how <= 2:
            screen.erase(screen.row, _here(screen) if how == 0 else 0, end)

    def erase_characters(numbers: Numbers) -> None:
        here = _here(screen)
        screen.erase(screen.row, here, min(here + count(numbers), screen.columns))

    def insert_characters(numbers: Numbers) -> None:
        if not screen.full:
            _row(screen).insert(screen.column, count(numbers), screen.pen.blank, screen.columns)

    def delete_characters(numbers: Numbers) -> None:
        if not screen.full:
            _row(screen).delete(screen.column, count(numbers), screen.pen.blank, screen.columns)

    def insert_lines(numbers: Numbers) -> None:
        """IL: only in the region; the cursor goes to the first column."""
        if screen.top <= screen.row <= screen.bottom:
            screen.scroll_down(screen.row, count(numbers))
            screen.column = 0
            screen.full = False

    def delete_lines(numbers: Numbers) -> None:
        if screen.top <= screen.row <= screen.bottom:
            screen.lift(count(numbers))
            screen.column = 0
            screen.full = False

    def scroll_down(numbers: Numbers) -> None:
        """SD; with five parameters it would be mouse tracking of a kind that nobody uses."""
        if len(numbers) == 1:
            screen.scroll_down(screen.top, count(numbers))

    def repeat(numbers: Numbers) -> None:
        """REP, as far as the row goes: no sequence of six bytes makes thousands of rows."""
        if screen.last:
            write(screen, screen.last * min(count(numbers), max(1, screen.columns - screen.column)))

    return {
        b"J": erase_display, b"?J": erase_display, b"K": erase_line, b"?K": erase_line,
        b"X": erase_characters, b"@": insert_characters, b"P": delete_characters,
        b"L": insert_lines, b"M": delete_lines,
        b"S": lambda numbers: screen.scroll_up(count(numbers)), b"T": scroll_down, b"^": scroll_down,
        b"b": repeat,
    }  # fmt: skip


def _here(screen: Screen) -> int:
    """The cursor's column; behind the last one while a wrap is pending, as tmux, kitty and VTE have it.

    top and others write a whole row and then erase to its end, which must not take its last character.
    """
    return screen.columns if screen.full else screen.column


def _row(screen: Screen) -> Row:
    screen.changed.add(screen.row)
    return screen.rows[screen.row]


def _erase_display(screen: Screen, how: int) -> None:
    if how == 0:
        screen.erase(screen.row, _here(screen), screen.columns)
        screen.erase_rows(screen.row + 1, screen.height)
    elif how == 1:
        screen.erase_rows(0, screen.row)
        screen.erase(screen.row, 0, screen.column + 1)
    elif how == 2:
        screen.erase_rows(0, screen.height)
    elif how == 3:
        screen.history.clear()


def alignment(screen: Screen) -> None:
    """DECALN: an E in every cell, no margins, the cursor at home."""
    screen.origin = False
    screen.top, screen.bottom = 0, screen.height - 1
    screen.move(0, 0)
    screen.rows = [Row.of((("E" * screen.columns, DEFAULT),)) for _ in range(screen.height)]
    screen.all_changed = True
