"""Whether a machine that is not found is really not there: who would have it, and what they know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from console.disagreements.siblings import Key
from console.item import Item
from console.provider_ids import machine_key
from console.source import SourceState
from providers.model import Kind

if TYPE_CHECKING:
    from console.disagreements.world import World

HOME = "home"
"""Keys of siblings that come from the same source begin so."""
_MACHINES: Kind = "instance"


class Place(NamedTuple):
    """Where a machine should be."""

    cloud: str
    """"aws"."""
    where: str
    """Its region, or its zone; "" unknown."""
    account: str
    """"" unknown."""


class Cover(NamedTuple):
    """Who would have the machine."""

    sources: tuple[str, ...]
    """None: it is of a place that nobody here looks at."""
    sure: bool
    """Siblings have their machines there; else nothing but the region speaks for it."""
    known: bool
    """All of them know all their machines."""


class Coverage:
    """Answers for the machines of a source; those of a place share theirs, worked out once a round."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[tuple[str, Place], Cover] = {}

    def forget(self) -> None:
        """A round is over: sources may know other things now."""
        self._answers.clear()

    def of(self, item: Item, place: Place) -> Cover:
        """Who would have the machine of that object."""
        asked = (item.ref.source, place)
        if asked not in self._answers:
            self._answers[asked] = self._look(item.ref.source, place)
        return self._answers[asked]

    def _look(self, source: str, place: Place) -> Cover:
        states = [s for s in self._world.fleet.sources.values() if s.name != source and _may_have(s, place)]
        vouched = self._world.siblings.sources(home(source))
        near = [state for state in states if state.name in vouched]
        asked = near or [state for state in states if _same(state.info.account, place.account)]
        known = all(self._world.knows(state.name, _MACHINES) for state in asked)
        return Cover(tuple(sorted(state.name for state in asked)), bool(near), known)


def home(source: str) -> Key:
    """The key of all that a source brings."""
    return (HOME, source)


def due_at(provider_id: str, region: str, zone: str, account: str) -> Place | None:
    """Where the machine of that id should be; None where the id names no machine of a cloud."""
    cloud, colon, _ = (machine_key(provider_id) or "").partition(":")
    return Place(cloud, region or zone, account) if colon else None


def _may_have(state: SourceState, place: Place) -> bool:
    """Whether it would list machines of that place. What failed before it said what it has may."""
    if _MACHINES not in state.info.kinds and state.info.kinds:
        return False
    return place.cloud in (state.info.provider, _cloud_of(state)) and _within(place.where, state.info.region)


def looks_at_machines(state: SourceState) -> bool:
    """Whether it asks a cloud, or may once it says what it has. Files only declare."""
    if not state.info.kinds:
        return True
    machines = state.items.get(_MACHINES, {}).values()
    return _MACHINES in state.info.kinds and (not machines or any(item.obj.observed for item in machines))


def _cloud_of(state: SourceState) -> str:
    """The cloud that a source asks, by a machine that it has seen there."""
    for item in state.items.get(_MACHINES, {}).values():
        if item.obj.observed:
            return (machine_key(item.obj.provider_id) or "").partition(":")[0]
    return ""


def _within(where: str, region: str) -> bool:
    """`eu-west-1b` is in `eu-west-1`, `europe-west12-a` is not in `europe-west1`; the unknown may be."""
    return not where or (where.startswith(region) and not where[len(region) :][:1].isdigit())


def _same(one: str, other: str) -> bool:
    return not one or not other or one == other
