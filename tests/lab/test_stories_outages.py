"""What a person sees when things die: the API server, the engine, the console itself."""

from __future__ import annotations

import re
import signal
import termios
import time
from pathlib import Path

import psutil

from . import stage
from .cluster import Lab
from .person import PATIENCE, Person

LEAVE_SCREEN = b"\x1b[?1049l"
SHOW_CURSOR = b"\x1b[?25h"
NO_MOUSE = b"\x1b[?1003l"
NO_PASTE = b"\x1b[?2004l"


def _at(lab: Lab, home: Path) -> Person:
    return Person(home, "--kubeconfig", str(lab.kubeconfig()), "--context", "lab")


def _ages(me: Person) -> list[str]:
    """The ages of the pods on the screen, which tick each second while they are young."""
    return [match[1] for row in me.rows() if (match := re.search(r"\s(\d+s|\d+m\d+s)\s", row.text))]


def _look(me: Person, name: str) -> tuple[object, ...]:
    """The colours of a pod's row."""
    line = next(at for at, text in enumerate(me.lines) if f" {name} " in text)
    cells = me.screen.buffer[line]
    return tuple((cells[x].fg, cells[x].bold, cells[x].italics) for x in range(40, 120))


def _gone(pid: int, seconds: float) -> bool:
    """Whether the process is gone within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_killed_engine_is_replaced_and_the_rows_stay(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "stays"), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["stays"])
        live = _look(me, "stays")
        killed = set()
        for _ in range(4):  # the pause before the next one grows each time, to one that can be looked at
            me.until(lambda: bool(me.children("providers.engine")))
            killed.add(me.engine().pid)
            me.engine().kill()
            me.until(lambda: not {child.pid for child in me.children("providers.engine")} & killed)
        me.see("the engine was killed by SIGKILL", "another one is being started")
        me.until(lambda: "lost" in me.header and "stays" in me.names() and _look(me, "stays") != live)
        me.until(lambda: " live" in me.header and "SIGKILL" not in me.header)
        last = me.engine()
        assert last.pid not in killed
        stage.create(lab, "later")
        me.until(lambda: me.names() == ["later", "stays"])
        assert me.leave() == 0
        assert _gone(last.pid, 3.0)


def test_a_hung_engine_is_given_up_and_replaced(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path) as me:
        me.open()
        first = me.engine()
        first.suspend()
        me.see("silent")
        me.until(lambda: " live" in me.header and "silent" not in me.header)
        assert _gone(first.pid, 5.0)
        assert me.leave() == 0


def test_ctrl_c_leaves_at_once_with_everything_put_back(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path) as me:
        before = termios.tcgetattr(me.master)
        me.open()
        assert termios.tcgetattr(me.master)[3] != before[3], "the screen was never taken"
        engine = me.engine()
        pressed = time.monotonic()
        assert me.leave() == 0
        took = time.monotonic() - pressed
        assert _gone(engine.pid, 1.0)
        assert termios.tcgetattr(me.master)[3] == before[3]
        for sequence in (LEAVE_SCREEN, SHOW_CURSOR, NO_MOUSE, NO_PASTE):
            assert sequence in me.log, sequence
        assert me.log.rfind(LEAVE_SCREEN) > me.log.rfind(b"\x1b[?1049h")
    # A second is what it may take; the rest is for a machine on which others work too.
    assert took < 3.0, took


def test_a_killed_console_takes_its_engine_with_it(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path) as me:
        me.open()
        engine = me.engine()
        me.process.send_signal(signal.SIGKILL)
        me.process.wait(PATIENCE)
        assert _gone(engine.pid, 3.0)


def test_a_terminated_console_puts_the_terminal_back(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path) as me:
        before = termios.tcgetattr(me.master)
        me.open()
        engine = me.engine()
        me.process.send_signal(signal.SIGTERM)
        me.ended()
        assert _gone(engine.pid, 3.0)
        assert LEAVE_SCREEN in me.log
        assert SHOW_CURSOR in me.log
        assert termios.tcgetattr(me.master)[3] == before[3]


def test_a_terminal_that_goes_away_takes_both_with_it(lab: Lab, tmp_path: Path) -> None:
    me = _at(lab, tmp_path)
    me.open()
    engine = me.engine()
    me.process.send_signal(signal.SIGHUP)
    me.ended()
    assert _gone(engine.pid, 3.0)
    me.close()


def test_an_api_server_that_dies_leaves_stale_rows_and_comes_back_by_itself(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "first", "stays", "wanes"), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["first", "stays", "wanes"])
        before = _ages(me)
        me.until(lambda: _ages(me) != before)
        live = _look(me, "stays")

        lab.stop_apiserver()
        try:
            me.until(lambda: "live" not in me.header and ("lost" in me.header or "lagging" in me.header))
            me.until(lambda: re.search(r"lost|stale", me.row("lab", "Sources")) is not None)
            me.until(lambda: _look(me, "stays") != live)
            assert me.names() == ["first", "stays", "wanes"]
            stopped = _ages(me)
            me.run_for(2.5)
            assert _ages(me) == stopped, "the ages of rows that are not current went on"
        finally:
            lab.start_apiserver()
        stage.delete(lab, "wanes")
        me.until(lambda: " live" in me.header)
        me.until(lambda: me.names() == ["first", "stays"])
        me.until(lambda: _look(me, "stays") == live)
        me.until(lambda: _ages(me) != stopped)
        assert me.leave() == 0
