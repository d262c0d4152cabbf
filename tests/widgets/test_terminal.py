"""In a real pseudo-terminal: how many bytes, which escape sequences, and what is left behind."""

from __future__ import annotations

import re

import pytest

from tests.widgets.corpus import FORBIDDEN
from tests.widgets.terminal import Terminal

pytestmark = pytest.mark.pty

STAGE = ("-m", "tests.widgets.stage", "thrifty")
ALLOWED = re.compile(
    r"\x1b\[\d+;\d+r\x1b\[\d+H(?:[\r\n]+|(?:\x1bM)+)\x1b\[r"  # moving rows
    r"|\x1b\[[0-9;]*m"  # pen
    r"|\x1b\[\d*(?:;\d+)?H|\x1b\[\d*C|\r+\n"  # cursor
    r"|\x1b\[K|\x1b\[\d+X"  # erasing
    r"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1049|2004|2026|2048)[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u"  # what the driver asks and sets
    r"|\x1b\]22;[a-z-]+\x07"  # the mouse pointer's shape
)


def test_T3_every_widget_and_toast_lets_only_known_sequences_through() -> None:
    with Terminal("-m", "tests.widgets.hostile_stage") as terminal:
        terminal.until("hangul")
        terminal.settle(0.5)
        assert any("markup" in line for line in terminal.screen.display)
        terminal.send("\r")
        raw = terminal.closed().decode()
    rest = ALLOWED.sub("", raw)
    bad = sorted(FORBIDDEN & set(rest))
    assert not bad, [(char, rest[max(0, rest.index(char) - 20) : rest.index(char) + 40]) for char in bad]
    assert "evil" in rest, "the corpus was never shown"


def test_bytes_are_few() -> None:
    with Terminal(*STAGE) as terminal:
        terminal.until("00046")
        terminal.settle()
        assert len(terminal.raw) <= 14_000
        assert len(terminal.taken("j")) <= 600
        assert len(terminal.taken("x")) <= 100
        assert len(terminal.taken("x")) <= 40
        assert len(terminal.taken("f")) <= 8_000
        assert terminal.taken("n") == b"", "a row came out of sight"
        assert not terminal.pump(1.5), "nothing changed"


def test_a_flash_is_few_bytes_too() -> None:
    with Terminal(*STAGE, "flash") as terminal:
        terminal.until("00046")
        terminal.settle()
        assert 0 < len(terminal.taken("x", quiet=1.2)) <= 110


def test_after_a_resize_the_screen_is_right_again() -> None:
    with Terminal(*STAGE) as terminal:
        terminal.until("00046")
        terminal.settle()
        terminal.resize(100, 20)
        terminal.settle(0.5)
        assert "00018" in terminal.screen.display[19]
        terminal.resize(160, 50)
        terminal.settle(0.5)
        assert [line[2:31] for line in terminal.screen.display[1:]] == [
            f"checkout/api-7f9c9d5b7b-{n:05}" for n in range(49)
        ]


def test_after_the_terminal_was_lent_everything_is_sent_again() -> None:
    with Terminal(*STAGE) as terminal:
        terminal.until("00046")
        terminal.settle()
        terminal.screen.reset()
        terminal.taken("s", quiet=0.6)
        assert "left behind" not in "\n".join(terminal.screen.display)
        assert "00046" in terminal.screen.display[47]
        background = terminal.screen.buffer[40][5].bg
        terminal.screen.reset()
        terminal.taken("r")
        assert "00046" in terminal.screen.display[47]
        assert terminal.screen.buffer[40][5].bg == background != "red"


def test_colours_are_put_back_before_the_terminal_is_given_back() -> None:
    with Terminal(*STAGE) as terminal:
        terminal.until("00046")
        terminal.send("q")
        raw = terminal.closed().decode()
    before, _, after = raw.rpartition("\x1b[?1049l")
    assert re.findall(r"\x1b\[[0-9;]*m", before)[-1] == "\x1b[m"
    assert not re.search(r"\x1b\[[0-9;]+m", after)


def test_without_colour_no_colour_is_sent() -> None:
    with Terminal(*STAGE, env={"NO_COLOR": "1"}) as terminal:
        terminal.until("00046")
        terminal.settle()
        pens = set(re.findall(r"\x1b\[([0-9;]*)m", terminal.raw.decode()))
        assert not any(
            code in ("38", "48") or code in map(str, range(30, 50)) for p in pens for code in p.split(";")
        )
        assert terminal.screen.buffer[1][5].reverse, "the cursor's row is seen without colour"


def test_where_erasing_loses_the_background_blanks_are_written() -> None:
    with Terminal(*STAGE, env={"TERM": "screen-256color"}) as terminal:
        terminal.until("00046")
        terminal.settle()
        assert not re.search(rb"\x1b\[(K|\d+X)", bytes(terminal.raw))
