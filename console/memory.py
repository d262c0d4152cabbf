"""When this process looks for garbage in cycles: seldom, and never among the objects of the fleet."""

from __future__ import annotations

import gc


def seldom() -> None:
    """From the start: Python's own pace looks through everything at each quarter more of it."""
    gc.set_threshold(2_000, 5, 1_000)


def loaded() -> None:
    """What is there now stays: with 100,000 pods one look through it keeps keys waiting for 0.2 s."""
    gc.freeze()
