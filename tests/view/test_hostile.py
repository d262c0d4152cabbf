"""In a real pseudo-terminal: no byte of a program reaches the person's own terminal as a command."""

from __future__ import annotations

import pytest

from tests.widgets.corpus import FORBIDDEN
from tests.widgets.terminal import Terminal
from tests.widgets.test_terminal import ALLOWED

pytestmark = pytest.mark.pty


def test_T3_nothing_that_a_program_writes_drives_the_real_terminal() -> None:
    with Terminal("-m", "tests.view.hostile_stage", width=100, height=41) as terminal:
        terminal.until("all shown")
        terminal.settle(0.3)
        terminal.send("q")
        raw = terminal.closed().decode()
    rest = ALLOWED.sub("", raw)
    bad = sorted(FORBIDDEN & set(rest))
    assert not bad, [(char, rest[max(0, rest.index(char) - 20) : rest.index(char) + 40]) for char in bad]
