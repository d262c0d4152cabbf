"""A console that is killed with -9: the engine, which outlives it for a moment, gives the terminal back."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator

import psutil
import pytest

from console import cli
from providers.engine import leaving
from tests.pty.real import (
    ALTERNATE,
    COMMAND,
    PATIENCE,
    STILL,
    assert_given_back,
    ended,
    engine_of,
    gone,
    modes,
    opened,
)
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
SHELL = 'trap "" INT; "$@"; echo back-in-$?; exec cat'
"""Stands for the shell that it was started from: it goes on with the terminal when the console is gone."""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(["sh", "-c", SHELL, "sh", COMMAND, *STILL], columns=120, rows=40) as made:
        made.wait_for("Running", PATIENCE)
        yield made


def console_of(terminal: Terminal) -> psutil.Process:
    (console,) = psutil.Process(terminal.process.pid).children()
    return console


def shell_opened(terminal: Terminal) -> None:
    """In the simulated fleet, on a node; the keys go into it."""
    terminal.send(":nodes\r")
    terminal.wait_for("Cordon", PATIENCE)
    terminal.send("s")
    terminal.wait_for("$ ", PATIENCE)


def killed(terminal: Terminal) -> None:
    engine = engine_of(terminal)
    console_of(terminal).kill()
    terminal.wait(lambda t: b"back-in-137" in t.log and leaving.GIVEN_BACK in t.log, PATIENCE)
    terminal.wait(lambda _: gone(engine), PATIENCE)
    terminal.run_for(0.1)
    assert_given_back(terminal)
    assert bytes(terminal.log).count(leaving.GIVEN_BACK) == 1


def test_with_a_shell_open(terminal: Terminal) -> None:
    shell_opened(terminal)
    killed(terminal)


def test_while_a_shell_has_the_whole_screen(terminal: Terminal) -> None:
    shell_opened(terminal)
    terminal.send("\x1d")
    terminal.wait_for("goes in", PATIENCE)
    terminal.send("S")
    terminal.wait(lambda t: "Nodes" not in t.text, PATIENCE)
    killed(terminal)


@pytest.mark.parametrize("path", ["the end of the stream", "the signal"])
def test_whichever_of_its_two_signs_the_engine_sees(terminal: Terminal, path: str) -> None:
    """Stopped meanwhile it finds both; stopped before its signal it would see the stream's end alone."""
    engine = engine_of(terminal)
    if path == "the signal":
        engine.suspend()
    console_of(terminal).kill()
    terminal.wait(lambda t: b"back-in-137" in t.log, PATIENCE)
    if path == "the signal":
        engine.resume()
    terminal.wait(lambda t: not modes(t)[ALTERNATE], PATIENCE)
    terminal.run_for(0.1)
    assert_given_back(terminal)


@pytest.mark.parametrize("way", ["ctrl-c", "SIGTERM", "an engine that is killed"])
def test_nothing_is_written_when_the_console_ends_or_only_its_engine_does(way: str) -> None:
    with opened(*STILL) as terminal:
        engine = engine_of(terminal)
        if way == "an engine that is killed":
            engine.terminate()
            terminal.wait(lambda _: gone(engine), PATIENCE)
            terminal.wait(lambda t: "engine ended" not in t.text and "Running" in t.text, PATIENCE)
            terminal.send("\x03")
        elif way == "ctrl-c":
            terminal.send("\x03")
        else:
            os.kill(terminal.process.pid, signal.SIGTERM)
        ended(terminal)
        assert_given_back(terminal)
        assert leaving.GIVEN_BACK not in terminal.log


def test_what_is_no_terminal_is_left_alone(tmp_path: os.PathLike[str]) -> None:
    file = os.path.join(tmp_path, "file")
    with open(file, "w"):
        pass
    for name in (file, os.path.join(tmp_path, "none"), "", sys.executable):
        leaving.give_back(name)
    assert os.path.getsize(file) == 0


def test_a_terminal_without_a_name_here_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that was given one from outside."""

    def nameless(_: int) -> str:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(os, "ttyname", nameless)
    assert cli._terminal() == ""
