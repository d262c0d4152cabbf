"""Text put on the screen: wrapping, wide characters, marks and emoji sequences, and whole lines at once."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.emulator.history import Kept, kept_of, row_of
from widgets.emulator.line import Line
from widgets.emulator.row import Cells, Row
from widgets.emulator.screen import Screen
from widgets.emulator.style import DEFAULT, Style
from widgets.emulator.width import (
    EMOJI_STYLE,
    JOINER,
    LONGEST_CELL,
    MARKS_IN_A_CELL,
    RUNS,
    TEXT_STYLE,
    cells_of,
    is_emoji,
    is_skin_tone,
    marks_in,
    shown,
    widens,
)


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
        else:
            _single(screen, run)


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


def _single(screen: Screen, char: str) -> None:
    """A character that may join the one before it."""
    here = (screen.row, screen.column)
    if char == JOINER:
        screen.joining = here
        return
    joining, screen.joining = screen.joining == here, None
    if char in (EMOJI_STYLE, TEXT_STYLE):
        _vary(screen, char)
        return
    cells = cells_of(char)
    if cells < 0:
        return
    if cells == 0:
        _mark(screen, char)
    elif not (_joins(screen, char, joining)):
        char = shown(char)
        (_wide if cells == 2 else _narrow)(screen, char)
        screen.last = char


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


def takes_lines(screen: Screen) -> bool:
    """Whether whole lines can be put without looking at each: nothing but text and scrolling will happen."""
    return (
        screen.pen.blank is DEFAULT
        and screen.autowrap
        and screen.plain_charset
        and not (screen.inserting or screen.alternate or screen.top)
        and screen.bottom == screen.height - 1
    )


def write_lines(screen: Screen, lines: Sequence[str]) -> bool:
    """Put lines of narrow characters, each of which ends with CR LF; False when their tabs are in the way."""
    expanded = lines
    if any("\t" in line for line in lines):
        expanded = [line.expandtabs(8) for line in lines]
        if (
            screen.pen.style is not DEFAULT
            or not screen.tabs.usual
            or max(map(len, expanded)) > screen.columns - 8
        ):
            return False
    scrolled = screen.history.scrolled
    done = 0
    while done < len(lines) and screen.history.scrolled == scrolled:
        _write_tabbed(screen, lines[done])
        screen.column = 0
        screen.linefeed()
        done += 1
    rest = expanded[done:]
    if not rest:
        return True
    # The cursor is in the last row, which is blank: the rest are rows of their own above it.
    style = screen.pen.style
    kept = _in_rows(rest, screen.columns, style)
    gone = len(kept) - (screen.height - 1)
    screen.history.push(
        [kept_of(row.kept(), row.wrapped) for row in screen.rows[: min(len(kept), screen.height - 1)]]
    )
    if gone > 0:
        screen.history.push(kept[:gone])
        kept = kept[gone:]
    screen.rows = [*screen.rows[len(kept) : -1], *map(row_of, kept), screen.rows[-1]]
    screen.last = next((line.rstrip("\t")[-1] for line in reversed(lines) if line.strip("\t")), screen.last)
    screen.all_changed = True
    return True


def _write_tabbed(screen: Screen, line: str) -> None:
    for number, text in enumerate(line.split("\t")):
        if number and not screen.full:
            screen.column = screen.tabs.after(screen.column, screen.columns - 1)
        if text:
            write(screen, text)


def _in_rows(lines: Sequence[str], columns: int, style: Style) -> list[Kept]:
    """Lines cut where they wrap."""
    if style is DEFAULT and max(map(len, lines)) <= columns:
        return [line.rstrip(" ") for line in lines]
    kept: list[Kept] = []
    for line in lines:
        last = max(0, len(line) - 1) // columns * columns
        kept.extend(Line(((line[at : at + columns], style),), True) for at in range(0, last, columns))
        rest = line[last:].rstrip(" ") if style is DEFAULT else line[last:]
        kept.append(kept_of(((rest, style),) if rest else (), False))
    return kept
