"""What passes to the person's own terminal while it is lent, and what does not, wherever the pieces end."""

from itertools import pairwise
from random import Random

import pytest

from console.shells.sieve import Sieve

PASSES = [
    b"plain text\r\n",
    "é ü → 你好 \N{NO-BREAK SPACE}".encode(),
    b"\x1b[1;31mred\x1b[m\x1b[2J\x1b[H",
    b"\x1b[?1049h\x1b[?25l\x1b[>c\x1b[0 q",
    b"\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b]11;?\x07\x1b]104\x07",
    b"\x1b(B\x1b=\x1b7\x1b8\x1bM",
]
DROPPED = [
    b"\x1b]52;c;ZXZpbA==\x07",
    b"\x1b]52;c;ZXZpbA==\x1b\\",
    b"\x1b]0;title\x07",
    b"\x1b]2;title\x1b\\",
    b"\x1b]1337;File=name=x:AAAA\x07",
    b'\x1bP$q"p\x1b\\',
    b"\x1b_Gf=100;AAAA\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1bktitle\x1b\\",
    b"\x1b[21t",
    b"\x1b[8;10;10t",
    b"\xc2\x9b",
    b"\xc2\x9d",
    b"\x1b]8;;x\x08y\x07",
]


def sifted(data: bytes, cuts: list[int], **allowed: bool) -> bytes:
    sieve = Sieve(**allowed)
    return b"".join(sieve.sift(data[a:b]) for a, b in pairwise([0, *sorted(cuts), len(data)]))


@pytest.mark.parametrize("data", PASSES)
def test_what_draws_passes_in_whatever_pieces(data: bytes) -> None:
    for cut in range(len(data) + 1):
        assert sifted(data, [cut]) == data


@pytest.mark.parametrize("data", DROPPED)
def test_what_does_more_than_draw_is_dropped_in_whatever_pieces(data: bytes) -> None:
    for cut in range(len(data) + 1):
        assert sifted(b"a" + data + b"z", [cut + 1]) == b"az"


def test_what_is_allowed_passes() -> None:
    assert sifted(b"\x1b]2;t\x07", [], title=True) == b"\x1b]2;t\x07"
    assert sifted(b"\x1b]52;c;eA==\x07", [], clipboard=True) == b"\x1b]52;c;eA==\x07"


def test_a_string_without_an_end_is_dropped_up_to_its_end_and_not_kept_for_ever() -> None:
    sieve = Sieve()
    assert sieve.sift(b"\x1b]52;c;" + b"A" * (1 << 21)) == b""
    assert len(sieve._held) < 100
    assert sieve.sift(b"AAA\x07after") == b"after"


def test_a_string_that_another_sequence_breaks_off_hides_nothing_in_it() -> None:
    data = b"\x1b]8;;x\x1b]52;c;eA==\x07z"
    for cut in range(len(data) + 1):
        assert sifted(data, [cut]) == b"z"


def test_in_any_mixture_only_what_passes_comes_through() -> None:
    random = Random(7)
    for _ in range(300):
        parts = [random.choice(PASSES + DROPPED) for _ in range(12)]
        data = b"".join(parts)
        cuts = [random.randrange(len(data) + 1) for _ in range(5)]
        assert sifted(data, cuts) == b"".join(part for part in parts if part in PASSES)
