"""tmux as the judge: bytes go into a pane of a real one, and its screen comes back cell for cell."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from widgets.emulator import Line, Style, Terminal

# Runs in the pane: writes what it is sent, and answers when tmux has answered: then all of it was read.
_RELAY = """
import os, socket, struct, sys, tty
tty.setraw(0)
link = socket.socket(socket.AF_UNIX)
link.connect(sys.argv[1])
stream = link.makefile("rb")
while head := stream.read(4):
    left = stream.read(struct.unpack(">I", head)[0]) + b"\\x1b[6n"
    while left:
        left = left[os.write(1, left):]
    answer = b""
    while not answer.endswith(b"R"):
        answer += os.read(0, 1000)
    link.sendall(answer[answer.rfind(b"\\x1b["):].ljust(32, b" "))
"""
_PIECE = re.compile("\x1b\\[([0-9;:]*)m|([\x0e\x0f])|(.)", re.DOTALL)
_LINES = dict(zip(range(0x60, 0x7F), "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))

Glyph = tuple[str, Style]
"""A character with how it is drawn."""


class Tmux:
    """A server of its own with one pane, which is used again and again."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        (folder / "relay.py").write_text(_RELAY)
        (folder / "conf").write_text("set -g status off\nset -g history-limit 5000\nset -g allow-rename on\n")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "link"))
        self._listener.listen(1)
        self._listener.settimeout(20)
        self._socket = str(folder / "tmux")
        self._size = (80, 24)
        self._run(
            "-f", str(folder / "conf"), "new-session", "-d", "-x", "80", "-y", "24",
            shlex.join([sys.executable, str(folder / "relay.py"), str(folder / "link")]),
        )  # fmt: skip
        self._link, _ = self._listener.accept()
        self._link.settimeout(20)

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("kill-server")
        self._link.close()
        self._listener.close()
        self._folder.cleanup()

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        done = subprocess.run(
            ["tmux", "-u", "-S", self._socket, *arguments],
            env=environment, check=True, capture_output=True, timeout=20,
        )  # fmt: skip
        return done.stdout.decode()

    def shows(
        self, data: bytes, columns: int = 80, rows: int = 24
    ) -> tuple[list[list[Glyph]], tuple[int, int]]:
        """The screen after those bytes, on one that was empty before; and the cursor's row and column."""
        if (columns, rows) != self._size:
            self._run("resize-window", "-x", str(columns), "-y", str(rows))
            self._size = (columns, rows)
        whole = b"\x1b[?1049l\x1bc\x1b[!p\x1b(B\x1b)B\x0f" + data
        self._link.sendall(len(whole).to_bytes(4, "big") + whole)
        answer = b""
        while len(answer) < 32:
            answer += self._link.recv(32 - len(answer))
        row, column = map(int, answer.strip()[2:-1].split(b";"))
        captured = self._run("capture-pane", "-p", "-e", "-N").split("\n")
        return _read(captured[:rows]), (row - 1, column - 1)


def ours(terminal: Terminal) -> tuple[list[list[Glyph]], tuple[int, int]]:
    """The same of our terminal."""
    rows = [_glyphs(terminal.line(row)) for row in range(terminal.rows)]
    return rows, (terminal.cursor.row, terminal.cursor.column)


def _glyphs(line: Line) -> list[Glyph]:
    return _ended([(char, replace(style, link=None)) for text, style in line.runs() for char in text])


def _ended(glyphs: list[Glyph]) -> list[Glyph]:
    while glyphs and glyphs[-1] == (" ", Style()):
        glyphs.pop()
    return glyphs


def _read(lines: list[str]) -> list[list[Glyph]]:
    """What `capture-pane -e` printed, whose styles go on from line to line."""
    style, lined = Style(), False
    rows = []
    for line in lines:
        glyphs: list[Glyph] = []
        for match in _PIECE.finditer(line):
            if match[1] is not None:
                style = _styled(style, match[1])
            elif match[2]:
                lined = match[2] == "\x0e"
            else:
                glyphs.append((match[3].translate(_LINES) if lined else match[3], style))
        rows.append(_ended(glyphs))
    return rows


_ON = {1: "bold", 2: "dim", 3: "italic", 5: "blink", 7: "reverse", 8: "hidden", 9: "strike"}


def _styled(style: Style, codes: str) -> Style:
    fields = {name: getattr(style, name) for name in Style.__slots__}
    numbers = codes.split(";")
    while numbers:
        text = numbers.pop(0)
        number = int(text.split(":")[0] or 0)
        if number == 0:
            fields = {name: getattr(Style(), name) for name in Style.__slots__}
        elif number == 4:
            fields["underline"] = int(text.partition(":")[2] or 1)
        elif number in _ON:
            fields[_ON[number]] = True
        elif number in (38, 48):
            kind = numbers.pop(0)
            colour = int(numbers.pop(0)) if kind == "5" else tuple(int(numbers.pop(0)) for _ in range(3))
            fields["foreground" if number == 38 else "background"] = colour
        else:
            name = "foreground" if number in range(30, 40) or number in range(90, 98) else "background"
            tens, ones = divmod(number, 10)
            fields[name] = None if ones == 9 else ones + (8 if tens >= 9 else 0)
    return Style(**fields)


def difference(data: bytes, tmux: Tmux, columns: int = 80, rows: int = 24) -> str:
    """What our terminal shows otherwise than tmux after the same bytes; "" when nothing.

    tmux leaves out erased cells at a row's end, coloured or not. So text and cursor are compared first,
    and all cells but the last column's once more when that column has been written to.
    """
    edge = b"\x1b[?6l\x1b[r\x1b[4l\x1b(B\x0f\x1b[m" + b"".join(
        b"\x1b[%d;%dH|" % (row, columns) for row in range(1, rows + 1)
    )
    return _difference(data, tmux, columns, rows, bare=True) or _difference(data + edge, tmux, columns, rows)


def _difference(data: bytes, tmux: Tmux, columns: int, rows: int, *, bare: bool = False) -> str:
    terminal = Terminal(columns, rows)
    terminal.feed(data)
    theirs, their_cursor = tmux.shows(data, columns, rows)
    screen, cursor = ours(terminal)
    if bare:
        for glyphs in (*theirs, *screen):
            while glyphs and glyphs[-1][0] == " ":
                glyphs.pop()
    told = [
        f"row {row}\n  ours {_told(own)}\n  tmux {_told(other)}"
        for row, (own, other) in enumerate(zip(screen, theirs, strict=True))
        if own != other
    ]
    # In the last column, tmux counts one more while a wrap is pending.
    if cursor != (their_cursor[0], min(their_cursor[1], columns - 1)):
        told.append(f"cursor: ours {cursor}, tmux {their_cursor}")
    return "\n".join(told)


def _told(glyphs: list[Glyph]) -> str:
    told, last = "", Style()
    for char, style in glyphs:
        if style != last:
            changed = {
                n: getattr(style, n) for n in Style.__slots__ if getattr(style, n) != getattr(Style(), n)
            }
            told += f"‹{changed}›"
            last = style
        told += char
    return ascii(told)
