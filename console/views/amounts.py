"""Amounts as people read them."""

from __future__ import annotations

_UNITS = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


def memory(size: float | None) -> str:
    """Bytes as `30Gi`, `7.5Gi`, `512Mi`; "" when unknown."""
    if size is None:
        return ""
    unit = 0
    while abs(size) >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{_short(size)}{_UNITS[unit]}"


def cores(count: float | None) -> str:
    """CPU as `8`, `7.9`, `250m`; "" when unknown."""
    if count is None:
        return ""
    return f"{round(count * 1000)}m" if 0 < count < 1 else _short(count)


def counted(number: int, word: str) -> str:
    """A number of things: `1 pod`, `9,970 pods`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 or number == int(number) else f"{number:.1f}".removesuffix(".0")
