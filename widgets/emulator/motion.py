"""Sequences that move the cursor: CUP and its like, tabs, margins, saving; controls of one byte."""

from __future__ import annotations

from collections.abc import Callable

from widgets.emulator.actions import Numbers
from widgets.emulator.screen import Screen


def count(numbers: Numbers) -> int:
    """The first parameter, where 0 and nothing mean 1."""
    return numbers[0] or 1


def sequences(screen: Screen) -> dict[bytes, Callable[[Numbers], None]]:
    """By prefix, intermediates and final byte."""

    def position(numbers: Numbers) -> None:
        screen.move((numbers[0] or 1) - 1, (numbers[1] if len(numbers) > 1 else 1) - 1)

    def up(numbers: Numbers) -> None:
        """CUU: as far as the region's top, or the screen's when the cursor is above it."""
        top = screen.top if screen.row >= screen.top else 0
        screen.row = max(top, screen.row - count(numbers))
        screen.full = False

    def down(numbers: Numbers) -> None:
        bottom = screen.bottom if screen.row <= screen.bottom else screen.height - 1
        screen.row = min(bottom, screen.row + count(numbers))
        screen.full = False

    def column(numbers: Numbers) -> None:
        screen.column = min(count(numbers), screen.columns) - 1
        screen.full = False

    def right(numbers: Numbers) -> None:
        screen.column = min(screen.column + count(numbers), screen.columns - 1)
        screen.full = False

    def left(numbers: Numbers) -> None:
        screen.column = max(screen.column - count(numbers), 0)
        screen.full = False

    def row(numbers: Numbers) -> None:
        screen.move(count(numbers) - 1, screen.column)

    def row_further(numbers: Numbers) -> None:
        first = screen.top if screen.origin else 0
        screen.move(screen.row - first + count(numbers), screen.column)

    def next_line(numbers: Numbers) -> None:
        down(numbers)
        screen.column = 0

    def line_before(numbers: Numbers) -> None:
        up(numbers)
        screen.column = 0

    def tab(numbers: Numbers) -> None:
        screen.column = screen.tabs.after(screen.column, screen.columns - 1, count(numbers))
        screen.full = False

    def tab_back(numbers: Numbers) -> None:
        screen.column = screen.tabs.before(screen.column, count(numbers))
        screen.full = False

    def clear_tabs(numbers: Numbers) -> None:
        if numbers[0] in (0, 3):
            screen.tabs.clear(screen.column if numbers[0] == 0 else None)

    def margins(numbers: Numbers) -> None:
        bottom = numbers[1] if len(numbers) > 1 else 0
        screen.margins(count(numbers) - 1, (bottom or screen.height) - 1)

    return {
        b"A": up, b"B": down, b"C": right, b"D": left, b"E": next_line, b"F": line_before, b"G": column,
        b"`": column, b"a": right, b"d": row, b"e": row_further, b"H": position, b"f": position, b"I": tab,
        b"Z": tab_back, b"g": clear_tabs, b"r": margins,
        b"s": lambda _: screen.save(), b"u": lambda _: screen.restore(),
    }  # fmt: skip


def controls(screen: Screen, bell: Callable[[], None]) -> dict[bytes, Callable[[], None]]:
    """By code; CR LF as one thing, because that is how lines end."""

    def back() -> None:
        screen.column = max(0, screen.column - 1)
        screen.full = False

    def tab() -> None:
        if not screen.full:
            screen.column = screen.tabs.after(screen.column, screen.columns - 1)

    def feed() -> None:
        if screen.newline:
            screen.column = 0
        screen.linefeed()

    def carriage_return() -> None:
        screen.column = 0
        screen.full = False

    def end_line() -> None:
        screen.column = 0
        screen.linefeed()

    def shift(used: int) -> Callable[[], None]:
        def to_set() -> None:
            screen.charsets.used = used
            screen.plain_charset = screen.charsets.plain

        return to_set

    return {
        b"\a": bell, b"\b": back, b"\t": tab, b"\n": feed, b"\v": feed, b"\f": feed, b"\r": carriage_return,
        b"\r\n": end_line, b"\x0e": shift(1), b"\x0f": shift(0),
    }  # fmt: skip


def escapes(screen: Screen) -> dict[bytes, Callable[[], None]]:
    """By intermediates and final byte."""

    def next_line() -> None:
        screen.column = 0
        screen.linefeed()

    def single(used: int) -> Callable[[], None]:
        def shift() -> None:
            screen.charsets.single = used
            screen.plain_charset = False

        return shift

    def locking(used: int) -> Callable[[], None]:
        def shift() -> None:
            screen.charsets.used = used
            screen.plain_charset = screen.charsets.plain

        return shift

    def designate(slot: str, name: str) -> Callable[[], None]:
        def to_slot() -> None:
            screen.charsets.designate(slot, name)
            screen.plain_charset = screen.charsets.plain

        return to_slot

    return {
        b"7": screen.save, b"8": screen.restore, b"D": screen.linefeed, b"M": screen.reverse_linefeed,
        b"E": next_line, b"H": lambda: screen.tabs.set(screen.column),
        b"N": single(2), b"O": single(3), b"n": locking(2), b"o": locking(3),
        **{f"{slot}{name}".encode(): designate(slot, name) for slot in "()*+" for name in "AB012"},
    }  # fmt: skip
