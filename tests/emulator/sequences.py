"""Random programs: seeded sequences over what the emulator knows, kept to what tmux and xterm agree on."""

from __future__ import annotations

import random
from collections.abc import Callable

COLUMNS, ROWS = 40, 12

_WORDS = ("alpha", "beta-7", "x", "some words", "naïve", "e\u0301a", "—", "│┤", "a" * 50)
_WIDE = ("漢字", "日本語テキスト", "한", "漢字かな交じり文を書くための文字列です。")


def program(seed: int, length: int = 40) -> bytes:
    """Bytes of a program that draws without rhyme or reason on 40 × 12."""
    return b"".join(pieces(seed, length))


def pieces(seed: int, length: int = 40) -> list[bytes]:
    """The same in pieces that can be left out one by one."""
    rnd = random.Random(seed)
    kinds = list(_KINDS)
    return [rnd.choices(kinds, [_KINDS[kind] for kind in kinds])[0](rnd) for _ in range(length)]


def _text(rnd: random.Random) -> bytes:
    return rnd.choice(_WORDS).encode()


def _column(rnd: random.Random) -> bytes:
    """Wide characters begin in every other column, and so does what is written over them: tmux still shows
    the left half of a wide character of which only the right half is overwritten.
    """
    return b"\x1b[%dG" % rnd.randrange(1, COLUMNS, 2)


def _wide(rnd: random.Random) -> bytes:
    return _column(rnd) + rnd.choice(_WIDE).encode()


def _line(rnd: random.Random) -> bytes:
    return b" ".join(_text(rnd) for _ in range(rnd.randint(1, 6))) + b"\r\n"


def _move(rnd: random.Random) -> bytes:
    return b"\x1b[%d;%dH" % (rnd.randint(0, ROWS + 2), rnd.randrange(1, COLUMNS + 3, 2))


def _step(rnd: random.Random) -> bytes:
    # To a column first: tmux counts one more than xterm while a wrap is pending.
    return _column(rnd) + rnd.choice((
        b"\x1b[%d%c" % (rnd.choice((0, 1, 2, 5, 30)), rnd.choice(b"ABEFd")),
        b"\x1b[%d%c" % (rnd.choice((2, 4, 10)), rnd.choice(b"CD")),
        b"\x1b[%d`" % rnd.randrange(1, COLUMNS, 2),
    ))  # fmt: skip


def _control(rnd: random.Random) -> bytes:
    return rnd.choice((
        b"\r", b"\r\n", b"\x07", b"\r\t", b"\r\t\t\b\b", b"\x1bE",
        rnd.choice((b"\n", b"\x0b", b"\x0c", b"\x1bD", b"\x1bM")) + _column(rnd),
    ))  # fmt: skip


def _tab(rnd: random.Random) -> bytes:
    return _column(rnd) + rnd.choice((b"\x1bH", b"\t", b"\x1b[Z", b"\x1b[2Z", b"\x1b[g", b"\x1b[3g"))


def _erase(rnd: random.Random) -> bytes:
    return rnd.choice((b"\x1b[2J", b"\x1b[2K", _narrow(rnd) + b"\x1b[" + rnd.choice(_PARTS)))


_PARTS = (b"J", b"1J", b"K", b"1K", b"X", b"3X", b"70X", b"@", b"0@", b"3@", b"P", b"2P", b"60P")


def _narrow(rnd: random.Random) -> bytes:
    """A row of narrow characters and a place in it: tmux leaves halves of wide characters when it erases."""
    text = b"".join(_style(rnd) + b"some plain words"[: rnd.randint(3, 12)] for _ in range(3))
    return b"\r\x1b[2K\x1b[4l" + text + b"\x1b[%dG" % rnd.randint(1, COLUMNS)


def _lines(rnd: random.Random) -> bytes:
    # tmux leaves the column alone, where xterm goes to the first; and works outside the region too.
    top, count = rnd.randint(1, 6), rnd.choice((0, 1, 2, 3, 60))
    inside = b"\x1b[?6l\x1b[%d;%dr\x1b[%dH" % (top, rnd.randint(7, ROWS), rnd.randint(top, 7))
    return inside + b"\x1b[%d%c" % (count, rnd.choice(b"LM"))


