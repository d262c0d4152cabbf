"""Nothing changed, nothing sent."""

from __future__ import annotations

import re

import pytest

from tests.pty.real import STILL, opened, settled

pytestmark = pytest.mark.pty
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?>]*[A-Za-z]|\][^\x07]*\x07)")
_AGES = re.compile(r"[0-9smhd ()ago…now]*")


def test_at_rest_only_ages_are_sent() -> None:
    with opened(*STILL) as terminal:
        settled(terminal)
        before, seen = terminal.bytes, len(terminal.log)
        terminal.run_for(3.0)
        sent = bytes(terminal.log[seen:]).decode()
        assert _AGES.fullmatch(_SEQUENCE.sub("", sent)), sent
        assert terminal.bytes - before < 2000


def test_where_no_age_is_younger_than_a_minute_nothing_is_sent_at_all() -> None:
    with opened(*STILL) as terminal:
        terminal.send(":pods\r/age>2d\r")
        terminal.wait(lambda t: "narrowed: /age>2d" in t.text, 20)
        terminal.send("W")
        settled(terminal)
        before = terminal.bytes
        terminal.run_for(3.0)
        assert terminal.bytes - before == 0, bytes(terminal.log[-300:])


def test_the_start_is_few_bytes() -> None:
    with opened(*STILL) as terminal:
        settled(terminal)
        assert terminal.bytes < 40_000
