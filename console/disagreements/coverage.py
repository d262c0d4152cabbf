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
    """Sources that would have the machine, all of them completely known."""

    sources: tuple[str, ...]
    sure: bool
    """Siblings have their machines there; else nothing but the region speaks for it."""


class Coverage:
    """Answers for the machines of a source; those of a place share theirs, worked out once a round."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[tuple[str, Place], Cover | None] = {}

    def forget(self) -> None:
        """A round is over: sources may know other things now."""
        self._answers.clear()

    def of(self, item: Item, place: Place) -> Cover | None:
        """Who would have the machine of that object; None where one of them can't say."""
        asked = (item.ref.source, place)
        if asked not in self._answers:
            self._answers[asked] = self._look(item.ref.source, place)
        return self._answers[asked]

    def _look(self, source: str, place: Place) -> Cover | None:
        states = [s for s in self._world.fleet.sources.values() if s.name != source and _may_have(s, place)]
        vouched = self._world.siblings.sources(home(source))
        near = [state for state in states if state.name in vouched]
        asked = near or [state for state in states if _same(state.info.account, place.account)]
        if asked and all(self._world.knows(state.name, _MACHINES) for state in asked):
            return Cover(tuple(sorted(state.name for state in asked)), bool(near))
        return None


def home(source: str) -> Key:
    """The key of all that a source brings."""
    return (HOME, source)


def place_of(provider_id: str, region: str, zone: str, account: str) -> Place | None:
    """Where the machine of that id should be; None where the id names no machine of a cloud."""
    cloud, colon, _ = (machine_key(provider_id) or "").partition(":")
    return Place(cloud, region or zone, account) if colon else None


def _may_have(state: SourceState, place: Place) -> bool:
    """Whether it would list machines of that place. What failed before it said what it has may."""
    if _MACHINES not in state.info.kinds and state.info.kinds:
        return False
    return place.cloud in (state.info.provider, _cloud_of(state)) and _within(place.where, state.info.region)


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
