"""The recorded session can be played and made again, and shows what it says that it shows."""

from __future__ import annotations

import json

from tests.pictures.__main__ import FOLDER
from tests.pictures.cast import COLUMNS, ROWS, record
from widgets.emulator import Terminal

MILESTONES = ("1 unit failed", "invalid port", "Active: active", "ended with status 0")


def seen(recording: str) -> list[str]:
    """The milestones in the order in which they come onto the screen; an end without a fault is one too."""
    header, *events = (json.loads(line) for line in recording.splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, COLUMNS, ROWS)
    terminal, found, text = Terminal(COLUMNS, ROWS), list[str](), ""
    for at, sort, data in events:
        assert at >= 0
        assert sort == "o"
        terminal.feed(data.encode())
        text = "\n".join(terminal.line(row).text for row in range(ROWS))
        found += [words for words in MILESTONES if words in text and words not in found]
        if "web-2" in text and "unit failed" not in text and found == list(MILESTONES):
            found.append("well")
    return found


def test_the_kept_recording_goes_from_the_problem_to_the_fix() -> None:
    assert seen((FOLDER / "fix.cast").read_text("utf-8")) == [*MILESTONES, "well"]


def test_it_can_be_recorded_again() -> None:
    assert seen(record(pace=0.1)) == [*MILESTONES, "well"]
