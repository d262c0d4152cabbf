"""What is on one side only. Absence is claimed only of a side that is completely known and current."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.disagreements.claim import GRACE_SECONDS, Claim, cluster_itself
from console.disagreements.coverage import Cover, due_at
from console.disagreements.siblings import Key
from console.item import Item
from console.joins.groups import group_keys
from providers.model import Instance, Node

if TYPE_CHECKING:
    from console.disagreements.world import World

_ASIDE = ("Warmed", "Terminating", "Terminated", "Detach")
"""Beginnings of what a group says of a machine that is not meant to be in its cluster now."""
_REGION_LABEL = "topology.kubernetes.io/region="


def bears_a_node(item: Item) -> bool:
    """Whether a node could be expected on that machine: it runs and its group wants it to."""
    instance: Instance = item.obj
    return (
        instance.observed
        and instance.state == "running"
        and not instance.group_state.startswith(_ASIDE)
        # Another source may list the same machine: it is told of once.
        and not any(twin.obj.observed and twin.ref.source < item.ref.source for twin in item.twins)
    )


def cluster_key(item: Item) -> Key:
    """What the machine has in common with those of its source that are tagged for the same cluster."""
    return ("cluster", item.ref.source, item.obj.cluster)


def image_keys(item: Item) -> tuple[Key, ...]:
    """What the machine has in common with those of its network that run the same image, if both are known."""
    instance: Instance = item.obj
    known = instance.network and instance.image
    return (("image", instance.network, instance.image),) if known else ()


def keys_of(item: Item) -> tuple[Key, ...]:
    """Everything by which a machine's siblings are found."""
    instance: Instance = item.obj
    keys = tuple(group_keys(item.ref.source, item.obj))
    if instance.cluster:
        keys = (*keys, cluster_key(item))
    return (*keys, *image_keys(item))


# ---- machines without a node -------------------------------------------------------------------------


def not_joined(item: Item, world: World) -> Claim | None:
    """The machine runs in a group whose other machines are nodes."""
    if not _lacks_a_node(item, world):
        return None
    instance: Instance = item.obj
    clusters = _where_siblings_are(group_keys(item.ref.source, item.obj), world)
    if not _all_known(clusters, world):
        return None
    name = instance.nodegroup or instance.group
    state = f"{instance.group_state or instance.state} in {name}"
    detail = f"{state}, whose other machines are nodes of {_names(clusters, world)}"
    return _joining(item, world, 2, detail, clusters)


def no_node(item: Item, world: World) -> Claim | None:
    """The machine runs, and something says that it was meant to be a node: its cluster's tag, or its image.

    That nodes run in its network says nothing: so do bastions, gateways and build machines.
    """
    if not _lacks_a_node(item, world) or _where_siblings_are(group_keys(item.ref.source, item.obj), world):
        return None
    instance: Instance = item.obj
    tagged = bool(instance.cluster)
    clusters = _where_siblings_are((cluster_key(item),) if tagged else image_keys(item), world)
    if not _all_known(clusters, world):
        return None
    names = _names(clusters, world)
    if tagged:
        detail = f"tagged for {instance.cluster}, whose other machines are nodes of {names}"
    else:
        detail = (
            f"it runs {instance.image}, the image of {names}'s nodes, in their network {instance.network}"
        )
    return _joining(item, world, 2 if tagged else 1, detail, clusters)


def _lacks_a_node(item: Item, world: World) -> bool:
    return item.node is None and bears_a_node(item) and world.knows(item.ref.source, "instance")


def _where_siblings_are(keys: Iterable[Key], world: World) -> Iterable[str]:
    return next(filter(None, map(world.siblings.sources, keys)), ())


def _all_known(clusters: Iterable[str], world: World) -> bool:
    names = list(clusters)
    return bool(names) and all(world.knows(name, "node") for name in names)


def _names(clusters: Iterable[str], world: World) -> str:
    return ", ".join(sorted(cluster_itself(world.fleet.sources[name].info) for name in clusters))


def _joining(item: Item, world: World, severity: int, detail: str, clusters: Iterable[str]) -> Claim:
    """A machine that was just launched, or that its group still prepares, takes its time."""
    instance: Instance = item.obj
    until = None if instance.launched is None else instance.launched + GRACE_SECONDS
    young = until is not None and world.now < until
    new = young or instance.group_state.startswith("Pending")
    return Claim(
        1 if new else severity,
        f"joining; {detail}" if new else detail,
        cluster=_names(clusters, world),
        new=new,
        since=instance.launched,
        until=until if young else None,
    )


# ---- nodes without a machine -------------------------------------------------------------------------


def no_instance(item: Item, world: World) -> Claim | None:
    """The node names a machine of a cloud, and who lists those of its siblings does not list it."""
    node: Node = item.obj
    cover = _cover(item, world)
    if cover is None or not (cover.sure and cover.known and world.knows(item.ref.source, "node")):
        return None
    detail = f"{node.provider_id} is not among the instances of {', '.join(cover.sources)}"
    until = None if node.created is None else node.created + GRACE_SECONDS
    young = until is not None and world.now < until
    if young:
        detail = f"{detail}; it is new and may not be listed yet"
    where = world.fleet.sources[cover.sources[0]].info if len(cover.sources) == 1 else None
    return Claim(1 if young else 3, detail, where=where, new=young, until=until if young else None)


def is_elsewhere(item: Item, world: World) -> bool:
    """Whether the node is on a machine of a cloud of which nobody here lists machines of its cluster.

    Their account is not looked at, as far as anybody can say: such a cluster is named once, not node by node.
    """
    cover = _cover(item, world)
    return cover is not None and cover.known and not cover.sure


def _cover(item: Item, world: World) -> Cover | None:
    """Who would list the node's machine; None where it is listed, or is none of a cloud."""
    node: Node = item.obj
    if item.instance is not None and item.instance.obj.observed:
        return None
    place = due_at(node.provider_id, _region_of(node), node.zone, item.source.info.account)
    return world.coverage.of(item, place) if place is not None else None


def _region_of(node: Node) -> str:
    _, label, rest = f",{node.labels}".partition(f",{_REGION_LABEL}")
    return rest.partition(",")[0] if label else ""
