"""What is shown does not depend on how the bytes were cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.sequences import COLUMNS, ROWS, program
from widgets.emulator import Permissions, Terminal

RECORDINGS = sorted((Path(__file__).parent / "recordings").iterdir())

# What stands in streams, whole and broken, and lines enough for the ways that take many at once.
_PIECES = st.sampled_from([
    "word", "naïve", "漢字", "e\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f", "👍🏽", "1\ufe0f\u20e3", "\u200d",
    "🇫🇷",
    "\u202e",
    "\r\n", "\n", "\r", "\t", "\b", "x" * 90, "plain line of text\r\n" * 8, "a\tb\tc\r\n" * 12,
    "漢字 line\r\n" * 6, "é\r\n" * 30,
    "\x1b[31m", "\x1b[m", "\x1b[48;5;9m", "\x1b[5;5H", "\x1b[2J", "\x1b[K", "\x1b[2;9r", "\x1b[r", "\x1bM",
    "\x1b[4h", "\x1b[4l",
    "\x1b[?1049h", "\x1b[?1049l", "\x1b]2;t\x07", "\x1b]8;;http://a/b\x1b\\", "\x1b]8;;\x07",
    "\x1bPq123\x1b\\", "\x1b[6n", "\x1b[c",
    "\x1b(0", "\x1b(B", "\x1b[3\n1m", "\x1b[", "\x1b", "\x1b]", "\x18", "\x1b[?25l", "\x1b[20b", "\x1bN",
    "\x1bc",
    "\x1b]52;c;aGVsbG8=\x07", "y\r\n" * 40,
])  # fmt: skip
_STREAM = st.lists(st.one_of(_PIECES.map(str.encode), st.binary(max_size=8)), max_size=25).map(b"".join)


def _shown(pieces: list[bytes]) -> object:
    terminal = Terminal(40, 12, scrollback=50, permissions=Permissions(clipboard=True))
    for piece in pieces:
        assert terminal.feed(piece) == len(piece)
    lines = [terminal.line(row) for row in range(-terminal.history, terminal.rows)]
    told = [(line.runs(), line.wrapped) for line in lines]
    replies = terminal.replies()
    rest = (terminal.title, terminal.clipboard, terminal.bells, terminal.history, terminal.scrolled)
    return told, terminal.cursor, terminal.modes, replies, rest


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(_STREAM, st.lists(st.integers(0, 5000), max_size=8))
@settings(max_examples=300, deadline=None)
def test_cut_anywhere(data: bytes, places: list[int]) -> None:
    whole = _shown([data])
    assert _shown(_cut(data, places)) == whole
    assert _shown([data[at : at + 1] for at in range(len(data))]) == whole


@pytest.mark.parametrize("size", [1, 7, 100])
def test_recordings_and_programs_in_pieces_of(size: int) -> None:
    streams = [path.read_bytes()[:15_000] for path in RECORDINGS] + [program(seed) for seed in range(40)]
    for data in streams:
        assert _shown([data[at : at + size] for at in range(0, len(data), size)]) == _shown([data])


def test_a_slice_of_work_ends_soon_and_goes_on_where_it_ended() -> None:
    data = b"".join(path.read_bytes() for path in RECORDINGS)
    terminal = Terminal(COLUMNS, ROWS)
    used = [terminal.feed(data, 0.0)]
    assert 0 < used[0] < 100_000
    while sum(used) < len(data):
        used.append(terminal.feed(data[sum(used) :], 0.0))
    whole = Terminal(COLUMNS, ROWS)
    whole.feed(data)
    assert [terminal.line(row) for row in range(ROWS)] == [whole.line(row) for row in range(ROWS)]
