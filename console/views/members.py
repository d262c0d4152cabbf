"""What scales a machine: its group's members and what they cost, the clusters that they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from console.item import Item
from console.views.amounts import counted
from console.views.costs import total_words
from console.views.kinds import Section
from console.views.origin import cluster_of
from console.views.words import word_cell
from providers.model import Instance
from widgets.cells import Cell

if TYPE_CHECKING:
    from console.fleet import Fleet

CLUSTER = "cluster"
"""The kind under which they file clusters that a cloud runs."""


def member_sections(record: Item, fleet: Fleet) -> list[Section]:
    """Of a group, a node group or a cloud's cluster: its machines by state, and what they cost together."""
    members = list(fleet.members(record)) or _of_cluster(record)
    if not members:
        return []
    states = Counter("declared" if not m.obj.observed else m.obj.state or "unknown" for m in members)
    facts = [
        ("machines", Cell(_member_words(members))),
        *((state, Cell(str(count))) for state, count in states.most_common()),
        ("cost", Cell(total_words(members))),
    ]
    return [Section("Machines", tuple(facts))]


def _of_cluster(record: Item) -> list[Item]:
    if record.ref.kind != CLUSTER:
        return []
    return [
        item for item in record.source.items.get("instance", {}).values() if item.obj.cluster == record.name
    ]


def _member_words(members: Collection[Item]) -> str:
    """`12 members, 1 not in service`."""
    apart = sum(member.obj.group_state not in ("", "InService") for member in members)
    return counted(len(members), "member") + (f", {apart} not in service" if apart else "")


def cluster_words(machine: Item, fleet: Fleet) -> str:
    """The clusters that its group has nodes in, and the one it is tagged for."""
    names = [
        cluster_of(fleet.sources[name].info) for name in fleet.clusters_of(machine) if name in fleet.sources
    ]
    return ", ".join(dict.fromkeys([*names, *filter(None, [machine.obj.cluster])]))


def group_facts(machine: Item, fleet: Fleet) -> list[tuple[str, Cell]]:
    """The group with how its members are and what they cost, and how it sees this one."""
    instance: Instance = machine.obj
    if not instance.group:
        return [("group", word_cell(""))]
    members = fleet.members(machine)
    in_service = instance.group_state in ("", "InService")
    return [
        ("group", Cell(instance.group)),
        ("", Cell(f"{_member_words(members)} · {total_words(members)}", "dim")),
        *([("in its group", Cell(instance.group_state, "info"))] if not in_service else []),
    ]
