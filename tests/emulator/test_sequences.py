"""Each sequence by itself, as xterm's ctlseqs has it: the screen and the cursor after it."""

from __future__ import annotations

import pytest

from widgets.emulator import Permissions, Style, Terminal

FILLED = b"abcde\r\nfghij\r\nklmno\r\npqrst"
"""On 5 × 4: every cell has a letter of its own."""


def after(data: bytes, columns: int = 5, rows: int = 4) -> Terminal:
    terminal = Terminal(columns, rows)
    terminal.feed(data)
    return terminal


def screen(terminal: Terminal) -> list[str]:
    return [terminal.line(row).text for row in range(terminal.rows)]


def place(terminal: Terminal) -> tuple[int, int]:
    return terminal.cursor.row, terminal.cursor.column


def at(row: int, column: int) -> bytes:
    """CUP, from 1."""
    return b"\x1b[%d;%dH" % (row, column)


MOVES = {
    "CUP": (b"\x1b[3;2H", (2, 1)),
    "CUP without parameters": (at(3, 3) + b"\x1b[H", (0, 0)),
    "CUP with one": (b"\x1b[3H", (2, 0)),
    "CUP with zeros": (b"\x1b[0;0H", (0, 0)),
    "CUP beyond the edges": (b"\x1b[99;99H", (3, 4)),
    "HVP": (b"\x1b[3;2f", (2, 1)),
    "CUU": (at(4, 2) + b"\x1b[2A", (1, 1)),
    "CUU stops at the top margin": (b"\x1b[2;3r" + at(3, 1) + b"\x1b[9A", (1, 0)),
    "CUU above the margins goes to the screen's top": (b"\x1b[3;4r" + at(2, 1) + b"\x1b[9A", (0, 0)),
    "CUD": (b"\x1b[B", (1, 0)),
    "CUD stops at the bottom margin": (b"\x1b[2;3r" + at(2, 1) + b"\x1b[9B", (2, 0)),
    "CUF": (b"\x1b[3C", (0, 3)),
    "CUF stops at the edge": (b"\x1b[30C", (0, 4)),
    "CUB": (at(1, 5) + b"\x1b[D", (0, 3)),
    "CUB stops at the edge": (b"\x1b[9D", (0, 0)),
    "CNL": (at(1, 4) + b"\x1b[2E", (2, 0)),
    "CPL": (at(4, 4) + b"\x1b[2F", (1, 0)),
    "CHA": (b"\x1b[4G", (0, 3)),
    "HPA": (b"\x1b[4`", (0, 3)),
    "HPR": (at(1, 2) + b"\x1b[2a", (0, 3)),
    "VPA": (at(1, 3) + b"\x1b[3d", (2, 2)),
    "VPR": (at(2, 3) + b"\x1b[2e", (3, 2)),
    "BS": (at(1, 3) + b"\b", (0, 1)),
    "BS at the edge": (b"\b", (0, 0)),
    "CR": (at(2, 3) + b"\r", (1, 0)),
    "LF keeps the column": (at(1, 3) + b"\n", (1, 2)),
    "VT and FF are LF": (b"\v\f", (2, 0)),
    "LNM makes LF go to the first column": (b"\x1b[20h" + at(1, 3) + b"\n", (1, 0)),
    "IND": (at(1, 3) + b"\x1bD", (1, 2)),
    "NEL": (at(1, 3) + b"\x1bE", (1, 0)),
    "RI": (at(3, 3) + b"\x1bM", (1, 2)),
    "origin mode counts from the margin": (b"\x1b[2;3r\x1b[?6h\x1b[1;2H", (1, 1)),
    "origin mode stays inside": (b"\x1b[2;3r\x1b[?6h\x1b[9;1H", (2, 0)),
    "DECSTBM goes home": (at(3, 3) + b"\x1b[2;3r", (0, 0)),
    "DECSTBM of one line is none": (at(3, 3) + b"\x1b[2;2r", (2, 2)),
    "DECSC and DECRC": (at(3, 3) + b"\x1b7" + at(1, 1) + b"\x1b8", (2, 2)),
    "SCOSC and SCORC": (at(3, 3) + b"\x1b[s" + at(1, 1) + b"\x1b[u", (2, 2)),
    "DECRC without DECSC goes home": (at(3, 3) + b"\x1b8", (0, 0)),
    "a control inside a sequence is carried out": (b"\x1b[3\r;2H", (2, 1)),
    "CAN ends a sequence": (b"\x1b[3\x18", (0, 0)),
}


