"""What was said on the command line, and the objects that it chooses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from console.fanout.folding import natural
from console.fleet import Fleet
from console.item import Item
from console.query import QueryError, compile_query
from console.views import VIEWS
from providers.stream import Order


class Unfit(Exception):
    """What was said can't be done: the exit status is 2."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was said on the command line."""

    action: str
    query: str
    kinds: tuple[str, ...]
    order: Order
    """Without its targets."""
    content: bytes | None = None
    limit: int = 0
    """Hosts at most, 0 for all."""
    yes: bool = False
    output: str = "text"
    into: Path | None = None
    """The folder for what the hosts give."""
    force: bool = False
    """Files that are in it already are written over."""
    wait: float = 30.0
    """Seconds to wait for every source."""


def chosen(fleet: Fleet, wanted: Wanted) -> list[Item]:
    """The objects that match, in the order of their names. Raises Unfit without any, or with two kinds."""
    found: dict[str, list[Item]] = {}
    error: QueryError | None = None
    for kind in (kind for kind in wanted.kinds if kind in VIEWS):
        try:
            query = compile_query(wanted.query, kind, time.time)
        except QueryError as wrong:
            error = wrong
            continue
        told_by = VIEWS[kind].told_by
        if items := [item for item in fleet.items(kind) if not told_by(item) and query.matches(item)]:
            found[kind] = sorted(items, key=lambda item: (natural(item.name), item.ref))
    if len(found) > 1:
        both = " and ".join(f"{len(items)} {kind}s" for kind, items in found.items())
        raise Unfit(f"{wanted.query!r} matches {both}: say --kind")
    if not found and error:
        raise Unfit(f"--on: {error.message}")
    if not found:
        raise Unfit(f"{wanted.query!r} matches no {' and no '.join(wanted.kinds)}")
    items = next(iter(found.values()))
    return items[: wanted.limit] if wanted.limit else items
