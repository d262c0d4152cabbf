"""Kubernetes quantities ("1500m", "16Gi", "12e6") as plain numbers."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")
_SUFFIXES: dict[str, float] = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "E": 10**18,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
    "Ei": 2**60,
}


def cores(quantity: str) -> float | None:
    """CPU in cores ("1500m" is 1.5), None when it is not a quantity."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if exponent:
        return float(number + exponent)
    return float(number) * _SUFFIXES[suffix or ""]


def count(quantity: str) -> int | None:
    """Bytes or pieces ("16Gi", "110"), rounded up as the server does, None when it is not a quantity, or
    none of 64 bits."""
    found = _count(quantity)
    return found if found is not None and -(1 << 63) <= found < 1 << 64 else None


def _count(quantity: str) -> int | None:
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if not exponent and number.lstrip("+-").isdigit():
        scale = _SUFFIXES[suffix or ""]
        return int(number) * scale if isinstance(scale, int) else _up(int(number) * scale)
    value = cores(quantity)
    return None if value is None or value in (float("inf"), float("-inf")) else _up(value)


def _up(value: float) -> int:
    return -int(-value // 1)
