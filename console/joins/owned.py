"""What has an owner, or may have one: filed by the uid of its controller."""

from __future__ import annotations

from typing import Any

from console.item import Item
from console.joins.index import Index


def owner_uid(obj: Any) -> str:
    """The uid of an object's controller, "" where it has none."""
    owner = getattr(obj, "owner", None)
    return "" if owner is None else owner.uid


class Owned:
    """Binds objects of any kind to their owners, and to nothing else."""

    def __init__(self, owners: Index) -> None:
        self._owners = owners

    def add(self, item: Item) -> None:
        """It is there."""
        self._owners.add(owner_uid(item.obj), item)

    def remove(self, item: Item) -> None:
        """It is gone."""
        self._owners.remove(owner_uid(item.obj), item)

    def change(self, item: Item, old: Any, new: Any) -> None:
        """It says something else than before."""
        if owner_uid(old) != owner_uid(new):
            self._owners.remove(owner_uid(old), item)
            self._owners.add(owner_uid(new), item)

    def tell(self, item: Item) -> None:
        """No other row shows anything of it."""
