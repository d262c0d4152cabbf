"""An order for one host: what a person worded, where it goes, as whom, and by what it gets there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from providers.contract import Refused
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target
from providers.sessions import Reach
from providers.stream import Order, Ran
from providers.text import clean

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


def checked(target: Target) -> Target:
    """The target, where every word of it may be given to ssh. Raises Refused saying which may not."""
    if target.why_not:
        raise Refused(target.why_not)
    if not target.host:
        raise Refused("there is no address to connect to")
    if not is_host(target.host):
        raise Refused(f"{clean(target.host)!r} is not a host name that ssh may be given")
    if target.user and not is_user(target.user):
        raise Refused(f"{clean(target.user)!r} is not a user name that ssh may be given")
    if bad := next((hop for hop in target.jump if not is_destination(hop)), ""):
        raise Refused(f"{clean(bad)!r} is not a [user@]host that may be jumped through")
    if not 0 <= target.port <= 65535:
        raise Refused(f"{target.port} is no port")
    return target


def login(target: Target) -> str:
    """As whom and through what: "root@10.0.3.17 via bastion"."""
    host = f"[{target.host}]" if target.port and ":" in target.host else target.host
    there = f"{host}:{target.port}" if target.port else host
    hops = f" via {', '.join(target.jump)}" if target.jump else ""
    return f"{target.user}@{there}{hops}" if target.user else f"ssh's usual user at {there}{hops}"