@pytest.mark.parametrize(("data", "where"), MOVES.values(), ids=MOVES.keys())
def test_the_cursor_goes_where_it_should(data: bytes, where: tuple[int, int]) -> None:
    terminal = after(data)
    assert place(terminal) == where
    assert screen(terminal) == [""] * 4


EDITS = {
    "ED 0": (at(2, 3) + b"\x1b[J", ["abcde", "fg", "", ""]),
    "ED 1": (at(2, 3) + b"\x1b[1J", ["", "   ij", "klmno", "pqrst"]),
    "ED 2": (b"\x1b[2J", ["", "", "", ""]),
    "DECSED": (at(2, 3) + b"\x1b[?J", ["abcde", "fg", "", ""]),
    "EL 0": (at(2, 3) + b"\x1b[K", ["abcde", "fg", "klmno", "pqrst"]),
    "EL 1": (at(2, 3) + b"\x1b[1K", ["abcde", "   ij", "klmno", "pqrst"]),
    "EL 2": (at(2, 3) + b"\x1b[2K", ["abcde", "", "klmno", "pqrst"]),
    "EL 3 is not known": (at(2, 3) + b"\x1b[3K", ["abcde", "fghij", "klmno", "pqrst"]),
    "ECH": (at(2, 3) + b"\x1b[2X", ["abcde", "fg  j", "klmno", "pqrst"]),
    "ICH": (at(2, 3) + b"\x1b[2@", ["abcde", "fg  h", "klmno", "pqrst"]),
    "DCH": (at(2, 3) + b"\x1b[2P", ["abcde", "fgj", "klmno", "pqrst"]),
    "IL": (at(2, 3) + b"\x1b[L", ["abcde", "", "fghij", "klmno"]),
    "IL inside margins": (b"\x1b[2;3r" + at(2, 3) + b"\x1b[L", ["abcde", "", "fghij", "pqrst"]),
    "IL outside margins": (b"\x1b[2;3r" + at(1, 1) + b"\x1b[L", ["abcde", "fghij", "klmno", "pqrst"]),
    "DL": (at(2, 3) + b"\x1b[2M", ["abcde", "pqrst", "", ""]),
    "DL inside margins": (b"\x1b[1;3r" + at(2, 3) + b"\x1b[M", ["abcde", "klmno", "", "pqrst"]),
    "SU": (b"\x1b[S", ["fghij", "klmno", "pqrst", ""]),
    "SU inside margins": (b"\x1b[2;3r\x1b[S", ["abcde", "klmno", "", "pqrst"]),
    "SD": (b"\x1b[2T", ["", "", "abcde", "fghij"]),
    "SD inside margins": (b"\x1b[2;3r\x1b[T", ["abcde", "", "fghij", "pqrst"]),
    "five parameters are no SD": (b"\x1b[1;2;3;4;5T", ["abcde", "fghij", "klmno", "pqrst"]),
    "LF at the bottom margin": (b"\x1b[2;3r" + at(3, 1) + b"\n", ["abcde", "klmno", "", "pqrst"]),
    "LF below the margins": (b"\x1b[1;2r" + at(4, 1) + b"\n", ["abcde", "fghij", "klmno", "pqrst"]),
    "RI at the top margin": (b"\x1b[2;3r" + at(2, 1) + b"\x1bM", ["abcde", "", "fghij", "pqrst"]),
    "REP": (b"\x1b[2J\x1b[Hx\x1b[3b", ["xxxx", "", "", ""]),
    "insert mode": (at(2, 2) + b"\x1b[4hXY\x1b[4lZ", ["abcde", "fXYZh", "klmno", "pqrst"]),
    "DECALN": (b"\x1b#8", ["EEEEE"] * 4),
    "RIS": (b"\x1bc", [""] * 4),
    "wrapping": (at(1, 4) + b"WXYZ", ["abcWX", "YZhij", "klmno", "pqrst"]),
    "no wrapping": (b"\x1b[?7l" + at(1, 4) + b"WXYZ", ["abcWZ", "fghij", "klmno", "pqrst"]),
    "a wrap that is pending waits": (at(1, 5) + b"X\r\nY", ["abcdX", "Yghij", "klmno", "pqrst"]),
    "erasing while a wrap is pending": (at(1, 5) + b"X\x1b[K", ["abcdX", "fghij", "klmno", "pqrst"]),
    "a wide character does not straddle": (at(1, 5) + "漢".encode(), ["abcde", "漢hij", "klmno", "pqrst"]),
    "half a wide character": (
        at(1, 1) + "漢字".encode() + at(1, 2) + b"x",
        [" x字e", "fghij", "klmno", "pqrst"],
    ),
    "line drawing": (b"\x1b[2J\x1b[H\x1b(0lqk\x1b(Blq", ["┌─┐lq", "", "", ""]),
    "SO and SI": (b"\x1b[2J\x1b[H\x1b)0\x0eqx\x0fqx", ["─│qx", "", "", ""]),
    "SS2 and SS3": (b"\x1b[2J\x1b[H\x1b*0\x1b+0\x1bNqq\x1bOxx", ["─q│x", "", "", ""]),
    "LS2": (b"\x1b[2J\x1b[H\x1b*0\x1bnqq", ["──", "", "", ""]),
    "the British set": (b"\x1b[2J\x1b[H\x1b(A#\x1b(B#", ["£#", "", "", ""]),
    "margins' content goes away alone": (b"\x1b[3;4r" + at(4, 1) + b"\n\n\n", ["abcde", "fghij", "", ""]),
}


