"""Machines that a Terraform state declares, held against the ones that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.disagreements.claim import Claim
from console.disagreements.coverage import Cover, due_at
from console.item import Item
from console.reasons import reason_words
from providers.model import Instance

if TYPE_CHECKING:
    from console.disagreements.world import World

_ENDING = "terminated"
_OF_THE_CLOUD = "aws:"
"""Tags that begin so are put there by the cloud and can't be declared."""


def is_declared(item: Item) -> bool:
    """A state declares it, at an address, and nobody looked whether it is there."""
    instance: Instance = item.obj
    return not instance.observed and bool(instance.resource)


def twin_of(item: Item) -> Item | None:
    """The same machine as its cloud has it."""
    return next((twin for twin in item.twins if twin.obj.observed), None)


def gone(item: Item, world: World) -> Claim | None:
    """Its cloud does not have it, or only what is left of it for an hour."""
    if not is_declared(item) or not world.knows(item.ref.source, "instance"):
        return None
    instance: Instance = item.obj
    twin = twin_of(item)
    if twin is not None:
        if twin.obj.state != _ENDING or not world.knows(twin.ref.source, "instance"):
            return None
        words = reason_words(twin.obj.reason) or _ENDING
        return Claim(3, f"{instance.resource}: {words}", twin, since=twin.obj.since)
    cover = _cover(item, world)
    if cover is None or not (cover.sources and cover.known):
        return None
    detail = f"{instance.resource} is not among the instances of {', '.join(cover.sources)}"
    if not cover.sure:
        detail = f"{detail}; nothing else that is declared with it is, perhaps it is of another account"
    where = world.fleet.sources[cover.sources[0]].info if len(cover.sources) == 1 else None
    return Claim(3 if cover.sure else 1, detail, where=where)


def is_elsewhere(item: Item, world: World) -> bool:
    """Whether it is declared and nobody here would list the machine."""
    if not is_declared(item) or twin_of(item) is not None:
        return False
    cover = _cover(item, world)
    return cover is None or not cover.sources


def _cover(item: Item, world: World) -> Cover | None:
    """Who would list the machine; None where what is declared has no id of a cloud."""
    instance: Instance = item.obj
    place = due_at(instance.provider_id, "", instance.zone, item.source.info.account)
    return world.coverage.of(item, place) if place is not None else None


def other_type(item: Item, world: World) -> Claim | None:
    """It runs with another type than is declared."""
    twin = _current_twin(item, world)
    if twin is None or not item.obj.type or not twin.obj.type or item.obj.type == twin.obj.type:
        return None
    return Claim(2, f"{item.obj.resource}: {item.obj.type} declared, {twin.obj.type} now", twin)


def other_tags(item: Item, world: World) -> Claim | None:
    """It has other tags than are declared. Where none are declared, nothing is known of them."""
    twin = _current_twin(item, world)
    if twin is None or not item.obj.tags or item.obj.tags == twin.obj.tags:
        return None
    words = tag_differences(item.obj.tags, twin.obj.tags)
    return Claim(1, f"{item.obj.resource}: {'; '.join(words)}", twin) if words else None


def tag_differences(declared: tuple[tuple[str, str], ...], now: tuple[tuple[str, str], ...]) -> list[str]:
    """`Env: prod → test`, `Owner missing`, `Temp added`, in the order of their keys."""
    wanted, found = (
        {key: value for key, value in tags if not key.startswith(_OF_THE_CLOUD)} for tags in (declared, now)
    )
    words = []
    for key in sorted(wanted.keys() | found.keys()):
        if key not in found:
            words.append(f"{key} missing")
        elif key not in wanted:
            words.append(f"{key} added")
        elif wanted[key] != found[key]:
            words.append(f"{key}: {wanted[key]} → {found[key]}")
    return words


def _current_twin(item: Item, world: World) -> Item | None:
    if not is_declared(item) or not world.knows(item.ref.source, "instance"):
        return None
    twin = twin_of(item)
    if twin is None or twin.obj.state == _ENDING or not world.knows(twin.ref.source, "instance"):
        return None
    return twin
