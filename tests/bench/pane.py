"""A shell in the whole console, as a person meets it: from `s` to a prompt, and from a key to its echo."""

from __future__ import annotations

import os
import string
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.subject import middle_and_worst
from tests.lab.sshd import Sshd
from tests.terminal import Terminal

COLUMNS, ROWS = 160, 50
KEYS = 300
OPENINGS = 7
LINE = 40
"""Keys typed before the line is wiped."""
QUARTERDECK = str(Path(sys.executable).with_name("quarterdeck"))


def report() -> None:
    """Print it."""
    print(f"\na shell in the whole console, {COLUMNS}×{ROWS}, load {os.getloadavg()[0]:.1f}")
    _print("key → echo in a simulated shell, nothing changes", _echoes(rate=0))
    _print("key → echo, 1,000 changes a second stream", _echoes(rate=1000))
    with tempfile.TemporaryDirectory() as folder, Sshd(Path(folder) / "sshd") as sshd:
        _print("`ssh` alone → prompt", _alone(sshd))
        _print("`s` → prompt on the screen", _openings(sshd, Path(folder)))


def _print(name: str, seconds: list[float]) -> None:
    middle, worst = (1000 * value for value in middle_and_worst(seconds))
    print(f"{name:<60}{f'median {middle:.1f} ms, p99 {worst:.1f} ms':>40}")


def _echoes(rate: int) -> list[float]:
    """Seconds from each key to its echo on the screen."""
    command = [QUARTERDECK, "demo", "--pods", "2000", "--rate", str(rate)]
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(command, columns=COLUMNS, rows=ROWS, environment={"HOME": home}) as user,
    ):
        user.wait_for("7 live", 30)
        user.run_for(3.0)
        user.send("s")
        user.wait_for("type help")
        user.run_for(1.0)
        return [_echo(user, number) for number in range(KEYS)]


def _echo(user: Terminal, number: int) -> float:
    letters = "".join(string.ascii_lowercase[at % 26] for at in range(LINE))
    typed = letters[: number % LINE + 1]
    if len(typed) == 1:
        user.send("\x15")
        user.wait(lambda seen: f"$ {letters[:2]}" not in seen.text, 10)
    user.run_for(0.05)
    begin = time.monotonic()
    user.send(typed[-1])
    user.wait(lambda seen: f"$ {typed}" in seen.text, 10)
    return user.read_at - begin


def _alone(sshd: Sshd) -> list[float]:
    """Seconds that the system's ssh takes by itself."""
    found = []
    for _ in range(OPENINGS):
        begin = time.monotonic()
        with Terminal(["ssh", "-tt", sshd.host], environment=sshd.environment()) as user:
            user.wait(_prompted, 20)
            found.append(user.read_at - begin)
    return found


def _openings(sshd: Sshd, folder: Path) -> list[float]:
    inventory = folder / "hosts.yaml"
    inventory.write_text(f"hosts:\n  - {{name: one, address: {sshd.host}}}\n")
    environment = {**sshd.environment(), "HOME": str(folder), "KUBECONFIG": ""}
    found = []
    command = [QUARTERDECK, "--inventory", str(inventory)]
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment=environment) as user:
        user.wait_for("1 live", 30)
        user.run_for(2.0)
        for _ in range(OPENINGS):
            begin = time.monotonic()
            user.send("s")
            user.wait(_prompted, 20)
            found.append(user.read_at - begin)
            user.send("\x1d")
            user.run_for(0.5)
            user.send("x")
            user.run_for(0.5)
            user.send("y")
            user.run_for(0.5)
    return found


def _prompted(user: Terminal) -> bool:
    """Whether a line ends as a shell's prompt does."""
    return any(line.rstrip().endswith(("#", "$")) for line in user.lines)
