"""Bytes from an enemy: nothing gets out, nothing grows or raises, and no answer repeats what was said."""

from __future__ import annotations

import re
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.text import clean
from tests.emulator.sequences import program
from widgets.emulator import Permissions, Terminal

_ALPHABET = (
    b"\x1b\x1b\x1b[]PX^_k0123456789;:?<=>!$ \"'#()*+hlmHJKLMPXSTABCDrsuqtncbgz@`defg"
    b"\r\n\t\b\x07\x18\x1a\x9b\x90\xff\xe6\xbc\xf0\x9f"
)
_HOSTILE = st.lists(
    st.one_of(st.binary(max_size=40), st.lists(st.sampled_from(_ALPHABET), max_size=60).map(bytes)),
    max_size=12,
)
_WORDS = "".join(
    map(
        chr,
        [
            *range(0x300),
            *range(0x2000, 0x2070),
            0xFEFF,
            0xFE0F,
            0x200D,
            0x1F468,
            0xE0041,
            0x3164,
            0x202E,
            0x61C,
        ],
    )
)
_SEQUENCE = re.compile("(?<=[^\x00-\x7f])\u200d(?=.)|\ufe0f|\ufe0e")


def shown(terminal: Terminal) -> list[str]:
    return [terminal.line(row).text for row in range(-terminal.history, terminal.rows)]


def harmless(text: str) -> bool:
    """Whether T1's cleaning has nothing to do, joiners and selectors inside an emoji sequence aside."""
    return clean(_SEQUENCE.sub("", text), 1 << 20) == _SEQUENCE.sub("", text)


@given(st.lists(_HOSTILE, max_size=3), st.integers(1, 20), st.integers(1, 8))
@settings(max_examples=400, deadline=None)
def test_random_bytes_and_sizes_never_raise_and_never_leave_a_cell_that_could_harm(
    feeds: list[list[bytes]], columns: int, rows: int
) -> None:
    terminal = Terminal(columns, rows, scrollback=30, permissions=Permissions(clipboard=True))
    for number, pieces in enumerate(feeds):
        for piece in pieces:
            terminal.feed(piece)
        cursor = terminal.cursor
        assert 0 <= cursor.row < terminal.rows
        assert 0 <= cursor.column < terminal.columns
        for row in range(-terminal.history, terminal.rows):
            line = terminal.line(row)
            assert len(line.cells()) <= terminal.columns
            assert harmless(line.text)
        assert harmless(terminal.title)
        terminal.resize(1 + (columns * 7 + number) % 23, 1 + (rows * 5 + number) % 9)


@given(st.text(st.sampled_from(_WORDS), max_size=80))
@settings(max_examples=300, deadline=None)
def test_text_of_every_kind_of_control_format_and_mark_is_shown_cleaned(text: str) -> None:
    terminal = Terminal(30, 5)
    terminal.feed(text.encode())
    assert all(map(harmless, shown(terminal)))
    terminal.feed(b"\x1b]2;" + text.encode() + b"\x07")
    assert harmless(terminal.title)


QUESTIONS = (
    b"\x1b[c", b"\x1b[0c", b"\x1b[>c", b"\x1b[=c", b"\x1b[5n", b"\x1b[6n", b"\x1b[?6n", b"\x1b[?25$p",
    b"\x1b[?9999$p", b"\x1b[4$p",
    b"\x1b[>q", b"\x1bP$qm\x1b\\", b'\x1bP$q"p\x1b\\', b"\x1bP$qpwn\rpwn\r\x1b\\", b"\x1bP+q636f\x1b\\",
    b"\x1b[11t", b"\x1b[14t",
    b"\x1b[18t", b"\x1b[19t", b"\x1b[20t", b"\x1b[21t", b"\x1b]10;?\x07", b"\x1b]11;?\x07", b"\x1b]4;1;?\x07",
    b"\x1b]52;c;?\x07",
    b"\x1b]50;?\x07", b"\x1b[?u", b"\x05", b"\x1b[x", b"\x1b[?15n", b"\x1bZ", b"\x1b[?1$u", b"\x1b[1*y",
    b"\x1b_Gi=31,a=q;AAAA\x1b\\",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=repr)
