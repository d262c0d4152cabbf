"""An order for one host: what a person worded, where it goes, and by what it gets there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from providers.model import Target
from providers.sessions import Reach
from providers.stream import Order, Ran

HELD = 64 << 20
"""Bytes that one order may hold: of a file or a standard input, and again of all that the hosts say."""
MOST_OF_ONE = 24 << 20
"""Bytes of one file that comes back: it crosses in one message."""


@dataclass(frozen=True)
class Content:
    """A standard input, or a file to be put: the same bytes for every host."""

    data: bytes = b""

    @cached_property
    def words(self) -> str:
        """How much of what: "1,024 bytes (sha256 5f70bf18a086…)". Hashes, so the first time takes a while."""
        return f"{len(self.data):,} bytes (sha256 {hashlib.sha256(self.data).hexdigest()[:12]}…)"


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What an action is given for one host of an order."""

    plan: int
    target: Target
    order: Order
    content: Content
    reach: Callable[[], Reach]
    tell: Callable[[Ran], None]

    @property
    def share(self) -> int:
        """Bytes that this host may say, of what all of them may."""
        return HELD // max(1, len(self.order.targets))
