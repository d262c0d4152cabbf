"""Other sizes: wrapped lines flow anew, the cursor stays with its text, the alternate screen is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.sequences import program
from widgets.emulator import Terminal


def text(terminal: Terminal) -> list[str]:
    """What was written, wrapped lines joined: scrollback and screen."""
    joined = [""]
    for row in range(-terminal.history, terminal.rows):
        line = terminal.line(row)
        # A blank at the end of a row that goes on is text, or the place of a wide character that had no room.
        joined[-1] += line.text
        if not line.wrapped:
            joined.append("")
    return joined


def screen(terminal: Terminal) -> list[str]:
    return [terminal.line(row).text for row in range(terminal.rows)]


def test_a_wrapped_line_is_joined_and_wrapped_anew() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"0123456789abcdef\r\n$ ")
    assert screen(terminal) == ["0123456789", "abcdef", "$ ".rstrip(), ""]
    terminal.resize(20, 4)
    assert screen(terminal) == ["0123456789abcdef", "$", "", ""]
    assert (terminal.cursor.row, terminal.cursor.column) == (1, 2)
    terminal.resize(6, 4)
    assert screen(terminal) == ["012345", "6789ab", "cdef", "$"]
    assert (terminal.cursor.row, terminal.cursor.column) == (3, 2)
    assert [terminal.line(row).wrapped for row in range(4)] == [True, True, False, False]


def test_a_wide_character_moves_to_the_next_row_whole() -> None:
    terminal = Terminal(8, 3)
    terminal.feed("漢字漢字".encode())
    terminal.resize(5, 3)
    assert screen(terminal) == ["漢字", "漢字", ""]
    terminal.resize(8, 3)
    assert screen(terminal) == ["漢字漢字", "", ""]


def test_fewer_rows_push_into_the_scrollback_and_more_pull_out_of_it() -> None:
    terminal = Terminal(10, 5)
    terminal.feed(b"1\r\n2\r\n3\r\n4\r\n5")
    terminal.resize(10, 3)
    assert (screen(terminal), terminal.history) == (["3", "4", "5"], 2)
    assert terminal.cursor.row == 2
    terminal.resize(10, 5)
    assert (screen(terminal), terminal.history) == (["1", "2", "3", "4", "5"], 0)


def test_a_screen_that_was_cleared_stays_clear() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"old\r\n" * 10 + b"\x1b[H\x1b[2J$ ")
    terminal.resize(12, 6)
    assert screen(terminal) == ["$", "", "", "", "", ""]
    assert (terminal.cursor.row, terminal.cursor.column) == (0, 2)


def test_the_alternate_screen_is_cut_and_the_main_one_flows_behind_it() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"0123456789abc\x1b[?1049h\x1b[H" + b"A" * 10 + b"\r\nB")
    terminal.resize(6, 3)
    assert screen(terminal) == ["AAAAAA", "B", ""]
    terminal.feed(b"\x1b[?1049l")
    assert screen(terminal) == ["012345", "6789ab", "c"]
    assert (terminal.cursor.row, terminal.cursor.column) == (2, 1)


def test_margins_go_and_tab_stops_come() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"\x1b[2;3r")
    terminal.resize(30, 6)
    terminal.feed(b"\x1b[6;1Hlast\r\n\x1b[1;1H\x1b[2I")
    assert terminal.line(4).text == "last"
    assert terminal.cursor.column == 16


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 20)), min_size=1, max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_by_any_sizes(seed: int, sizes: list[tuple[int, int]]) -> None:
    """Lines of letters that say their number: all are there, in order, whatever the sizes."""
    terminal = Terminal(30, 8)
    written = [f"{number}{'abcdefghij' * ((seed * number) % 9)}." for number in range(20)]
    terminal.feed("\r\n".join(written).encode())
    for columns, rows in sizes:
        terminal.resize(columns, rows)
        assert 0 <= terminal.cursor.row < rows
        assert 0 <= terminal.cursor.column < columns
        assert terminal.line(terminal.cursor.row).text[terminal.cursor.column :] in ("", ".")
    assert [line for line in text(terminal) if line] == written


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(1, 60), st.integers(1, 20)), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_program_goes_on_in_any_size(seed: int, sizes: list[tuple[int, int]]) -> None:
    terminal = Terminal(40, 12)
    terminal.feed(program(seed))
    for number, (columns, rows) in enumerate(sizes):
        terminal.resize(columns, rows)
        terminal.feed(program(seed + number + 1, 10))
        for row in range(-terminal.history, terminal.rows):
            cells = terminal.line(row).cells()
            assert len(cells) <= columns
            assert not cells or cells[0] != ""
