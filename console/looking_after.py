"""Instances that are looked after as hosts too: those that a filter finds, as they come and go."""

from __future__ import annotations

from collections.abc import Callable

from console.fleet import Changes, Fleet, Item
from console.query import QueryError, compile_query
from console.targets import Rules, RulesError, target_of
from providers.model import Ref, Target
from providers.stream import Command, Follow

SOURCE = "ssh-followed"
"""Of the provider `ssh`, for hosts that it is told of."""


class LookingAfter:
    """Keeps the engine's list of followed hosts what the filter finds. Work in proportion to what changed."""

    def __init__(self, filter: str, rules: Rules, fleet: Fleet, send: Callable[[Command], bool]) -> None:
        """Raises RulesError for what is no filter of instances."""
        self._rules = rules
        self._fleet = fleet
        self._send = send
        self._targets: dict[Ref, Target] = {}
        self._told: tuple[int, tuple[Target, ...]] | None = None
        try:
            self._query = compile_query(filter, "instance", fleet.now) if filter else None
        except QueryError as error:
            raise RulesError(("start", "follow"), f"{filter!r}: {error}") from error

    def take(self, changes: Changes) -> None:
        """Take what changed in the fleet, and tell the engine where that makes another list."""
        if self._query is None:
            return
        for ref in changes.gone.get("instance", ()):
            self._targets.pop(ref, None)
        for ref in changes.changed.get("instance", ()):
            self._look(ref, self._fleet.item(ref))
        if SOURCE in self._fleet.sources:
            self._tell()

    def _look(self, ref: Ref, item: Item | None) -> None:
        assert self._query is not None
        target = target_of(item, self._rules) if item and self._query.matches(item) else None
        if target is None or target.why_not:
            self._targets.pop(ref, None)
        else:
            self._targets[ref] = target

    def _tell(self) -> None:
        wanted = (self._fleet.generation, tuple(self._targets[ref] for ref in sorted(self._targets)))
        if wanted != self._told and self._send(Follow(source=SOURCE, targets=wanted[1])):
            self._told = wanted
