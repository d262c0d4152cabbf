"""How one source is: what it said of itself, how healthy it is, and the objects it brought."""

from __future__ import annotations

from collections.abc import Mapping

from console.item import Item
from providers.model import Health, Kind, Ref, Schema, SourceInfo

SOURCE_KIND: Kind = "source"
"""The kind under which sources themselves are rows."""

_NO_ITEMS: dict[str, Item] = {}
_STOPPED = frozenset({"lagging", "lost", "denied"})


class SourceState:
    """One source. Only the fleet changes it."""

    def __init__(self, name: str, at: float) -> None:
        self.name = name
        self.known_since = at
        """When it was first heard of, seconds since the epoch."""
        self.info = SourceInfo(name=name, provider="")
        self.health = Health(state="connecting", since=at)
        """Of the source as a whole."""
        self.kinds: dict[Kind, Health] = {}
        """Of single kinds, where the source told of them."""
        self.heard: float | None = None
        """When it last said something, seconds since the epoch."""
        self.complete: set[Kind] = set()
        """Kinds that were whole at least once."""
        self.schemas: dict[Kind, Schema] = {}
        self.items: dict[Kind, dict[str, Item]] = {}
        """Kind → uid → item, as the source brought them."""
        self.derived: dict[Kind, dict[str, Item]] = {}
        """The same for what is worked out of them here."""
        self.whole_in: dict[Kind, int] = {}
        """The generation in which each kind was last complete."""
        self.item = Item(Ref(name, SOURCE_KIND, name), self.info, self, 0)
        """The source as a row."""
        self._stale: dict[Kind, float] = {}

    @property
    def live(self) -> bool:
        """Complete and current, as far as the source as a whole says."""
        return self.health.state == "live"

    @property
    def stale_since(self) -> float | None:
        """Since when it is not live although it was heard before; None while it first loads."""
        return self._stale.get("")

    def stale_since_of(self, kind: Kind) -> float | None:
        """Since when its objects of that kind may be out of date, None while they are current."""
        stale = self._stale
        if not stale:
            return None
        times = [stale[key] for key in ("", kind) if key in stale]
        return min(times) if times else None

    def health_of(self, kind: Kind) -> Health:
        """The health of one kind: its own where the source told, unless the whole source is worse."""
        own = self.kinds.get(kind)
        return self.health if own is None or self.health.state in _STOPPED else own

    def knows(self, kind: Kind) -> bool:
        """Whether all its objects of that kind are known and current: what is not there is absent."""
        return (
            kind in self.complete
            and self.health_of(kind).state == "live"
            and self.stale_since_of(kind) is None
        )

    def count(self, kind: Kind) -> int:
        """How many objects of that kind are known."""
        return len(self.table(kind))

    def table(self, kind: Kind) -> Mapping[str, Item]:
        """Uid → item of that kind, brought or worked out."""
        return self.items.get(kind) or self.derived.get(kind) or _NO_ITEMS

    def hear(self, at: float) -> None:
        """It said something at that time."""
        if self.heard is None or at > self.heard:
            self.heard = at

    def set_health(self, health: Health) -> bool:
        """Take its new health. True when rows begin or cease to be stale by it."""
        if health.kind:
            self.kinds[health.kind] = health
        else:
            self.health = health
        return self._mark(health)

    def _mark(self, health: Health) -> bool:
        before = self._stale.get(health.kind)
        if health.state == "live":
            self._stale.pop(health.kind, None)
        elif health.state in _STOPPED or (health.state == "connecting" and self.items):
            # Once stale, since the first moment: loading again does not make old rows current.
            self._stale.setdefault(health.kind, health.since)
        return self._stale.get(health.kind) != before

    def set_complete(self, kind: Kind) -> bool:
        """That kind is whole now. True when its rows cease to be stale by it."""
        self.complete.add(kind)
        return self._stale.pop(kind, None) is not None

    def forget_kinds(self) -> None:
        """Another engine will tell again how each kind is."""
        self.kinds.clear()
        for kind in [kind for kind in self._stale if kind]:
            self._stale.setdefault("", self._stale.pop(kind))
