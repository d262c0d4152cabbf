"""What a fleet holds, however it is built: every container and every object of the console in its reach."""

from __future__ import annotations

import gc
from collections import Counter
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from console.fleet import Fleet
from console.sharing import Sharing

_BEYOND = (type, FunctionType, BuiltinFunctionType, ModuleType, Sharing)
"""Where a walk ends. What is shared is forgotten by its size, not with the objects."""


def census(fleet: Fleet) -> Counter[str]:
    """How many there are of each type, and how much is in all containers together."""
    found: Counter[str] = Counter()
    seen: set[int] = set()
    ahead: list[Any] = [fleet]
    while ahead:
        thing = ahead.pop()
        if id(thing) in seen or isinstance(thing, _BEYOND):
            continue
        seen.add(id(thing))
        if isinstance(thing, (dict, set, list)):
            found["entries"] += len(thing)
        if isinstance(thing, (dict, set, list)) or type(thing).__module__.startswith("console."):
            found[type(thing).__name__] += 1
        ahead += gc.get_referents(thing)
    return found
