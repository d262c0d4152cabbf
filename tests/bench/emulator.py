"""How fast the terminal emulator takes what programs write: MB of bytes for a second of CPU, no drawing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from widgets.emulator import Terminal

RECORDINGS = Path(__file__).parent.parent / "emulator" / "recordings"
COLUMNS, ROWS = 100, 30
ARRIVING = 65_536
"""Bytes of one read: what an SSH window holds."""
_WORDS = ("alpha", "beta", "2026-11-28", "gamma:", "x=1,", "error", "of", "/var/log/syslog")


def _lines(count: int, line: Callable[[int], str]) -> bytes:
    return "".join(line(number) + "\r\n" for number in range(count)).encode()


def streams() -> dict[str, bytes]:
    """What is fed, by its name."""
    rnd = random.Random(5)
    made = {
        "plain text, wrapped where long": _lines(
            60_000, lambda _: " ".join(rnd.choices(_WORDS, k=rnd.randint(3, 18)))
        ),
        "short lines (`yes`)": b"y\r\n" * 1_000_000,
        "lines with tabs": _lines(60_000, lambda number: f"{number}\tnode-{number}\tReady\t12d"),
        "lines with colours": _lines(
            15_000, lambda number: f"\x1b[32m12:00:01\x1b[0m \x1b[1;33mWARN\x1b[0m node-{number} is late"
        ),
        "one endless line": b"QUJDREVGRw==" * 200_000,
        "lines of wide characters": _lines(10_000, lambda number: f"{number} " + "漢字かな交じり文" * 4),
    }
    for path in sorted(RECORDINGS.iterdir()):
        recorded = path.read_bytes()
        made[path.stem.rsplit("-", 1)[0]] = recorded * (1_000_000 // len(recorded))
    return made


def megabytes_a_second(data: bytes, take: Callable[[bytes], object], runs: int = 3) -> float:
    """The best of some runs."""
    spent = []
    for _ in range(runs):
        begin = time.process_time()
        for at in range(0, len(data), ARRIVING):
            take(data[at : at + ARRIVING])
        spent.append(time.process_time() - begin)
    return len(data) / min(spent) / 1e6


def report() -> None:
    """Print the table; the last column is how many times longer than only decoding the bytes it takes."""
    print(f"\nthe terminal emulator, {COLUMNS}×{ROWS}\n{'':<44}{'MB/s of CPU':>24}{'× bytes.decode':>24}")
    for name, data in streams().items():
        speed = megabytes_a_second(data, Terminal(COLUMNS, ROWS).feed)
        decoding = megabytes_a_second(data, lambda piece: piece.decode(errors="replace"))
        print(f"{name:<44}{speed:>24.1f}{decoding / speed:>24.0f}", flush=True)


if __name__ == "__main__":
    report()
