"""python -m tests.emulator.record: the recordings made again, from programs in a pty.

Needs root, util-linux's `unshare`, vim, htop, less, mc, top and tmux; each runs where it sees no process, no
name and no file of this machine but its own.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

HERE = Path(__file__).parent / "recordings"
ESCAPE, ENTER, DOWN, PAGE, UP, F3, F9, F10 = (
    "\x1b", "\r", "\x1bOB", "\x1b[6~", "\x1bOA", "\x1bOR", "\x1b[20~", "\x1b[21~",
)  # fmt: skip
LONGEST = 100_000
"""Bytes kept of one."""

PROGRAMS: dict[str, tuple[int, int, str, list[str]]] = {
    "vim": (
        80, 24, "vim -u NONE -N -c 'syntax on' -c 'set number hlsearch' code.py",
        ["", PAGE, PAGE, "gg", "/def" + ENTER, "nnn", "5dd", "u", "Ohello 漢字 wörld" + ESCAPE,
         ":split" + ENTER,
         ":vsplit" + ENTER, "\x17w", PAGE, "zz", "10\x05", "10\x19", "\x17=", ":set wrap!" + ENTER, "G",
         "dgg",
         ":wq!" + ENTER, ":qa!" + ENTER],
    ),
    "vim-wide": (
        132, 40, "vim -u NONE -N -c 'set mouse=a ruler list' wide.txt",
        ["", PAGE, "gg", "jjjj", "A more" + ESCAPE, "ggO" + "x" * 200 + ESCAPE, "J", "u",
         ":set nolist cursorline" + ENTER,
         "G", "ggvjjjjd", ":vert term echo hi" + ENTER, "\x17w", ":qa!" + ENTER],
    ),
    "less": (
        80, 24, "less -R -i colours.txt",
        ["", PAGE, PAGE, "/line 1" + ENTER, "n", "N", "g", DOWN * 5, UP * 3, "G", "&5" + ENTER, "-S", "g",
         "\x1bOC", "q"],
    ),
    "less-plain": (100, 30, "less wide.txt", ["", DOWN * 4, PAGE, UP, "G", "b", "b", "?o" + ENTER, "hq",
    "q"]),
    "htop": (120, 30, "htop -d 5", ["", "wait", DOWN * 2, "t", "wait", "I", "\x1b[15~", F9, ESCAPE,
    "/ba" + ENTER, "h", "q", F10]),
    "top": (100, 30, "top -d 0.4", ["", "wait", "1", "wait", "z", "x", "b", "wait", "V", "m", "t", "h", "q",
    "wait", "q"]),
    "mc": (
        100, 30, "mc -d -u -a . .",
        ["", DOWN * 4, "\t", DOWN, ENTER, F3, PAGE, "q", F9, DOWN * 3, "\x1bOC", ESCAPE + ESCAPE, "\t", F10,
         ENTER],
    ),
    "mc-lines": (
        80, 24, "mc -d -u . .",
        ["", DOWN * 6, F3, PAGE, PAGE, F10, F9, DOWN, "\x1bOC" * 2, ESCAPE + ESCAPE, DOWN, F10, ENTER],
    ),
    "tmux": (
        100, 30, "tmux -L inner -f tmux.conf new-session 'sh -i'",
        ["", "seq 1 50" + ENTER, "\x02%", "ls --color=always -la" + ENTER, '\x02"', "cat colours.txt" + ENTER,
         "\x02o",
         "vim -u NONE -N code.py" + ENTER, PAGE, PAGE, ":q" + ENTER, "\x02[", UP * 30, "q", "\x02z",
         "cat wide.txt" + ENTER, "\x02z",
         "\x02 ", "\x02 ", "\x02c", "seq 1 300" + ENTER, "\x02n", "\x02w", "q", "\x02:kill-server" + ENTER],
    ),
}  # fmt: skip

COLOURS = "".join(
    f"\x1b[{number % 8 + 30}mline {number}\x1b[0m \x1b[48;5;{number % 256}m  \x1b[0m"
    f"\x1b[1;38;2;{number};200;{255 - number}mcolour\x1b[m {'word ' * (number % 25)}\n"
    for number in range(200)
)
CODE = "".join(
    f'def step_{number}(value: int = {number}) -> str:\n\t"""Number {number}."""\n'
    f"    if value > {number * 7}:  # {'-' * (number % 90)}\n"
    f"        return f'{{value}} of {number}'\n    return ''\n\n\n"
    for number in range(60)
)
WIDE = "".join(
    f"{number:3} {'漢字かな交じり文' * (number % 12)} naïve café e\u0301 한국어 ｆｕｌｌ"
    f" {'ö' * (number % 100)}\n"
    for number in range(80)
)


def main() -> int:
    """Record those named, or all."""
    for name in sys.argv[1:] or PROGRAMS:
        columns, rows, command, keys = PROGRAMS[name]
        recorded = record(command, columns, rows, keys)[:LONGEST]
        (HERE / f"{name}-{columns}x{rows}.bytes").write_bytes(recorded)
        print(name, len(recorded))
    return 0


def record(command: str, columns: int, rows: int, keys: list[str]) -> bytes:
    """What the command writes while those keys are typed, each as soon as it is quiet."""
    with tempfile.TemporaryDirectory() as folder:
        _files(Path(folder))
        inside = (
            "mount --make-rprivate / && mkdir -p /mnt && mount --bind . /mnt && cd /mnt && hostname example"
            " && exec env -i PATH=/usr/bin:/bin HOME=/mnt PS1='$ ' TERM=xterm-256color LANG=C.UTF-8"
            f" {command}"
        )
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen(
            ["setsid", "--ctty", "unshare", "-pfmu", "--kill-child", "--mount-proc", "sh", "-c", inside],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder,
        )  # fmt: skip
        os.close(slave)
        recorded = bytearray()
        for each in keys:
            _quiet(master, recorded, 1.2 if each == "wait" else 0.3)
            if each != "wait":
                os.write(master, each.encode())
        _quiet(master, recorded, 1.0)
        process.kill()
        process.wait()
        os.close(master)
    return bytes(recorded)


def _files(folder: Path) -> None:
    (folder / "colours.txt").write_text(COLOURS)
    (folder / "code.py").write_text(CODE)
    (folder / "wide.txt").write_text(WIDE)
    (folder / "tmux.conf").write_text(
        "set -g status-right ''\nset -g status-left '[s] '\nset -g automatic-rename off\n"
    )
    for number in range(12):
        (folder / f"folder{number}").mkdir()


def _quiet(master: int, recorded: bytearray, seconds: float) -> None:
    """Read until nothing came for that long, or for three seconds in all."""
    end = time.monotonic() + 3
    while time.monotonic() < end and select.select([master], [], [], seconds)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            return
        recorded += data


if __name__ == "__main__":
    sys.exit(main())
