"""The same bytes into our terminal and into a real tmux: text, colours, attributes and cursor, cell for cell.

Where tmux (3.3a) does otherwise than xterm's documents say, the emulator follows xterm, and `sequences.py`
keeps the random programs off it:

| sequence | xterm, and here | tmux |
| --- | --- | --- |
| IL, DL | cursor to the first column; nothing outside the scroll region | column stays; works outside too |
| DECSTBM in origin mode | home is the region's first row | home is the screen's |
| 1049 and DECSC | the same memory, a wrap that is pending included | two memories, without it |
| HPR, VPR, DECSTR | known | ignored |
| malformed UTF-8 | one U+FFFD for each | dropped |
| half of a wide character overwritten or erased | the other half is blank | at times it stays |
| insert mode at the right edge | wraps, then makes room | makes room, then wraps |
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.oracle import Tmux, difference
from tests.emulator.sequences import COLUMNS, ROWS, program

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is the judge")

RECORDINGS = sorted((Path(__file__).parent / "recordings").iterdir())
CUTS = 5


@pytest.fixture(scope="module")
def tmux() -> Iterator[Tmux]:
    with Tmux() as server:
        yield server


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recorded_program_looks_as_in_tmux(tmux: Tmux, path: Path) -> None:
    columns, rows = map(int, path.stem.rsplit("-", 1)[1].split("x"))
    data = path.read_bytes()
    for part in range(1, CUTS + 1):
        # Up to an escape, so that no sequence is left open.
        end = len(data) if part == CUTS else data.rfind(b"\x1b", 0, len(data) * part // CUTS)
        assert not difference(data[:end], tmux, columns, rows)


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_random_programs_look_as_in_tmux(tmux: Tmux, first: int) -> None:
    for seed in range(first, first + 50):
        told = difference(program(seed), tmux, COLUMNS, ROWS)
        assert not told, f"seed {seed}\n{told}"


def test_the_judge_sees_a_wrong_cell_and_a_wrong_colour(tmux: Tmux) -> None:
    """A wide character that tmux drops and one that we drop: the comparison must not be blind."""
    assert difference(b"\xff", tmux, COLUMNS, ROWS)
    assert not difference(b"\x1b[31;44mred \x1b[1mbold\x1b[K", tmux, COLUMNS, ROWS)
    assert difference(b"\x1b[42m\x1b[1ax", tmux, COLUMNS, ROWS)