def _scroll(rnd: random.Random) -> bytes:
    return b"\x1b[%d%c" % (rnd.choice((0, 1, 2, 5, 30)), rnd.choice(b"ST"))


def _margins(rnd: random.Random) -> bytes:
    # Without origin mode, in which tmux goes to the screen's first row and not to the region's.
    top = rnd.randint(1, ROWS)
    return b"\x1b[?6l" + (b"\x1b[%d;%dr" % (top, rnd.randint(top, ROWS)) if rnd.random() < 0.7 else b"\x1b[r")


def _mode(rnd: random.Random) -> bytes:
    number = rnd.choice((b"?6", b"?1", b"?25", b"?2004", b"?1000", b"?1006", b"?1004"))
    return b"\x1b[%b%c" % (number, rnd.choice(b"hl"))


def _insert(rnd: random.Random) -> bytes:
    # On a row of narrow characters, without wrapping: tmux makes room before it wraps.
    return (
        _narrow(rnd) + b"\x1b[%dG\x1b[4h" % rnd.randint(1, 20) + b"inserted"[: rnd.randint(1, 8)] + b"\x1b[4l"
    )


def _style(rnd: random.Random) -> bytes:
    codes = (
        "0", "", "1", "2", "3", "4", "5", "7", "8", "9", "22", "23", "24", "25", "27", "28", "29", "31", "42",
        "39", "49", "95",
        "103", "38;5;123", "48;5;20", "38;2;1;2;3", "48;2;200;100;0", "38:5:9", "48:2::7:8:9", "38:2:7:8:9",
        "4:3", "1;31", "0;44",
    )  # fmt: skip
    return f"\x1b[{rnd.choice(codes)}m".encode()


def _charset(rnd: random.Random) -> bytes:
    return rnd.choice((b"\x1b(0", b"\x1b(B", b"\x1b(B", b"\x1b)0", b"\x1b)B", b"\x0e", b"\x0f", b"\x0f"))


def _cursor(rnd: random.Random) -> bytes:
    drawn = b"".join(rnd.choice((_text, _wide, _line, _move, _style, _charset))(rnd) for _ in range(4))
    return _move(rnd) + b"\x1b7" + drawn + b"\x1b8"


def _screen(rnd: random.Random) -> bytes:
    # On the alternate screen the cursor is not saved once more: tmux has one place for it.
    drawn = b"".join(rnd.choice((_text, _wide, _line, _move, _erase, _style))(rnd) for _ in range(6))
    unwrapped = _column(rnd) + b"\x1b[?7l" + 4 * b"not wrapped " + b"\x1b[?7h"
    return rnd.choice((b"\x1b#8", unwrapped, _move(rnd) + b"\x1b[?1049h" + drawn + b"\x1b[?1049l"))


def _ignored(rnd: random.Random) -> bytes:
    return rnd.choice((
        b"\x1b[?4m", b"\x1b[>4;2m", b"\x1b[>1u", b"\x1b[<u", b"\x1b]2;title\x07", b"\x1b]8;;http://a/\x1b\\",
        b"\x1b]8;;\x07",
        b"\x1bPq#0abc\x1b\\", b"\x1b_Gi=1\x1b\\", b"\x1b^private\x1b\\", b"\x1b[999z",
        b"\x1b]1337;File=x\x07", b"\x1b[2 q",
        b"\x1b[1;2\x0d3H", b"\x1b[>0q", b"\x1b[18t", b"\x1b=", b"\x1b>", b"\x1b[?2026h", b"\x1b[?2026l",
    ))  # fmt: skip


def _repeat(rnd: random.Random) -> bytes:
    return b"\x1b[3Gz\x1b[%db" % rnd.randint(1, 20)


_KINDS: dict[Callable[[random.Random], bytes], int] = {
    _text: 10, _wide: 4, _line: 6, _move: 8, _step: 5, _control: 4, _tab: 3, _erase: 5, _lines: 3, _scroll: 2,
    _margins: 2, _mode: 2, _insert: 2, _style: 8, _charset: 2, _cursor: 2, _screen: 1, _ignored: 2,
    _repeat: 1,
}  # fmt: skip
