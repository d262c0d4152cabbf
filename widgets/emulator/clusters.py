"""Characters that join the one before them: combining marks, emoji sequences, variation selectors."""

from __future__ import annotations

from widgets.emulator.row import Row
from widgets.emulator.screen import Screen
from widgets.emulator.width import (
    EMOJI_STYLE,
    JOINER,
    LONGEST_CELL,
    MARKS_IN_A_CELL,
    TEXT_STYLE,
    cells_of,
    is_emoji,
    is_skin_tone,
    marks_in,
    widens,
)


def took(screen: Screen, char: str) -> bool:
    """Whether the character joined what stands before the cursor, or is one that is dropped."""
    here = (screen.row, screen.column)
    if char == JOINER:
        screen.joining = here
        return True
    joining, screen.joining = screen.joining == here, None
    if char in (EMOJI_STYLE, TEXT_STYLE):
        _vary(screen, char)
        return True
    cells = cells_of(char)
    if cells == 0:
        _mark(screen, char)
    return cells <= 0 or _joins(screen, char, joining)


def _before(screen: Screen) -> tuple[Row, int, str] | None:
    """The row, the column and the text of what was written before the cursor."""
    column = screen.column if screen.full else screen.column - 1
    if column < 0:
        return None
    row = screen.rows[screen.row]
    text, _ = row.cell(column, screen.columns)
    if text == "" and column > 0:
        column -= 1
        text, _ = row.cell(column, screen.columns)
    return row, column, text


def _add(screen: Screen, row: Row, column: int, text: str) -> None:
    if len(text) <= LONGEST_CELL:
        row.chars[column] = text
        screen.changed.add(screen.row)


def _mark(screen: Screen, char: str) -> None:
    before = _before(screen)
    if before is not None and marks_in(before[2]) < MARKS_IN_A_CELL:
        row, column, text = before
        _add(screen, row, column, text + char)


def _joins(screen: Screen, char: str, joining: bool) -> bool:
    """Whether the character goes into the emoji before it, as a skin tone or behind a joiner."""
    tone = is_skin_tone(char)
    if not (tone or (joining and is_emoji(char))):
        return False
    before = _before(screen)
    if before is None or not is_emoji(before[2][-1:]) or (tone and is_skin_tone(before[2][-1:])):
        return False
    row, column, text = before
    _add(screen, row, column, text + (char if tone and not joining else JOINER + char))
    return True


def _vary(screen: Screen, selector: str) -> None:
    """A variation selector behind an emoji: its colourful form takes two cells."""
    before = _before(screen)
    if before is None:
        return
    row, column, text = before
    narrow = widens(text)
    if (narrow and selector == TEXT_STYLE) or (
        not narrow and text[-1:] != EMOJI_STYLE and is_emoji(text[-1:])
    ):
        _add(screen, row, column, text + selector)
    elif narrow and column == screen.column - 1 and not screen.full:
        pen = row.pens[column]
        row.put(column, (text + selector, ""), pen, screen.columns)
        screen.changed.add(screen.row)
        screen.column += 1
        if screen.column == screen.columns:
            screen.column -= 1
            screen.full = screen.autowrap
