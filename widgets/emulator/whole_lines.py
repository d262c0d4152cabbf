"""Whole lines put on the screen and into the scrollback at once, where nothing is in their way."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.emulator.history import Kept, kept_of, row_of
from widgets.emulator.line import Line
from widgets.emulator.printing import write
from widgets.emulator.screen import Screen
from widgets.emulator.style import DEFAULT, Style


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
