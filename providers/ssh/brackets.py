"""Names written short: `web[1-9,12].example.org` is ten hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from providers.contract import Problem
from providers.text import clean

MOST = 4096
"""Names that one text may stand for."""

_RANGES = re.compile(r"\[(\d{1,9}(?:-\d{1,9})?(?:,\d{1,9}(?:-\d{1,9})?)*)\]")


def expanded(text: str) -> list[str]:
    """The names, in their order; zeros in front are kept (`db[01-12]`). Raises Problem for too many.

    Brackets around anything but numbers are left alone: an address such as `[2001:db8::1]:22`.
    """
    before, *rest = _RANGES.split(text)
    names = [before]
    for ranges, after in zip(rest[::2], rest[1::2], strict=True):
        numbers = [number for part in ranges.split(",") for number in _numbers(part, text)]
        if len(names) * len(numbers) > MOST:
            raise _too_many(text)
        names = [f"{name}{number}{after}" for name in names for number in numbers]
    return names


def _numbers(part: str, text: str) -> Iterator[str]:
    first, _, last = part.partition("-")
    last = last or first
    if int(last) < int(first):
        raise Problem(f"{clean(text)}: {part} counts backwards", f"write {last}-{first}", state="denied")
    if int(last) - int(first) >= MOST:
        raise _too_many(text)
    width = len(first) if first.startswith("0") else 0
    return (str(number).zfill(width) for number in range(int(first), int(last) + 1))


def _too_many(text: str) -> Problem:
    return Problem(f"{clean(text)} is more than {MOST:,} hosts", "divide it", state="denied")
