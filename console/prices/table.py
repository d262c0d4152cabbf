"""On-demand prices by place and type, read from the table beside this file; `make prices` makes it.

A price is what AWS lists for an hour of shared tenancy, in millionths of a US dollar: no discount, no
storage, no traffic. Read when first asked, a place at a time: 1 ms for the table, 0.5 ms for a place.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

import msgspec

TABLE = Path(__file__).with_name("table.bin")

Prices = dict[str, tuple[int, int]]
"""Type → on-demand price an hour on Linux and on Windows, in millionths of a US dollar; 0 is not known."""


_SYSTEMS = {"": 0, "linux": 0, "windows": 1}
"""Platforms that there are prices of; one that is not known is taken for Linux."""


def on_demand(place: str, type: str, platform: str = "linux") -> int | None:
    """The price an hour of that type in a region or local zone, None when the table does not have it."""
    prices, system = _prices(place).get(type), _SYSTEMS.get(platform)
    return None if prices is None or system is None else prices[system] or None


def date_of(place: str) -> str:
    """The day that the prices of a region or local zone are of, "2026-10-01"; "" where there are none."""
    found = _places().get(place)
    return found[0] if found else ""


def dates() -> tuple[str, str]:
    """The day of the oldest prices in the table and that of the newest."""
    days = [day for day, _ in _places().values()]
    return min(days), max(days)


@cache
def _places() -> dict[str, tuple[str, bytes]]:
    return msgspec.msgpack.decode(TABLE.read_bytes(), type=dict[str, tuple[str, bytes]])


@cache
def _prices(place: str) -> Prices:
    found = _places().get(place)
    return msgspec.msgpack.decode(zlib.decompress(found[1]), type=Prices) if found else {}
