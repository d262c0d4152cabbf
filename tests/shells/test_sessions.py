"""Sessions: bytes both ways under the window, and every end told once."""

from __future__ import annotations

from providers.stream import WINDOW, Input, Taken
from tests.shells.scripted import TARGET, Engine, Heard


def test_never_more_than_the_window_is_on_its_way_and_all_arrives_in_order() -> None:
    engine, heard = Engine(), Heard()
    session = engine.sessions.begin(heard, TARGET, "shell", way="ssh")
    data = bytes(range(256)) * 4096
    session.write(data)
    session.end()
    arrived = 0
    while arrived < len(data):
        sent = len(engine.input(session.id))
        assert 0 < sent - arrived <= WINDOW
        engine.take(session.id, sent - arrived)
        arrived = sent
    assert engine.input(session.id) == data
    assert engine.ended(session.id)
    assert all(len(c.data) <= 1 << 15 for c in engine.sent if isinstance(c, Input))


def test_what_was_taken_is_told_at_the_latest_when_nothing_more_waits() -> None:
    engine, heard = Engine(), Heard()
    session = engine.sessions.begin(heard, TARGET, "shell", way="ssh")
    for _ in range(64):
        engine.say(session.id, b"x" * 8192)
    for _ in range(64):
        session.took(8192)
    assert engine.taken(session.id) == 64 * 8192
    assert sum(isinstance(c, Taken) for c in engine.sent) <= 10
    engine.say(session.id, b"$ ")
    session.took(2)
    assert engine.taken(session.id) == 64 * 8192 + 2


def test_without_an_engine_a_session_is_over_at_once_and_says_why() -> None:
    engine, heard = Engine(), Heard()
    engine.there = False
    engine.sessions.begin(heard, TARGET, "shell", way="ssh")
    assert heard.end is not None
    assert heard.end.detail == "nothing was sent: the engine is restarting"
    assert not len(engine.sessions)


def test_with_the_engine_every_session_is_cut_and_what_comes_late_is_for_nobody() -> None:
    engine, one, two = Engine(), Heard(), Heard()
    first = engine.sessions.begin(one, TARGET, "shell", way="ssh")
    second = engine.sessions.begin(two, TARGET, "logs", way="logs")
    engine.sessions.lost("the engine was killed by signal 9")
    for heard in (one, two):
        assert heard.end is not None
        assert heard.end.detail == "cut: the engine was killed by signal 9"
    engine.say(first.id, b"late")
    engine.close(second.id)
    assert one.data == b""
    first.write(b"x")
    assert engine.input(first.id) == b""


def test_an_open_that_the_engine_can_not_carry_out_ends_as_a_session_does() -> None:
    engine, heard = Engine(), Heard()
    session = engine.sessions.begin(heard, TARGET, "shell", way="ssh")
    assert engine.sessions.refuse(session.id, "no such way", "update it")
    assert not engine.sessions.refuse(session.id, "again", "")
    assert heard.end is not None
    assert (heard.end.detail, heard.end.remedy) == ("no such way", "update it")
