"""What a machine costs an hour, and what many cost together: an unknown price never counts as zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from console.item import Item
from console.prices.table import on_demand
from providers.model import Instance, Kind

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars an hour, exactly, of some machines; they add up."""

    known: int = 0
    """Millionths of a US dollar an hour, of those whose price is known."""
    unknown: int = 0
    """How many there are whose price is not known."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.known + other.known, self.unknown + other.unknown)

    def words(self) -> str:
        """`$12.40/h`, `≥ $12.40/h, 3 unknown`, `unknown (3)`."""
        if not self.unknown:
            return f"{dollars(self.known)}/h"
        if not self.known:
            return f"unknown ({self.unknown:,})"
        return f"≥ {dollars(self.known)}/h, {self.unknown:,} unknown"

    @property
    def hourly(self) -> float | None:
        """US dollars an hour, None when any part of it is unknown."""
        return None if self.unknown else self.known / _MILLION


NOTHING = Cost()
UNKNOWN = Cost(unknown=1)


def dollars(millionths: int) -> str:
    """`$0.192`, `$1,204.50`: a tenth of a cent below 10 dollars."""
    places = 3 if millionths < 10 * _MILLION else 2
    step = 10 ** (6 - places)
    whole, part = divmod((millionths + step // 2) // step, 10**places)
    return f"${whole:,}.{part:0{places}}"


def cost_of(item: Item) -> Cost:
    """What it costs: an instance by its price, a node by its machine's. Any other kind costs nothing."""
    costs = _COSTS.get(item.ref.kind)
    return costs(item) if costs else NOTHING


def total(items: Iterable[Item]) -> Cost:
    """What they cost together: two nodes on one machine cost it once."""
    known = unknown = 0
    for machine in {item.instance or item for item in items}:
        cost = cost_of(machine)
        known += cost.known
        unknown += cost.unknown
    return Cost(known, unknown)


_CHARGED = frozenset({"running", "rebooting"})
_FREE = frozenset({"pending", "stopping", "stopped", "shutting-down", "terminated"})
"""States in which EC2 charges for no compute (EC2 User Guide, "Instance lifecycle": billing by state)."""


def _of_instance(item: Item) -> Cost:
    instance: Instance = item.obj
    if not instance.observed:
        # What runs of it is another row, which has the price.
        return NOTHING if item.twins else UNKNOWN
    if instance.state in _FREE:
        return NOTHING
    if instance.state not in _CHARGED:
        return UNKNOWN
    if instance.hourly is not None:
        return Cost(round(instance.hourly * _MILLION))
    if instance.lifecycle != "on-demand" or not _at_aws(item):
        return UNKNOWN
    return _listed(place_of(item), instance.type, instance.platform)


def from_table(item: Item) -> bool:
    """Whether an instance's price, where it has one, is the listed one and not its provider's word."""
    return item.obj.hourly is None


def _at_aws(item: Item) -> bool:
    """Other clouds have places and types of the same names."""
    return item.source.info.provider == "aws" or item.obj.provider_id.startswith("aws:")


def place_of(item: Item) -> str:
    """Where an instance's price is told: its region, or the local zone that it is in."""
    region = item.source.info.region
    zone = item.obj.zone.rstrip("abcdefghijklmnopqrstuvwxyz")
    return zone if zone.startswith(f"{region}-") else region


@cache
def _listed(place: str, type: str, platform: str) -> Cost:
    price = on_demand(place, type, platform)
    return UNKNOWN if price is None else Cost(price)


def _of_node(item: Item) -> Cost:
    return UNKNOWN if item.instance is None else _of_instance(item.instance)


_COSTS: dict[Kind, Callable[[Item], Cost]] = {"instance": _of_instance, "node": _of_node}
