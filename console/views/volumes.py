"""A machine's volumes, a pod's own volumes and a volume's pods, as parts of their details."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.item import Item
from console.joins.claims import VOLUME, Claimed, claim_of
from console.views.ages import UNKNOWN
from console.views.kinds import Section
from console.views.origin import cluster_of
from console.views.words import word_cell
from widgets.cells import Cell

if TYPE_CHECKING:
    from console.fleet import Fleet

_TOLD = ("size", "type", "state", "zone", "device")
"""Columns that are told of a volume, whoever brings it."""
_ELSEWHERE = Cell("not known here", "dim")


def volumes_of(machine: Item, fleet: Fleet) -> list[Item]:
    """The volumes attached to it, by name."""
    owned = [item for item in fleet.owned_by(machine.ref.uid) if item.ref.kind == VOLUME]
    return sorted(owned, key=lambda item: (item.name, item.ref.uid))


def volume_sections(machine: Item, fleet: Fleet) -> list[Section]:
    """A line for each volume: `vol-0abc  80 GiB · gp3 · in-use`; nothing where none are known."""
    facts = tuple((volume.name, word_cell(_words(volume))) for volume in volumes_of(machine, fleet))
    return [Section("Volumes", facts)] if facts else []


def claim_sections(pod: Item, fleet: Fleet) -> list[Section]:
    """A line for each claim of a pod that has any: `vol-0abc · 80 GiB · gp3 · in-use · eu-west-1b`."""
    volumes = fleet.volumes_of(pod)
    facts = [fact for claim in pod.obj.claims for fact in _claim_facts(claim, volumes)]
    return [Section("Volumes", tuple(facts))] if facts else []


def _claim_facts(claim: str, volumes: list[Claimed]) -> list[tuple[str, Cell]]:
    cells = [_volume_cell(found) for found in volumes if found.claim == claim]
    return [(claim if number == 0 else "", cell) for number, cell in enumerate(cells or [_ELSEWHERE])]


def _volume_cell(found: Claimed) -> Cell:
    text = " · ".join(filter(None, (found.volume.ref.uid, _words(found.volume))))
    return Cell(f"{text} · a guess by its tags", "warn") if found.guessed else Cell(text)


def bound_to(pod: Item, fleet: Fleet) -> Iterator[tuple[str, Cell]]:
    """Of a pod that has no node yet: the zones that its volumes hold it to."""
    for found in fleet.volumes_of(pod) if not pod.obj.node else ():
        if zone := _word(found.volume, "zone"):
            verb = "may be" if found.guessed else "is"
            yield ("volume", Cell(f"its volume {found.claim} {verb} in {zone}"))


def user_sections(record: Item) -> list[Section]:
    """Of a volume: the claim that it was made for, and the pods that mount it."""
    claim = claim_of(record.obj.labels) if record.ref.kind == VOLUME else ""
    if not claim:
        return []
    pods = sorted(record.pods or (), key=lambda pod: pod.ref)
    cells = [_pod_cell(pod) for pod in pods] or [UNKNOWN]
    facts = [("pod" if number == 0 else "", cell) for number, cell in enumerate(cells)]
    return [Section("Claim", (("claim", Cell(claim)), *facts))]


def _pod_cell(pod: Item) -> Cell:
    return Cell(f"{pod.name} · {pod.obj.status or 'unknown'} · {cluster_of(pod.source.info)}")


def _words(volume: Item) -> str:
    """`80 GiB · gp3 · in-use`: what is known of it."""
    return " · ".join(filter(None, [_word(volume, title) for title in _TOLD]))


def _word(volume: Item, title: str) -> str:
    """What a volume's own columns say under that title, "" where its source has no such column."""
    schema = volume.source.schemas.get(VOLUME)
    columns = schema.columns if schema is not None else ()
    cells: tuple[str, ...] = volume.obj.cells
    return next((cell for c, cell in zip(columns, cells, strict=False) if c.title.lower() == title), "")
