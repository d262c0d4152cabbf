"""The installed command, started as a person starts it, and what it leaves of the terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "quarterdeck")
PATIENCE = 30.0
"""Seconds that anything may take on a machine that others keep busy; nothing waits for as long as that."""
STILL = ("demo", "--pods", "300", "--nodes", "20", "--rate", "0")
"""A fleet in which nothing happens but that time passes."""

_MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
ALTERNATE, CURSOR, PASTE = 1049, 25, 2004
MOUSE = (1000, 1003, 1006, 1015)


def opened(*arguments: str, columns: int = 160, rows: int = 45, **environment: str) -> Terminal:
    """That command in a terminal, with rows on its screen."""
    terminal = started(*arguments, columns=columns, rows=rows, environment=environment)
    try:
        terminal.wait_for("Running", PATIENCE)
    except BaseException:
        terminal.close()
        raise
    return terminal


def started(
    *arguments: str,
    columns: int = 160,
    rows: int = 45,
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Terminal:
    """That command in a terminal."""
    return Terminal([COMMAND, *arguments], columns=columns, rows=rows, environment=environment, folder=folder)


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """That command without a terminal, until it ends."""
    env = {**os.environ, **(environment or {})}
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, env=env, check=False
    )


def settled(terminal: Terminal, quiet: float = 1.2) -> None:
    """Draw until everything is loaded and nothing has come for `quiet` seconds but ticking ages."""
    terminal.wait(lambda t: "loading" not in t.text and "connecting" not in t.text, PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = terminal.bytes
        terminal.run_for(quiet)
        if terminal.bytes - before < 500:
            return
    raise TimeoutError(f"it never becomes quiet\n{terminal.text}")


def engine_of(terminal: Terminal) -> psutil.Process:
    """The engine's process."""
    children = psutil.Process(terminal.process.pid).children(recursive=True)
    return next(child for child in children if "providers.engine" in child.cmdline())


def gone(process: psutil.Process) -> bool:
    """Whether it has ended; one that nobody waits for any more counts."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def ended(terminal: Terminal, timeout: float = PATIENCE) -> int:
    """Draw until the command has ended; its exit status."""
    deadline = time.monotonic() + timeout
    while terminal.process.poll() is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"it goes on\n{terminal.text}")
        terminal.read(0.02)
    terminal.run_for(0.1)
    return int(terminal.process.returncode)


def modes(terminal: Terminal) -> dict[int, bool]:
    """Every private mode that was ever set or reset: how it was left."""
    return {int(number): state == b"h" for number, state in _MODES.findall(bytes(terminal.log))}


def assert_given_back(terminal: Terminal) -> None:
    """The terminal is as a shell expects it."""
    left = modes(terminal)
    assert not left[ALTERNATE], "still on the alternate screen"
    assert left[CURSOR], "the cursor is hidden"
    assert not left[PASTE], "bracketed paste is on"
    assert not any(left.get(mode) for mode in MOUSE), "the mouse is still reported"
    before, _, after = bytes(terminal.log).rpartition(b"\x1b[?1049l")
    assert b"\x1b[<u" in before[-40:], "the keyboard's protocol was not given back"
    assert not re.search(rb"\x1b\[[0-9;]*[1-9][0-9;]*m", after), "colours after the end"
    assert os.isatty(terminal.master)
