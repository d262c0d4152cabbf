"""How this process takes and gives back memory and turns, with megabytes that come and go in many threads."""

from __future__ import annotations

import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of glibc's malloc.h."""
_TURN = 0.001
"""Seconds that a thread may keep the interpreter from the others, instead of five times as much: the event
loop waits for as many of those as there are threads before it."""


def share() -> None:
    """Be frugal from now on. Without it 5,000 instances in 20 regions leave 100 MB of holes behind."""
    sys.setswitchinterval(_TURN)
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none and needs none
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 1 << 18)
        mallopt(_M_TRIM_THRESHOLD, 1 << 18)
