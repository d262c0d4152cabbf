"""Machines of a group that run another image than the ones that came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.disagreements.claim import Claim
from console.disagreements.generations import Member
from console.item import Item
from console.joins.groups import GroupKey, group_keys
from console.states import UP
from providers.model import Instance

if TYPE_CHECKING:
    from console.disagreements.world import World


def group_of(item: Item) -> GroupKey | None:
    """The group whose machines run the same image once all are renewed."""
    return next(iter(group_keys(item.ref.source, item.obj)), None)


def member_of(item: Item) -> Member | None:
    """What the machine says of its group's images; None while it is not up, or where it is not known."""
    instance: Instance = item.obj
    if not instance.observed or not instance.image or instance.launched is None or instance.state not in UP:
        return None
    return Member(instance.launched, instance.uid, instance.image)


def old_image(item: Item, world: World) -> Claim | None:
    """The machine's image was in use before the newest one, and no machine was launched with it since."""
    group = group_of(item)
    newest = world.generations.newest(group) if group is not None else None
    if newest is None or item.obj.image not in newest.old or member_of(item) is None:
        return None
    if not world.knows(item.ref.source, "instance"):
        return None
    detail = f"{item.obj.image}; {newest.member.uid}, the newest of its group, has {newest.member.image}"
    return Claim(1, detail, item.node, since=newest.since)