@pytest.mark.parametrize(("data", "shown"), EDITS.values(), ids=EDITS.keys())
def test_the_screen_changes_as_it_should(data: bytes, shown: list[str]) -> None:
    assert screen(after(FILLED + data)) == shown


def test_il_and_dl_go_to_the_first_column() -> None:
    assert place(after(FILLED + at(2, 3) + b"\x1b[L")) == (1, 0)
    assert place(after(FILLED + at(2, 3) + b"\x1b[M")) == (1, 0)


def test_tabs() -> None:
    def column(data: bytes) -> int:
        return after(data, 40).cursor.column

    assert column(b"\t") == 8
    assert column(b"\x1b[2I") == 16
    assert column(at(1, 20) + b"\x1b[Z") == 16
    assert column(at(1, 20) + b"\x1b[2Z") == 8
    assert column(b"\x1b[9I") == 39
    assert column(at(1, 4) + b"\x1bH\r\t") == 3
    assert column(at(1, 9) + b"\x1b[g\r\t") == 16
    assert column(b"\x1b[3g\t") == 39


COLOURS = {
    "31": Style(foreground=1),
    "97;104": Style(foreground=15, background=12),
    "38;5;200": Style(foreground=200),
    "48;2;1;2;3": Style(background=(1, 2, 3)),
    "38:5:200": Style(foreground=200),
    "38:2:1:2:3": Style(foreground=(1, 2, 3)),
    "38:2::1:2:3": Style(foreground=(1, 2, 3)),
    "38;5;300;1": Style(bold=True),
    "38;2;1;2": Style(),
    "38": Style(),
    "58;5;9;3": Style(italic=True),
    "58:2::1:2:3;3": Style(italic=True),
    "1;2;3;5;7;8;9": Style(
        bold=True, dim=True, italic=True, blink=True, reverse=True, hidden=True, strike=True
    ),
    "4": Style(underline=1),
    "21": Style(underline=2),
    "4:3": Style(underline=3),
    "4:0": Style(),
    "4;24": Style(),
    "1;2;22;31;39": Style(),
    "31;": Style(),
    "99999999999;1": Style(bold=True),
    "1:2:3:4:5:6:7:8": Style(),
}


