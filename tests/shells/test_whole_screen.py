"""A shell on the whole real terminal: its own keys and size, and everything given back, whatever ends it."""

from __future__ import annotations

import os
import re
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.sshd import Sshd, missing
from tests.pty.real import (
    ALTERNATE,
    CURSOR,
    MOUSE,
    PASTE,
    PATIENCE,
    assert_given_back,
    ended,
    engine_of,
    gone,
    modes,
    started,
)
from tests.shells.stage import inventory
from tests.terminal import Terminal

pytestmark = [pytest.mark.pty, pytest.mark.skipif(bool(missing()), reason=missing())]
LEAVE, ENTER = "\x1d", "\r"
FOCUS = 1004
_LONG = 3 * PATIENCE


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@contextmanager
def console(folder: Path, sshd: Sshd, columns: int = 100, rows: int = 30) -> Iterator[Terminal]:
    config = folder / "config.toml"
    config.write_text('[ssh]\nprefer = ["ssh"]\n')
    command = ("--inventory", str(inventory(folder, sshd, "web-1")), "--config", str(config))
    environment = {"PATH": sshd.environment()["PATH"], "HOME": str(folder), "PS1": "ready> "}
    with started(*command, columns=columns, rows=rows, environment=environment) as terminal:
        terminal.wait_for("web-1", _LONG)
        yield terminal


def whole(terminal: Terminal) -> None:
    """Press S and wait for the program to answer by itself, on a screen without the console's."""
    terminal.send("S")
    terminal.wait(
        lambda t: "leaves" not in t.text and "Instances" not in t.text and "web-1" not in t.text, _LONG
    )
    asked(terminal, "echo re$((40+2))dy", "re42dy")


def asked(terminal: Terminal, command: str, answer: str) -> None:
    terminal.send(command + ENTER)
    terminal.wait(lambda t: any(line.strip().endswith(answer) for line in t.lines), _LONG)


def test_it_has_every_cell_and_every_key_and_comes_back_as_a_tab(sshd: Sshd, tmp_path: Path) -> None:
    with console(tmp_path, sshd) as terminal:
        whole(terminal)
        assert terminal.lines[0].strip() == "ctrl-] comes back"
        asked(terminal, "stty size", "30 100")
        terminal.resize(90, 25)
        asked(terminal, "stty size", "25 90")
        terminal.send("sleep 1000" + ENTER)
        terminal.run_for(0.3)
        terminal.send("\x03")
        asked(terminal, "echo $((6*7))", "42")
        terminal.send("printf '\\033]52;c;ZXZpbA==\\007\\033]0;evil\\007ok\\n'" + ENTER)
        terminal.wait(lambda t: any(line.strip() == "ok" for line in t.lines), _LONG)
        assert b"]52;c;ZXZpbA" not in bytes(terminal.log).replace(b"033]52;c;ZXZpbA", b"")
        assert b"\x1b]0;evil" not in terminal.log
        terminal.send("printf '\\033[?1000h\\033[?2004h\\033[?1h'" + ENTER)
        terminal.run_for(0.3)
        terminal.send(LEAVE)
        terminal.wait_for("goes here", _LONG)  # S was pressed at the data
        terminal.send("`")
        terminal.wait_for("leaves", _LONG)
        assert "42" in terminal.text
        asked(terminal, "stty size", "22 90")


def test_from_a_tab_it_comes_back_to_that_tab(sshd: Sshd, tmp_path: Path) -> None:
    with console(tmp_path, sshd) as terminal:
        terminal.send("s")
        terminal.wait_for("leaves", _LONG)
        asked(terminal, "echo re$((40+2))dy", "re42dy")
        terminal.send(LEAVE)
        terminal.wait_for("goes in", _LONG)
        terminal.send("S")
        terminal.wait(lambda t: t.lines[0].endswith("ctrl-] comes back") and "goes in" not in t.text, _LONG)
        asked(terminal, "stty size", "30 100")
        terminal.send(LEAVE)
        terminal.wait_for("goes in", _LONG)
        terminal.send("\x1b")
        terminal.wait_for("goes here", _LONG)


def test_what_ends_there_ends_in_its_tab_and_the_terminal_is_given_back(sshd: Sshd, tmp_path: Path) -> None:
    with console(tmp_path, sshd) as terminal:
        whole(terminal)
        terminal.send("printf '\\033[?1049h\\033[?1003h\\033[?25l\\033[31m'; exit 4" + ENTER)
        terminal.wait_for("ended with status 4", _LONG)
        terminal.run_for(0.6)
        terminal.send("\x03")
        assert ended(terminal, _LONG) == 0
        assert_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_console_that_is_killed_gives_the_terminal_back_and_ends_the_shell(
    sshd: Sshd, tmp_path: Path, number: signal.Signals
) -> None:
    with console(tmp_path, sshd) as terminal:
        whole(terminal)
        terminal.send("printf '\\033[?1049h\\033[?1000h\\033[?1004h\\033[?2004h\\033[?25l'; echo on" + ENTER)
        terminal.wait(lambda t: any(line.strip().endswith("on") for line in t.lines), _LONG)
        engine = engine_of(terminal)
        children = engine.children(recursive=True)
        os.kill(terminal.process.pid, number)
        assert ended(terminal, _LONG) == 128 + number
        left = modes(terminal)
        assert not any(left.get(mode) for mode in (ALTERNATE, PASTE, FOCUS, *MOUSE))
        assert left[CURSOR]
        assert re.search(rb"\x1b\[<\d*u", terminal.log[-300:])
        assert termios.tcgetattr(terminal.master)[3] & termios.ECHO
        terminal.wait(lambda _: gone(engine) and all(gone(child) for child in children), _LONG)
