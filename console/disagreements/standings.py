"""How each kind of object stands among its siblings: what it adds to what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from console.disagreements.absences import bears_a_node, keys_of
from console.disagreements.coverage import home
from console.disagreements.declared import is_declared, twin_of
from console.disagreements.images import group_of, member_of
from console.disagreements.siblings import Standing
from console.disagreements.world import World
from console.item import Item
from providers.model import Kind, Ref


def _node(item: Item) -> Standing:
    machine = item.instance
    sure = machine is not None and machine.obj.observed and not item.guessed
    return Standing((home(item.ref.source),), machine.ref.source if machine is not None and sure else "")


def _instance(item: Item) -> Standing | None:
    """None for what neither vouches nor asks."""
    if is_declared(item):
        twin = twin_of(item)
        return Standing((home(item.ref.source),), twin.ref.source if twin is not None else "")
    if item.node is not None:
        # A guess neither vouches for a cluster nor lacks one.
        return (
            None if item.guessed or not item.obj.observed else Standing(keys_of(item), item.node.ref.source)
        )
    return Standing(keys_of(item), "") if bears_a_node(item) else None


def _file_node(world: World, ref: Ref, item: Item | None) -> Iterable[Ref]:
    return world.siblings.put(ref, None if item is None else _node(item))


def _file_instance(world: World, ref: Ref, item: Item | None) -> Iterable[Ref]:
    if item is None:
        world.generations.put(ref, None, None)
        return world.siblings.put(ref, None)
    world.generations.put(ref, group_of(item), member_of(item))
    return world.siblings.put(ref, _instance(item))


FILE: Mapping[Kind, Callable[[World, Ref, Item | None], Iterable[Ref]]] = {
    "node": _file_node,
    "instance": _file_instance,
}
"""Takes in how an object stands now, None: not at all; gives those who may be judged otherwise by it."""
