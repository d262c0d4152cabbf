"""What rules may ask beside the object: the time, what is completely known, and how its siblings stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.disagreements.coverage import Coverage
from console.disagreements.generations import Generations
from console.disagreements.siblings import Siblings
from providers.model import Kind

if TYPE_CHECKING:
    from console.fleet import Fleet


class World:
    """The fleet as rules see it. Only the lens changes it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.now = fleet.now()
        self.siblings = Siblings()
        self.generations = Generations()
        self.coverage = Coverage(self)
        self._known: dict[tuple[str, Kind], bool] = {}

    def begin_round(self) -> None:
        """Something changed: what was found out of sources is found out again, once each."""
        self.now = self.fleet.now()
        self.coverage.forget()
        self._known.clear()

    def knows(self, source: str, kind: Kind) -> bool:
        """Whether everything of that kind of that source is known and current: absence can be claimed."""
        asked = (source, kind)
        if asked not in self._known:
            state = self.fleet.sources.get(source)
            self._known[asked] = state is not None and state.knows(kind)
        return self._known[asked]