@pytest.mark.parametrize(("codes", "style"), COLOURS.items(), ids=COLOURS.keys())
def test_sgr(codes: str, style: Style) -> None:
    terminal = after(b"\x1b[" + codes.encode() + b"mx")
    assert terminal.line(0).runs() == [("x", style)]


def test_erased_cells_keep_the_background() -> None:
    terminal = after(b"\x1b[1;44mx\x1b[K")
    assert terminal.line(0).runs() == [("x", Style(background=4, bold=True)), ("    ", Style(background=4))]


def test_the_alternate_screen_has_rows_of_its_own_and_no_scrollback() -> None:
    terminal = after(FILLED + b"\x1b[?1049h")
    assert terminal.modes.alternate
    assert screen(terminal) == [""] * 4
    terminal.feed(b"\x1b[H" + b"line\r\n" * 20)
    assert terminal.history == 0
    terminal.feed(b"\x1b[?1049l")
    assert not terminal.modes.alternate
    assert screen(terminal) == ["abcde", "fghij", "klmno", "pqrst"]
    assert place(terminal) == (3, 4)


@pytest.mark.parametrize("number", [b"47", b"1047"])
def test_47_and_1047_keep_the_cursor_and_1047_clears_when_it_is_left(number: bytes) -> None:
    terminal = after(FILLED + at(2, 2) + b"\x1b[?" + number + b"h")
    assert place(terminal) == (1, 1)
    terminal.feed(b"x\x1b[?" + number + b"l")
    assert screen(terminal) == ["abcde", "fghij", "klmno", "pqrst"]
    terminal.feed(b"\x1b[?47h")
    assert screen(terminal)[1] == (" x" if number == b"47" else "")


def test_1048_saves_the_cursor() -> None:
    assert place(after(at(2, 3) + b"\x1b[?1048h" + at(1, 1) + b"\x1b[?1048l")) == (1, 2)


def test_what_decsc_keeps() -> None:
    terminal = after(b"\x1b[1m\x1b(0\x1b7\x1b[m\x1b(B\x1b8q")
    assert terminal.line(0).runs() == [("─", Style(bold=True))]


def test_modes() -> None:
    terminal = after(
        b"\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?5h\x1b[?25l\x1b[5 q\x1b[?2026h"
    )
    modes = terminal.modes
    assert (modes.application_cursor, modes.application_keypad, modes.bracketed_paste) == (True, True, True)
    assert (modes.mouse, modes.mouse_encoding, modes.focus_events, modes.reverse) == (
        "drag",
        "sgr",
        True,
        True,
    )
    assert (terminal.cursor.visible, terminal.cursor.shape, terminal.cursor.blinking) == (False, "bar", True)
    assert modes.synchronized
    terminal.feed(b"\x1b[?1;2004;1002;1006;1004;5l\x1b>\x1b[?25h\x1b[2 q")
    assert (modes.mouse, modes.mouse_encoding, modes.bracketed_paste) == (None, "bytes", False)
    assert (terminal.cursor.visible, terminal.cursor.shape, terminal.cursor.blinking) == (
        True,
        "block",
        False,
    )


@pytest.mark.parametrize(("number", "mouse"), [(9, "press"), (1000, "click"), (1002, "drag"), (1003, "move")])
def test_mouse_modes(number: int, mouse: str) -> None:
    assert after(b"\x1b[?%dh" % number).modes.mouse == mouse


@pytest.mark.parametrize(("number", "encoding"), [(1005, "utf8"), (1006, "sgr"), (1015, "urxvt")])
def test_mouse_encodings(number: int, encoding: str) -> None:
    assert after(b"\x1b[?%dh" % number).modes.mouse_encoding == encoding


