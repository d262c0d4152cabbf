"""Amounts as people type them."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdwy])")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:([kmgtp])(i?)b?|b)?", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(m?)")


def seconds(text: str) -> float | None:
    """`90s`, `1h30m`, `2d`, `1w`, in seconds; None when it is no duration."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def size(text: str) -> float | None:
    """`16Gi`, `500M`, `1024`, in bytes; None when it is no size."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    power = " kmgtp".index(found[2].lower()) if found[2] else 0
    return float(found[1]) * float((1024 if found[3] else 1000) ** power)


def number(text: str) -> float | None:
    """`3`, `0.5`, `500m`; None when it is no number."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return float(found[1]) / (1000 if found[2] else 1)


def percent(text: str) -> float | None:
    """`90%`, `90`, `99.5%`; None when it is none."""
    return number(text.removesuffix("%"))
