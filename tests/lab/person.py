"""A person at the real console: the installed command in a real pty, its screen read as panes and rows.

Owns how a screen is read. What it says of the fleet comes from kubectl, never from the console's own code.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.terminal import Terminal

COMMAND = str(Path(sys.executable).parent / "quarterdeck")
PATIENCE = 45.0
"""Seconds that anything may take on a machine that others keep busy; nothing waits for as long as that."""
ESC = "\x1b"
ESCAPE = "\x1b[27u"
"""The same key under the keyboard protocol: no silence has to tell it from a sequence."""
_SIDE = 36
"""Columns of the sources' pane, its border included, in a wide terminal."""
_TITLE = re.compile(r"^ (Sources|Nodes|Instances|Pods) +([\d,]+)( of [\d,]+)?\b")
_GUTTER = 2


@dataclass(frozen=True)
class Row:
    """A row of a pane as it is on the screen."""

    text: str
    cursor: bool
    marked: bool

    @property
    def words(self) -> list[str]:
        """Its cells, as far as no cell has a blank in it."""
        return self.text.split()


class Person(Terminal):
    """`quarterdeck` with a home folder of its own, 160 × 45; keys are typed and the screen is read."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        columns: int = 160,
        rows: int = 45,
        command: str = COMMAND,
    ) -> None:
        super().__init__(
            [command, *arguments],
            columns=columns,
            rows=rows,
            environment={**home_of(home), **(environment or {})},
            folder=str(home),
        )

    # ---- reading ---------------------------------------------------------------------------------

    @property
    def header(self) -> str:
        """The first line."""
        return self.lines[0]

    def pane(self, title: str) -> list[str]:
        """The lines of a pane: its title, its columns, its rows."""
        side = title == "Sources"
        lines = [line[: _SIDE - 1] if side else line[_SIDE:] for line in self.lines[1:-1]]
        start = next((at for at, line in enumerate(lines) if _titled(line, title)), None)
        if start is None:
            return []
        rest = lines[start + 1 :]
        end = next((at for at, line in enumerate(rest) if _TITLE.match(line) or "───" in line), len(rest))
        return [lines[start], *rest[:end]]

    def title(self, title: str) -> str:
        """The title line of a pane: counts, and what narrows it."""
        return next(iter(self.pane(title)), "")

    def count(self, title: str) -> int:
        """How many rows a pane says it has, of all that there are; -1 without such a pane."""
        match = _TITLE.match(self.title(title))
        return int(match[2].replace(",", "")) if match else -1

    def rows(self, title: str = "Pods") -> list[Row]:
        """The rows of a pane that are on the screen."""
        found = []
        for line in self.pane(title)[2:]:
            gutter, text = line[:_GUTTER], line[_GUTTER:].rstrip(" ▐")
            if text:
                found.append(Row(text, "▌" in gutter, "✓" in gutter))
        return found

    def names(self, title: str = "Pods") -> list[str]:
        """The names on the screen: pods' are in the second column, after the namespace."""
        return [row.words[1 if title == "Pods" else 0] for row in self.rows(title) if len(row.words) > 1]

    def row(self, name: str, title: str = "Pods") -> str:
        """The row of that name, "" when there is none."""
        return next((row.text for row in self.rows(title) if name in row.words), "")

    def under(self, title: str = "Pods") -> str:
        """The name under the cursor of a pane."""
        at = 1 if title == "Pods" else 0
        return next((row.words[at] for row in self.rows(title) if row.cursor), "")

    # ---- doing -----------------------------------------------------------------------------------

    def until(self, seen: Callable[[], bool], timeout: float = PATIENCE) -> float:
        """Draw until that is so; how long it took."""
        return self.wait(lambda _: seen(), timeout)

    def see(self, *texts: str, timeout: float = PATIENCE) -> None:
        """Draw until all of these are on the screen at once."""
        self.until(lambda: all(text in self.text for text in texts), timeout)

    def see_not(self, text: str, timeout: float = PATIENCE) -> None:
        """Draw until that is nowhere on the screen."""
        self.until(lambda: text not in self.text, timeout)

    def open(self) -> None:
        """Wait for the deck with its clusters live."""
        self.until(lambda: " live" in self.text and self.count("Pods") > 0 and self.count("Nodes") > 0)

    def filter(self, text: str, title: str = "Pods") -> None:
        """Filter the focused pane."""
        self.send(f"/{text}\r")
        self.until(lambda: f"/{text}" in self.title(title))

    def command(self, text: str) -> None:
        """Type a command."""
        self.send(f":{text}\r")

    def nodes(self, text: str) -> None:
        """Go to the nodes' pane, filtered."""
        self.command("nodes")
        self.see("c Cordon")
        self.filter(text, "Nodes")

    def leave(self) -> int:
        """ctrl-c; the exit status."""
        self.send("\x03")
        return self.ended()

    def ended(self, timeout: float = PATIENCE) -> int:
        """Draw until the command has ended by itself; its exit status."""
        try:
            self.wait(lambda _: self.process.poll() is not None, timeout)
        except TimeoutError:
            if self.process.poll() is None:
                raise
        while self.read(0.05):
            pass
        status = self.process.wait()
        assert status is not None
        return status

    # ---- processes -------------------------------------------------------------------------------

    def children(self, word: str) -> list[psutil.Process]:
        """The console's own descendants with that word among their arguments."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if any(word in argument for argument in child.cmdline()):
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    def engine(self) -> psutil.Process:
        """The engine that the console started here."""
        (engine,) = self.children("providers.engine")
        return engine


def _titled(line: str, title: str) -> bool:
    match = _TITLE.match(line)
    return match is not None and match[1] == title


def home_of(home: Path) -> dict[str, str]:
    """An environment in which nothing of this machine's user is found."""
    places = {
        "XDG_CONFIG_HOME": "config",
        "XDG_STATE_HOME": "state",
        "XDG_CACHE_HOME": "cache",
        "XDG_DATA_HOME": "data",
    }
    return {
        "HOME": str(home),
        **{name: str(home / place) for name, place in places.items()},
        "KUBECONFIG": "",
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
    }
