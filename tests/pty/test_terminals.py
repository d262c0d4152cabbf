"""Terminals of every size and kind."""

from __future__ import annotations

import re

import pytest

from tests.pty.real import PATIENCE, STILL, assert_given_back, ended, opened, settled, started

pytestmark = pytest.mark.pty
_COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (80, 24), (200, 60)])
def test_every_size_shows_rows_and_obeys(columns: int, rows: int) -> None:
    with started(*STILL, columns=columns, rows=rows) as terminal:
        terminal.wait(lambda t: "billing" in t.text, PATIENCE)
        terminal.send("j?")
        terminal.wait(lambda t: "Help" in t.lines[0], PATIENCE)
        terminal.send("\x1b")
        terminal.wait(lambda t: "Help" not in t.text and "billing" in t.text, PATIENCE)
        terminal.send("\x03")
        assert ended(terminal) == 0
        assert_given_back(terminal)


def test_a_size_that_changes_is_followed() -> None:
    with opened(*STILL, columns=160, rows=45) as terminal:
        settled(terminal)
        terminal.resize(20, 5)
        terminal.wait(lambda t: "billing" in t.lines[3], PATIENCE)
        terminal.resize(160, 45)
        terminal.wait(
            lambda t: "SIMULATED" in t.lines[0] and "Nodes" in t.text and "? help" in t.lines[-1], PATIENCE
        )


def test_NO_COLOR_is_obeyed_and_the_cursor_is_still_seen() -> None:
    with opened(*STILL, columns=80, rows=24, NO_COLOR="1") as terminal:
        settled(terminal)
        terminal.send("j")
        terminal.wait(lambda t: t.lines[4].startswith("▌"), PATIENCE)
        assert not _COLOUR.search(bytes(terminal.log))


@pytest.mark.parametrize("kind", ["dumb", "screen", "vt100", "linux", "tmux-256color", "no-such-terminal"])
def test_terminals_of_all_kinds(kind: str) -> None:
    with opened(*STILL, columns=80, rows=24, TERM=kind, COLORTERM="") as terminal:
        terminal.send(":nodes\r")
        terminal.wait(lambda t: "Ready" in t.text, PATIENCE)
        terminal.send("\x03")
        assert ended(terminal) == 0
        assert_given_back(terminal)
