"""What a way in is, and the ones there are: every module here that has `ways`, in order of its name.

A way says whether it is open for a target and opens it; the engine (providers.engine.sessions) asks, audits,
carries the bytes and ends it, the same for every way.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from providers.contract import Source
from providers.model import Kind, Offer, Target
from providers.sessions import Asker, Reach, Session, Size
from providers.stream import Purpose


class Sends(Protocol):
    """Told what is about to be sent, exactly, and as whom where that is not the source's identity."""

    async def __call__(self, sent: str, identity: str = "") -> None:
        """In the audit log when this returns. Raises Problem: then nothing may be sent."""


async def _unrecorded(sent: str, identity: str = "") -> None:
    """Nobody keeps a record."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """What a way works with: the target, the sources it has to do with, and the person."""

    target: Target
    source: Source | None
    """Of `target.ref`."""
    machine: Source | None
    """Of `target.machine`."""
    asker: Asker
    reach: Reach
    sends: Sends = _unrecorded
    """To be awaited by open() right before it sends something. Of a way that does not, the engine writes
    down `Session.sent` before the first byte of the person's goes there."""


class Way(Protocol):
    """A way to a shell, to logs, to a port or to a file. It keeps nothing between calls."""

    name: str
    purpose: Purpose
    kinds: tuple[Kind, ...]

    async def offers(self, where: Where) -> Sequence[Offer]:
        """Whether it is open, and if not why: one for each choice. Nothing when it has no meaning there."""

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""


@cache
def discover() -> tuple[Way, ...]:
    """Every way there is. The order is stable: by module, then as the module lists them."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(way for module in modules for way in getattr(module, "ways", ()))
