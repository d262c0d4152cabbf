"""From an object to what it is joined to: a pod's machine, a machine's volumes, what else is in a zone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from console.item import Item
from console.joins.claims import VOLUME
from console.views.dimension import Group, dimension
from console.views.scope import MACHINE
from console.views.volumes import volumes_of
from providers.model import Owner

if TYPE_CHECKING:
    from console.fleet import Fleet
    from console.screens.deck import Deck


def machine_of(item: Item | None) -> Item | None:
    """The instance itself, or the one under a node or under a pod's node."""
    if item is None or item.kind == "instance":
        return item
    node = item.node if item.kind == "pod" else item
    return node.instance if node is not None else None


def to_instance(deck: Deck) -> None:
    """Put the cursor on the instance under the node or the pod."""
    machine = machine_of(deck.current)
    if machine is not None:
        deck.navigate.go_to(machine.ref)


def why_no_instance(deck: Deck) -> str:
    """Why there is no instance to go to."""
    if deck.current is None:
        return deck.why_no_object()
    return "" if machine_of(deck.current) is not None else "no instance is known for it"


async def to_volumes(deck: Deck) -> None:
    """Only the pod's own volumes; where it has none that are known, and for others, the machine's."""
    item, machine = deck.current, machine_of(deck.current)
    scope = replace(deck.scene.scope, sources=frozenset(), owner=None, pod=None)
    if item is not None and _has_its_own(item, deck.fleet_app.fleet):
        scope = replace(scope, pod=item.ref)
    elif machine is not None:
        scope = replace(scope, owner=Owner(kind=MACHINE, name=machine.name, uid=machine.ref.uid))
    else:
        return
    await deck.open_pane(VOLUME)
    deck.navigate.narrow(scope, VOLUME)


def why_no_volumes(deck: Deck) -> str:
    """Why there are no volumes to show."""
    item, machine = deck.current, machine_of(deck.current)
    if item is not None and _has_its_own(item, deck.fleet_app.fleet):
        return ""
    if machine is None:
        return why_no_instance(deck)
    return "" if volumes_of(machine, deck.fleet_app.fleet) else "no volume is known for it"


def _has_its_own(item: Item, fleet: Fleet) -> bool:
    return item.kind == "pod" and bool(fleet.volumes_of(item))


def to_zone(deck: Deck) -> None:
    """Narrow the pane to the zone of what is under the cursor."""
    zone = _zone(deck)
    if zone is not None and zone.value is not None:
        deck.navigate.go_into(zone)


def why_no_zone(deck: Deck) -> str:
    """Why there is no zone to narrow to."""
    if deck.current is None:
        return deck.why_no_object()
    zone = _zone(deck)
    return "" if zone is not None and zone.value is not None else "its zone is not known"


def _zone(deck: Deck) -> Group | None:
    """The objects of the same zone, None where the kind has none. Not a filter: zones may have any words."""
    item, view = deck.current, deck.pane.view
    return dimension(view, "zone").group(item) if item is not None and "zone" in view.fields else None