def test_answers_are_fixed_or_numbers(question: bytes) -> None:
    """With a title, a link and a clipboard that would be commands in a shell if they came back."""
    terminal = Terminal(80, 24, permissions=Permissions(clipboard=True))
    terminal.feed(
        b"\x1b]2;pwn\r\x07\x1b]1;pwn\x07\x1b]52;c;cHduCg==\x07\x1b]8;;http://pwn/\x07pwn" + question
    )
    answer = terminal.replies()
    assert b"pwn" not in answer
    assert re.fullmatch(
        rb"(\x1b\[[?>]?[0-9;]*[cnRt]|\x1b\[\??[0-9;]*\$y|\x1bP!\|0{8}\x1b\\|\x1bP0\$r\x1b\\|\x1b\][lL]\x1b\\)?",
        answer,
    )
    assert terminal.replies() == b""


ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[3;4H\x1b[6n": b"\x1b[3;4R",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[>q": b"",  # XTVERSION asks for a name
    b"\x1b[18t": b"\x1b[8;24;80t",
    b"\x1b[21t": b"\x1b]l\x1b\\",
    b"\x1b[?2004h\x1b[?2004$p": b"\x1b[?2004;1$y",
    b"\x1b[?2004$p": b"\x1b[?2004;2$y",
    b"\x1b[?31337$p": b"\x1b[?31337;0$y",
    b"\x1b[2;5r\x1b[?6h\x1b[2;3H\x1b[6n": b"\x1b[2;3R",
}


@pytest.mark.parametrize(("question", "answer"), ANSWERS.items(), ids=map(repr, ANSWERS))
def test_answers(question: bytes, answer: bytes) -> None:
    terminal = Terminal(80, 24)
    terminal.feed(question)
    assert terminal.replies() == answer


def test_answers_that_nobody_fetches_do_not_pile_up() -> None:
    terminal = Terminal(80, 24)
    terminal.feed(b"\x1b[c" * 200_000)
    assert len(terminal.replies()) <= 65_536


@pytest.mark.parametrize("begin", [b"\x1b]2;", b"\x1b]52;c;", b"\x1b]8;;http://", b"\x1bP", b"\x1bP$q",
b"\x1b_", b"\x1b^", b"\x1bX", b"\x1b[", b"\x1b("], ids=repr)  # fmt: skip
def test_a_hundred_megabytes_that_never_end_are_swallowed(begin: bytes) -> None:
    terminal = Terminal(80, 24, permissions=Permissions(clipboard=True))
    block = (b"1;" if begin == b"\x1b[" else b" /" if begin == b"\x1b(" else b"A") * 65_536
    times = 8 if begin in (b"\x1b[", b"\x1b(") else 100_000_000 // len(block)
    tracemalloc.start()
    try:
        terminal.feed(begin)
        for _ in range(times):
            terminal.feed(block)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    terminal.feed(b"\x18\x1b[H\x1b[2J\x1b[mstill here")
    assert shown(terminal)[0] == "still here"


def test_long_lines_of_many_colours_take_no_more_than_their_share() -> None:
    terminal = Terminal(200, 24)
    tracemalloc.start()
    try:
        for number in range(11_000):
            terminal.feed(b"\x1b[38;2;%d;%d;7m" % (number % 251, number % 241) + b"colourful " * 19 + b"\r\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert terminal.history == 10_000
    assert peak < 30_000_000


def test_ten_thousand_plain_lines_are_cheap() -> None:
    tracemalloc.start()
    try:
        terminal = Terminal(100, 30)
        terminal.feed(b"".join(b"line %d of some plain text\r\n" % number for number in range(12_000)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert terminal.history == 10_000
    assert held < 2_500_000


COSTLY = {
    "resets": b"\x1bc",
    "alignment": b"\x1b#8",
    "scrolling": b"\x1b[9999S",
    "scrolling back": b"\x1b[9999T",
    "repeating": b"\x1b[9999b",
    "inserting": b"x\x1b[G\x1b[9999@",
    "alternating": b"\x1b[?1049h\x1b[?1049l",
    "clearing in colour": b"\x1b[41m\x1b[2J",
    "tab stops": b"\x1b[9999I\x1b[9999Z",
    "colours": b"\x1b[38;2;1;2;3;48;2;3;4;5;38:2::1:2:3m",
    "joining": "👩\u200d".encode(),
    "marks": "\u0301".encode(),
}


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY.keys())
def test_a_slice_of_the_costliest_sequences_ends_soon(data: bytes) -> None:
    """CPU time, so that a busy machine does not count; between slices the deadline is looked at."""
    terminal = Terminal(200, 60)
    terminal.feed(b"text " * 5000)
    stream = data * (200_000 // len(data))
    longest = 0.0
    at = 0
    for _ in range(12):
        begin = time.thread_time()
        at += terminal.feed(stream[at:], 0.0)
        longest = max(longest, time.thread_time() - begin)
    assert longest < 0.1


def test_styles_without_end_are_forgotten() -> None:
    terminal = Terminal(80, 24, scrollback=0)
    tracemalloc.start()
    try:
        for number in range(20_000):
            terminal.feed(
                b"\x1b[38;2;%d;%d;%dm.\x1b]8;;http://h/%d\x07" % (number % 256, number // 256, 1, number)
            )
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 6_000_000


@pytest.mark.parametrize("seed", range(20))
def test_one_by_one(seed: int) -> None:
    terminal = Terminal(1, 1)
    terminal.feed(program(seed) + "漢字👩\u200d👩e\u0301".encode())
    assert (terminal.cursor.row, terminal.cursor.column) == (0, 0)
    assert len(terminal.line(0).cells()) <= 1
