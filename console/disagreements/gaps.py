"""What has its other side where nobody here looks: nothing is claimed of it, and that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from console.disagreements import absences, declared
from console.disagreements.coverage import looks_at_machines
from console.disagreements.world import World
from console.item import Item
from console.source import SourceState
from providers.model import Kind, Ref

_ELSEWHERE: Mapping[Kind, Callable[[Item, World], bool]] = {
    "node": absences.is_elsewhere,
    "instance": declared.is_elsewhere,
}
_MISSED: Mapping[Kind, str] = {"node": "machines", "instance": "declarations"}


class Gaps:
    """Nodes and declarations that can't be judged, by their sources and kinds."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, Kind], set[Ref]] = {}

    def put(self, ref: Ref, item: Item | None, world: World) -> None:
        """The object is like that now, None: not at all."""
        if item is not None and _ELSEWHERE[ref.kind](item, world):
            self._of.setdefault((ref.source, ref.kind), set()).add(ref)
        elif found := self._of.get((ref.source, ref.kind)):
            found.discard(ref)

    def of(self, state: SourceState) -> list[str]:
        """What can't be judged of a source though it is known: "machines", "declarations", "pods"."""
        words = [word for kind, word in _MISSED.items() if self._of.get((state.name, kind))]
        return ["pods", *words] if state.info.namespaces else words

    def everywhere(self, sources: Iterable[SourceState]) -> str:
        """Why nothing can be compared at all: a whole side is not looked at. "" where both are."""
        states = list(sources)
        if not states:
            return ""
        declarations = sum(len(found) for (_, kind), found in self._of.items() if kind == "instance")
        if not any(map(looks_at_machines, states)):
            number = f"{declarations:,} declarations" if declarations != 1 else "1 declaration"
            told = f", {number} can't be judged" if declarations else ""
            listed = any("instance" in state.info.kinds for state in states)
            return f"no {'cloud' if listed else 'source of instances'} is looked at{told}"
        sides = [state for state in states if not state.info.kinds or "node" in state.info.kinds]
        declaring = any(not looks_at_machines(state) and "instance" in state.info.kinds for state in states)
        return "" if sides or declaring else "no cluster is looked at"