def test_soft_and_full_reset() -> None:
    terminal = after(FILLED + b"\x1b[2;3r\x1b[1m\x1b[4h\x1b[?6h\x1b[?25l\x1b[!p\x1b[4;1HX")
    assert screen(terminal) == ["abcde", "fghij", "klmno", "Xqrst"]
    assert terminal.line(3).runs() == [("Xqrst", Style())]
    terminal.feed(b"\x1b]2;name\x07\x1b[?2004h\x1bc")
    assert (terminal.title, terminal.modes.bracketed_paste, place(terminal)) == ("", False, (0, 0))


def test_titles_links_bells_and_the_clipboard() -> None:
    terminal = after(b"\x1b]0;one\x07\x1b[22t\x1b]2;two\x1b\\\a\x1b]52;c;aGVsbG8=\x07", 40)
    assert (terminal.title, terminal.bells, terminal.clipboard) == ("two", 1, None)
    terminal.feed(b"\x1b[23t")
    assert terminal.title == "one"
    terminal.feed(b"\x1b]8;id=1;https://example.org/a\x1b\\here\x1b]8;;\x1b\\ there")
    link = Style(link="https://example.org/a")
    assert terminal.line(0).runs() == [("here", link), (" there", Style())]
    allowed = Terminal(5, 4, permissions=Permissions(title=False, clipboard=True))
    allowed.feed(b"\x1b]2;x\x07\x1b]52;c;aGVs\x07\x1b]52;c;aGVsbG8bWw==\x07")
    assert (allowed.title, allowed.clipboard) == ("", "hello[")


WIDTHS = {
    "ASCII": ("ab", 2),
    "wide": ("漢字", 4),
    "a combining mark": ("e\u0301x", 2),
    "a family joined by ZWJ": ("👨\u200d👩\u200d👧x", 3),
    "a narrow emoji joined": ("🏃\u200d♀\ufe0fx", 3),
    "a skin tone": ("👍🏽x", 3),
    "variation selector 16": ("❤\ufe0fx", 3),
    "variation selector 15": ("❤\ufe0ex", 2),
    "a keycap": ("1\ufe0f\u20e3x", 3),
    "a flag": ("🇫🇷x", 3),
    "Hangul letters that compose": ("\u1112\u1161\u11abx", 3),
    "zero-width space": ("a\u200bx", 2),
    "bidi override": ("a\u202ex", 2),
    "a tag": ("a\U000e0041x", 2),
    "a joiner between letters": ("a\u200db", 2),
    "C1 in UTF-8": ("a\u009bx", 2),
    "soft hyphen": ("a\u00adx", 3),
    "half- and full-width": ("ｱＡ", 3),
    "private use": ("\ue0b0x", 2),
}


@pytest.mark.parametrize(("text", "cells"), WIDTHS.values(), ids=WIDTHS.keys())
def test_how_many_cells_text_takes(text: str, cells: int) -> None:
    terminal = after(text.encode(), 20)
    assert terminal.cursor.column == cells
    assert len(terminal.line(0).cells()) == cells


def test_damage_names_the_rows_that_changed() -> None:
    terminal = after(FILLED)
    assert terminal.damage() is None
    assert terminal.damage() == set()
    terminal.feed(at(2, 1) + b"x" + at(4, 1) + b"\x1b[K")
    assert terminal.damage() == {1, 3}
    terminal.feed(b"\x1b[2;3r" + at(3, 1) + b"\n")
    assert terminal.damage() == {1, 2}
    terminal.feed(b"\x1b[r" + at(4, 1) + b"\n")
    assert terminal.damage() is None


def test_the_scrollback_is_capped_and_counted() -> None:
    terminal = Terminal(20, 3, scrollback=100)
    terminal.feed(b"".join(b"line %d\r\n" % number for number in range(1000)))
    assert (terminal.history, terminal.scrolled) == (100, 998)
    assert terminal.line(-1).text == "line 997"
    assert terminal.line(-100).text == "line 898"
    terminal.feed(b"\x1b[3J")
    assert (terminal.history, terminal.scrolled) == (0, 998)
