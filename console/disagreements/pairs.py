"""A node and the machine that it runs on, held against each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.disagreements.claim import GRACE_SECONDS, Claim
from console.item import Item
from console.reasons import reason_words
from providers.model import Instance, Node

if TYPE_CHECKING:
    from console.disagreements.world import World


def machine_of(node: Item, world: World) -> Item | None:
    """The node's machine as its cloud has it, when what is said of either is current."""
    machine = node.instance
    if machine is None or not machine.obj.observed or not world.knows(node.ref.source, "node"):
        return None
    return machine if world.knows(machine.ref.source, "instance") else None


def not_ready(item: Item, world: World) -> Claim | None:
    """The node is not ready, and its running machine passes every check."""
    node: Node = item.obj
    if node.ready or (machine := machine_of(item, world)) is None:
        return None
    instance: Instance = machine.obj
    passed, _, total = instance.checks.partition("/")
    if instance.state != "running" or not total or passed != total:
        return None
    ready = next((condition for condition in node.conditions if condition.type == "Ready"), None)
    words = [node.status, ready.reason, ready.message] if ready is not None else [node.status]
    until = None if node.created is None else node.created + GRACE_SECONDS
    young = until is not None and world.now < until
    return Claim(
        severity=1 if young else 3,
        detail=" · ".join(filter(None, [f"{instance.checks} checks pass", *words])),
        other=machine,
        guessed=item.guessed,
        new=young,
        since=ready.since if ready is not None else None,
        until=until if young else None,
    )


def ended(state: str) -> Callable[[Item, World], Claim | None]:
    """The machine is in that state, which it does not leave by itself, and its node is still there."""

    def judge(item: Item, world: World) -> Claim | None:
        machine = machine_of(item, world)
        if machine is None or machine.obj.state != state:
            return None
        instance: Instance = machine.obj
        words = [reason_words(instance.reason), f"the node says {item.obj.status or 'nothing'}"]
        if item.pods and world.knows(item.ref.source, "pod"):
            words.append(f"{len(item.pods)} pods bound to it")
        return Claim(3, " · ".join(filter(None, words)), machine, item.guessed, since=instance.since)

    return judge


def differs(item: Item, world: World) -> Claim | None:
    """Type or zone are known on both sides and are not the same."""
    machine = machine_of(item, world)
    if machine is None:
        return None
    node, instance = item.obj, machine.obj
    sides = (("type", node.instance_type, instance.type), ("zone", node.zone, instance.zone))
    words = [
        f"{what} {ours} by the node, {theirs} by the instance"
        for what, ours, theirs in sides
        if ours and theirs and ours != theirs
    ]
    return Claim(2, "; ".join(words), machine, item.guessed) if words else None
