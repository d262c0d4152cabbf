"""What is carried as records: to its owner, and a volume to the pods that claim it."""

from __future__ import annotations

from console.item import Item
from console.joins.claims import VOLUME, Claims
from console.joins.index import Index
from console.joins.owned import Owned, owner_uid
from providers.model import Record


class Records(Owned):
    """Binds records."""

    def __init__(self, owners: Index, claims: Claims) -> None:
        super().__init__(owners)
        self._claims = claims

    def add(self, item: Item) -> None:
        """It is there."""
        super().add(item)
        if item.ref.kind == VOLUME:
            self._claims.add_volume(item, item.obj)

    def remove(self, item: Item) -> None:
        """It is gone."""
        super().remove(item)
        if item.ref.kind == VOLUME:
            self._claims.remove_volume(item, item.obj)

    def change(self, item: Item, old: Record, new: Record) -> None:
        """It says something else than before."""
        super().change(item, old, new)
        if item.ref.kind == VOLUME and _claimed_by(old) != _claimed_by(new):
            self._claims.remove_volume(item, old)
            self._claims.add_volume(item, new)


def _claimed_by(volume: Record) -> tuple[object, ...]:
    """What a volume's pods are found by."""
    return (volume.labels, owner_uid(volume))
